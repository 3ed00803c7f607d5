import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';

// Who imports what. The project's own lint settings judge it, in a small house built for the purpose.
const allowed = [
  ['src/index.ts', './models/sequential.ts'],
  ['src/index.ts', './runtime/gpu.ts'],
  ['src/preprocessing/windows.ts', './numbers.ts'],
  ['src/preprocessing/windows.ts', '../runtime/errors.ts'],
  ['src/preprocessing/windows.ts', '../runtime/numbers.ts'],
  ['src/preprocessing/windows.ts', '../runtime/options.ts'],
  ['src/preprocessing/windows.ts', '../runtime/shape.ts'],
  ['src/formats/build-model.ts', '../index.ts'],
  ['src/formats/keras/keras-file.ts', '../../index.ts'],
  ['src/formats/keras/keras-file.ts', '../contents.ts'],
  ['src/formats/hdf5/hdf5.ts', 'h5wasm'],
  ['src/models/sequential.ts', './training/fit.ts'],
  ['src/models/sequential.ts', '../runtime/plan.ts'],
  ['src/models/streams/streams.ts', '../training/engine/engine.ts'],
  ['src/models/training/fit.ts', './engine/engine.ts'],
  ['src/models/training/fit.ts', '../execution/program.ts'],
  ['src/models/training/engine/engine.ts', '../../network/network.ts'],
  ['src/models/execution/program.ts', '../network/network.ts'],
  ['src/models/execution/layered/layered-program.ts', '../../operations/products/product.ts'],
  ['src/models/network/layers/lstm.ts', '../parameters.ts'],
  ['src/models/network/layers/lstm.ts', '../../operations/recurrence/cell.ts'],
  ['src/models/network/layers/lstm.ts', '../../../shaders/lstm/lstm-forward.ts'],
  ['src/models/operations/products/product.ts', '../dispatch-length.ts'],
  ['src/models/operations/products/product.ts', '../../../shaders/products/blocks.ts'],
  ['src/models/operations/products/product.ts', '../../../runtime/plan.ts'],
  ['src/shaders/optimizers/adam.ts', './adam.wgsl?raw'],
  ['src/shaders/optimizers/adam.ts', '../prelude/nan.wgsl?raw'],
  ['src/shaders/optimizers/adam.ts', '../../runtime/kernel.ts'],
  ['src/runtime/plan.ts', './tensor.ts'],
  ['src/runtime/gpu.ts', './autotune/tuning-cache.ts'],
  ['src/runtime/autotune/benchmark.ts', './stopwatch.ts'],
  ['src/runtime/autotune/benchmark.ts', '../plan.ts'],
  ['demo/story.ts', './experiments/memory.ts'],
  ['demo/drawing/plot.ts', 'uplot'],
  ['demo/training/jobs/tape.ts', '../../../src/index.ts'],
  ['demo/training/jobs/tape.ts', '../../experiments/run/index.ts'],
  ['demo/experiments/memory.ts', './words.ts'],
  ['demo/experiments/memory.ts', './data/sequences.ts'],
  ['demo/experiments/definitions/memory.ts', '../experiment.ts'],
  ['demo/experiments/definitions/memory.ts', '../judging/claims.ts'],
  ['demo/experiments/run/memory.ts', '../experiment.ts'],
  ['demo/experiments/run/memory.ts', '../data/sequences.ts'],
  ['demo/experiments/run/memory.ts', './network.ts'],
  ['demo/experiments/run/memory.ts', '../../../src/index.ts'],
  ['demo/training/jobs/forecast.ts', '../../../src/index.ts'],
  ['demo/training/jobs/forecast.ts', '../../../src/preprocessing/index.ts'],
  ['demo/training/jobs/open-model.ts', '../../../src/formats/index.ts'],
  ['headless/run.ts', '../src/index.ts'],
  ['headless/run.ts', '../demo/experiments/memory.ts'],
  ['bench/contenders/ours.ts', '../../src/index.ts'],
  ['bench/contenders/tfjs.ts', 'some-package'],
  ['bench/run.ts', '../headless/launch-browser.ts'],
];
const forbidden = [
  ['src/index.ts', '../demo/story.ts'],
  ['src/index.ts', 'some-package'],
  ['src/index.ts', './preprocessing/windows.ts'],
  ['src/index.ts', './formats/build-model.ts'],
  ['src/formats/build-model.ts', '../models/sequential.ts'],
  ['src/formats/keras/keras-file.ts', '../../models/sequential.ts'],
  ['src/formats/keras/keras-file.ts', '../../runtime/errors.ts'],
  ['src/formats/hdf5/hdf5.ts', 'some-package'],
  ['src/models/sequential.ts', '../formats/build-model.ts'],
  ['src/preprocessing/windows.ts', '../index.ts'],
  ['src/preprocessing/windows.ts', '../models/network/arrays.ts'],
  ['src/preprocessing/windows.ts', '../runtime/gpu.ts'],
  ['src/preprocessing/windows.ts', '../runtime/tensor.ts'],
  ['src/preprocessing/windows.ts', 'some-package'],
  ['src/models/sequential.ts', '../index.ts'],
  ['src/models/sequential.ts', '../preprocessing/windows.ts'],
  ['src/models/training/fit.ts', '../../preprocessing/windows.ts'],
  ['src/models/execution/program.ts', '../../preprocessing/windows.ts'],
  ['src/models/network/network.ts', '../../preprocessing/windows.ts'],
  ['src/models/operations/products/product.ts', '../../../preprocessing/windows.ts'],
  ['src/shaders/optimizers/adam.ts', '../../preprocessing/windows.ts'],
  ['src/models/streams/streams.ts', '../model.ts'],
  ['src/models/training/fit.ts', '../streams/streams.ts'],
  ['src/models/execution/program.ts', '../streams/streams.ts'],
  ['src/runtime/plan.ts', '../preprocessing/windows.ts'],
  ['src/models/training/fit.ts', '../sequential.ts'],
  ['src/models/training/fit.ts', '../model.ts'],
  ['src/models/training/fit.ts', '../../index.ts'],
  ['src/models/training/engine/engine.ts', 'some-package'],
  ['src/models/training/engine/engine.ts', '../../../shaders/optimizers/adam.wgsl?raw'],
  ['src/models/execution/program.ts', '../sequential.ts'],
  ['src/models/execution/program.ts', '../training/fit.ts'],
  ['src/models/execution/layered/layered-program.ts', '../../training/engine/engine.ts'],
  ['src/models/execution/layered/layered-program.ts', 'some-package'],
  ['src/models/network/network.ts', '../sequential.ts'],
  ['src/models/network/network.ts', '../training/fit.ts'],
  ['src/models/network/network.ts', '../execution/program.ts'],
  ['src/models/network/layers/lstm.ts', '../../execution/program.ts'],
  ['src/models/network/layers/lstm.ts', '../../training/engine/engine.ts'],
  ['src/models/network/layers/lstm.ts', '../../../index.ts'],
  ['src/models/network/layers/lstm.ts', '../../../shaders/lstm/lstm-forward.wgsl?raw'],
  ['src/models/network/layers/lstm.ts', '../../../../test/harness/random.ts'],
  ['src/models/network/layers/lstm.ts', 'some-package'],
  ['src/models/operations/products/product.ts', '../../sequential.ts'],
  ['src/models/operations/products/product.ts', '../../training/fit.ts'],
  ['src/models/operations/products/product.ts', '../../execution/program.ts'],
  ['src/models/operations/products/product.ts', '../../network/parameters.ts'],
  ['src/models/operations/products/product.ts', '../../../shaders/products/product-workgroup-tiled.wgsl?raw'],
  ['src/models/operations/products/product.ts', 'some-package'],
  ['src/shaders/optimizers/adam.ts', '../../models/sequential.ts'],
  ['src/shaders/optimizers/adam.ts', '../../index.ts'],
  ['src/shaders/optimizers/adam.ts', '../../../test/harness/random.ts'],
  ['src/shaders/optimizers/adam.ts', 'some-package'],
  ['src/runtime/plan.ts', '../shaders/optimizers/adam.ts'],
  ['src/runtime/plan.ts', '../shaders/optimizers/adam.wgsl?raw'],
  ['src/runtime/plan.ts', '../models/sequential.ts'],
  ['src/runtime/plan.ts', '../index.ts'],
  ['src/runtime/plan.ts', 'some-package'],
  ['src/runtime/autotune/benchmark.ts', '../../models/sequential.ts'],
  ['src/runtime/autotune/benchmark.ts', '../../shaders/optimizers/adam.ts'],
  ['src/runtime/autotune/benchmark.ts', '../../index.ts'],
  ['src/runtime/autotune/benchmark.ts', 'some-package'],
  ['demo/story.ts', '../src/index.ts'],
  ['demo/story.ts', './experiments/run/index.ts'],
  ['demo/story.ts', '../test/harness/random.ts'],
  ['demo/pictures/post/events.ts', '../../../src/index.ts'],
  ['demo/training/jobs/tape.ts', '../../../src/runtime/gpu.ts'],
  ['demo/experiments/memory.ts', '../../src/index.ts'],
  ['demo/experiments/memory.ts', './run/network.ts'],
  ['demo/experiments/memory.ts', '../page/address.ts'],
  ['demo/experiments/memory.ts', 'uplot'],
  ['demo/experiments/definitions/memory.ts', '../run/network.ts'],
  ['demo/experiments/definitions/memory.ts', '../../page/address.ts'],
  ['demo/experiments/judging/memory.ts', '../../../src/index.ts'],
  ['demo/experiments/data/memory.ts', 'uplot'],
  ['demo/experiments/run/memory.ts', '../../../src/models/sequential.ts'],
  ['demo/experiments/run/memory.ts', '../../training/client.ts'],
  ['demo/training/jobs/forecast.ts', '../../../src/models/sequential.ts'],
  ['demo/training/jobs/forecast.ts', '../../../src/preprocessing/windows.ts'],
  ['demo/training/jobs/forecast.ts', '../../../test/harness/random.ts'],
  ['demo/story.ts', '../src/preprocessing/index.ts'],
  ['demo/training/jobs/open-model.ts', '../../../src/formats/load-model.ts'],
  ['demo/lab/import/events.ts', '../../../src/formats/index.ts'],
  ['headless/run.ts', '../src/models/sequential.ts'],
  ['headless/run.ts', '../bench/run.ts'],
  ['demo/story.ts', '../bench/works/index.ts'],
  ['bench/contenders/ours.ts', '../../src/models/sequential.ts'],
  ['bench/contenders/ours.ts', '../../test/harness/random.ts'],
];

