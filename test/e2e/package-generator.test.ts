import { execFile } from 'node:child_process';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { packagedChromium } from '../../headless/packaged-chromium.ts';
import { denoEnvironment, denoProgram } from '../deno/deno-program.ts';
import { browseBuild } from './browse-build.ts';

/** The file that the library loads when a small model generates steps. */
const FILE = 'lstm-webgpu-generator.js';

// A program that generates steps in a single stream, so many that a software adapter runs them inside a workgroup.
const program = `
import * as library from './lstm-webgpu.js';
const { dense, embedding, lstm, requestGpu, sequential } = library;

export async function generate(schedule) {
  const gpu = await requestGpu();
  const layers = [
    embedding({ inputDim: 7, outputDim: 4 }),
    lstm({ units: 8, stateful: true, returnSequences: true }),
    dense({ units: 7, activation: 'softmax' }),
  ];
  const model = await sequential(gpu, { inputShape: [null], slots: 2, layers, seed: 1, schedule });
  const stream = model.openStream();
  await stream.push(2);
  try {
    const { classes } = await stream.generate(400, { sample: { seed: 3 } });
    return { classes: [...classes], decision: model.explain().at(-1).decision };
  } catch (error) {
    const { name, message, cause } = error;
    const isOwn = error instanceof library.UnsupportedError;
    return { name, message, isOwn, cause: cause.message, steps: stream.steps, after: (await stream.push(1)).shape };
  } finally {
    gpu.dispose();
  }
}`;

const page = (script: string) => `<!doctype html>
<link rel="icon" href="data:,">
<script type="module">${script}</script>`;

const both = '[await generate(), await generate("layered")]';
const inPage = (module: string) => page(`import { generate } from '${module}'; globalThis.outcome = ${both};`);
const inWorker = `
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
worker.onerror = ({ message }) => reportError(new Error(message));
worker.onmessage = ({ data }) => (globalThis.outcome = data);`;

// As in a user's Chrome, which clamps indices.
const built = browseBuild(
  {
    'program.js': program,
    'worker.js': `import { generate } from './program.js'; postMessage(${both});`,
    'in-worker.js': inWorker,
    'direct.html': inPage('./program.js'),
    'worker.html': page(`import './in-worker.js';`),
    'whole.html': inPage('./whole/program.js'),
    'split.html': inPage('./split/program.js'),
  },
  [],
);

/** What the program gives in a page, and the files that the page loads for it. */
async function outcomeOf(name: string): Promise<{ outcome: unknown; files: string[] }> {
  const tab = await built.browser.newPage();
  const files: string[] = [];
  tab.on('request', (request) => files.push(new URL(request.url()).pathname.slice(1)));
  tab.on('pageerror', (error) => expect.unreachable(String(error)));
  await tab.goto(built.url + name);
  const handle = await tab.waitForFunction(() => (globalThis as { outcome?: unknown }).outcome);
  const outcome: unknown = await handle.jsonValue();
  await tab.close();
  return { outcome, files };
}

/** Checks that both schedules were run, and drew the same classes. */
function expectGenerated(outcome: unknown): void {
  const [{ classes, decision }, layered] = outcome as { classes: number[]; decision: string }[];
  expect([decision, layered.decision]).toEqual(['resident', 'layered']);
  expect(classes).toHaveLength(400);
  expect(new Set(classes).size).toBe(7);
  expect(classes).toEqual(layered.classes);
}

test('the library loads the file beside it when a small model generates many steps, and not before', async () => {
  const { outcome, files } = await outcomeOf('direct.html');
  expectGenerated(outcome);
  expect(files).toEqual(['direct.html', 'program.js', 'lstm-webgpu.js', FILE]);
});

test('so it does in a module worker', async () => {
  const { outcome, files } = await outcomeOf('worker.html');
  expectGenerated(outcome);
  expect(files.slice(0, 3)).toEqual(['worker.html', 'in-worker.js', 'worker.js']);
});

test('a bundle in one file has it, and one that is split loads it later', async () => {
  const options = { entryPoints: [join(built.folder, 'program.js')], bundle: true, minify: true };
  const folderOf = (name: string) => join(built.folder, name);
  await esbuild.build({ ...options, format: 'esm', outdir: folderOf('whole') });
  await esbuild.build({ ...options, format: 'esm', outdir: folderOf('split'), splitting: true });
  const whole = await outcomeOf('whole.html');
  expectGenerated(whole.outcome);
  expect(whole.files).toEqual(['whole.html', 'whole/program.js']);
  const split = await outcomeOf('split.html');
  expectGenerated(split.outcome);
  expect(split.files.at(-1)).toMatch(/^split\/lstm-webgpu-generator-\w+\.js$/);
});

test('Vite bundles it for a page and for a worker', async () => {
  const outDir = join(built.folder, 'vite');
  await build({
    configFile: false,
    logLevel: 'error',
    root: built.folder,
    base: './',
    // Else the worker would be a classic script, for which older versions of Vite bundle no code that is loaded later.
    worker: { format: 'es' },
    build: {
      outDir,
      rolldownOptions: { input: ['direct.html', 'worker.html'].map((name) => join(built.folder, name)) },
    },
  });
  const direct = await outcomeOf('vite/direct.html');
  expectGenerated(direct.outcome);
  expect(direct.files.at(-1)).toMatch(/^vite\/assets\/lstm-webgpu-generator-.*\.js$/);
  expectGenerated((await outcomeOf('vite/worker.html')).outcome);
});

test('without the file those steps fail and say what to do, and the stream goes on', async () => {
  const file = join(built.folder, FILE);
  await rename(file, `${file}.away`);
  const { outcome } = await outcomeOf('direct.html');
  await rename(`${file}.away`, file);
  const [failed, layered] = outcome as object[];
  expect(failed).toEqual({
    name: 'UnsupportedError',
    isOwn: true,
    message:
      'stream.generate: lstm-webgpu-generator.js cannot be loaded. Put that file of the package beside lstm-webgpu.js, or ' +
      'build the model with schedule: "layered".',
    cause: expect.stringContaining(FILE) as string,
    steps: 1,
    after: [7],
  });
  expect(layered).toMatchObject({ decision: 'layered' });
});

const isPackaged = process.platform === 'linux' && process.arch === 'x64';

test.skipIf(!isPackaged)(
  'Node and Deno load it too, on the software GPU of the packaged Chrome for Linux on x64',
  async () => {
    const modules = join(built.folder, 'node_modules');
    await mkdir(modules);
    await symlink(join(process.cwd(), 'node_modules', 'webgpu'), join(modules, 'webgpu'));
    await writeFile(join(built.folder, 'package.json'), '{ "type": "module" }');
    const script = `import { generate } from './program.js'; console.log(JSON.stringify(${both}));`;
    await writeFile(join(built.folder, 'script.js'), script);
    const home = dirname((await packagedChromium())!.executablePath);
    const run = async (file: string, ...args: string[]) => {
      const { stdout } = await promisify(execFile)(file, [...args, 'script.js'], {
        cwd: built.folder,
        env: denoEnvironment(home),
      });
      return JSON.parse(stdout) as unknown;
    };
    expectGenerated(await run(process.execPath));
    expectGenerated(await run(denoProgram()!, 'run', '--allow-all'));
  },
);