// What the other rules of the house must find: the rule, the file, the line.
const offences = [
  ['eslint(no-console)', 'src/runtime/talk.ts', `console.log('here');`],
  ['eslint(no-restricted-globals)', 'src/runtime/node.ts', `export const here = process;`],
  ['eslint(no-restricted-globals)', 'src/runtime/usage.ts', `export const usage = GPUBufferUsage.STORAGE;`],
  ['import(no-cycle)', 'src/models/hen.ts', `export type { Egg as Hen } from './egg.ts';`],
  ['import(no-cycle)', 'src/models/egg.ts', `export type { Hen as Egg } from './hen.ts';`],
  ['typescript(no-floating-promises)', 'src/runtime/read.ts', `Promise.resolve(1);`],
];

const importLine = (imported: string) => `export * from '${imported}';`;
const house = new Map<string, string[]>();
const findings = new Map<string, string[]>();

beforeAll(async () => {
  for (const [path, imported] of [...allowed, ...forbidden]) build(path, importLine(imported));
  for (const [, path, line] of offences) build(path, line);

  const folder = await mkdtemp(join(tmpdir(), 'layering-'));
  await copyFile('.oxlintrc.json', join(folder, '.oxlintrc.json'));
  for (const [path, lines] of house) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), lines.join('\n'));
  }
  await lint(folder);
  await rm(folder, { recursive: true });
});

test.each(allowed)('%s may import %s', (path, imported) => {
  expect(findingsAt(path, importLine(imported))).not.toContain('eslint(no-restricted-imports)');
});

test.each(forbidden)('%s may not import %s', (path, imported) => {
  expect(findingsAt(path, importLine(imported))).toContain('eslint(no-restricted-imports)');
});

test.each(offences)('%s finds its offence in %s', (rule, path, line) => {
  expect(findingsAt(path, line)).toContain(rule);
});

function build(path: string, line: string): void {
  house.set(path, [...(house.get(path) ?? []), line]);
}

/** Runs oxlint over the folder and notes which rules complained in which line of which file. */
async function lint(folder: string): Promise<void> {
  const oxlint = resolve('node_modules/oxlint/bin/oxlint');
  // Its exit status only tells that it found something, which it is here to do.
  const report = await new Promise<string>((done) => {
    execFile(process.execPath, [oxlint, '--format', 'json'], { cwd: folder }, (_status, stdout) => done(stdout));
  });
  const { diagnostics } = JSON.parse(report) as {
    diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[];
  };
  for (const { code, filename, labels } of diagnostics) {
    const place = `${filename.replaceAll('\\', '/')}:${labels[0].span.line}`;
    findings.set(place, [...(findings.get(place) ?? []), code]);
  }
}

function findingsAt(path: string, line: string): string[] {
  const number = (house.get(path) ?? []).indexOf(line) + 1;
  return findings.get(`${path}:${number}`) ?? [];
}
