import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { requestGpu, trainMany, type Logs, type Progress, type ProgressOfMany } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const spec: ModelSpec = { inputShape: [3, 2], layers: lstmAndHead(4, false) };
const adam: ModelSpec = { ...spec, optimizer: { kind: 'adam', learningRate: 0.02 } };
const data = (count: number) => makeSamples(rng(randomSeed()), spec, count);

/** A clock that goes on by so many milliseconds whenever it is read; with 0 no report is due, with many each is. */
function clockOf(step: number): void {
  let now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => (now += step));
}

describe('onProgress of fit', () => {
  test('tells where fit is, and at last that it is through', async () => {
    const model = await makeModel(spec);
    const { x, y } = data(20);
    const heard: Progress[] = [];
    clockOf(300);
    const { history } = await model.fit(x, y, {
      batchSize: 2,
      epochs: 3,
      onProgress: (progress) => void heard.push(progress),
    });
    const [first, ...others] = heard.filter(({ phase }) => phase !== 'compiling');
    expect(first).toMatchObject({ phase: 'training', epoch: 0, batch: 1, loss: expect.any(Number) as number });
    expect(first.updatesPerSecond).toBeGreaterThan(0);
    expect(first.remainingSeconds).toBeUndefined();
    expect(others).toHaveLength(30);
    for (const progress of others) {
      expect(progress.epochs).toBe(3);
      expect(progress.batches).toBe(10);
      expect(progress.remainingSeconds).toBeGreaterThanOrEqual(0);
      expect(progress.updatesPerSecond).toBeGreaterThan(0);
    }
    expect(others.at(-1)).toMatchObject({
      phase: 'training',
      epoch: 2,
      batch: 10,
      loss: history.loss[2],
      accuracy: history.accuracy[2],
      remainingSeconds: 0,
    });
  });

  test('keeps its interval over short epochs', async () => {
    const model = await makeModel(adam);
    const { x, y } = data(8);
    const heard: Progress[] = [];
    clockOf(0);
    const onProgress = (progress: Progress) => void (progress.phase === 'training' && heard.push(progress));
    const { history } = await model.fit(x, y, { epochs: 50, onProgress });
    expect(heard).toMatchObject([{ epoch: 49, epochs: 50, batch: 1, batches: 1, loss: history.loss[49] }]);
  });

  test('tells training from validation', async () => {
    const model = await makeModel(spec);
    const { x, y } = data(6);
    const heard: [phase: string, batch: number, loss: number | undefined][] = [];
    clockOf(300);
    const { history } = await model.fit(x, y, {
      batchSize: 3,
      epochs: 2,
      validationData: [x, y],
      onProgress: ({ phase, batch, loss }) => void heard.push([phase, batch, loss]),
    });
    const epoch = (loss: number) => [
      ['training', 1, expect.any(Number)],
      ['training', 2, loss],
      ['evaluating', 2, loss],
      ['evaluating', 2, loss],
    ];
    const [first, second] = history.loss;
    const running = heard.filter(([phase]) => phase !== 'compiling');
    expect(running).toEqual([...epoch(first), ...epoch(second), ['training', 2, second]]);
  });
});

describe('while kernels compile', () => {
  type Samples = [x: ReturnType<typeof data>['x'], y: ReturnType<typeof data>['y']];
  /** Lets what is held back of compilation go on. */
  let release: () => void;

  /** A model on a GPU that compiles the first kernel that it is given, and holds the others back. */
  async function onNewGpu(of: ModelSpec) {
    const gpu = await requestGpu({ tuning: 'off' });
    onTestFinished(() => gpu.dispose());
    const compile = gpu.device.createComputePipelineAsync.bind(gpu.device);
    const held = new Promise<void>((resolve) => (release = resolve));
    const model = await makeModel(of, gpu);
    let kernels = 0;
    vi.spyOn(gpu.device, 'createComputePipelineAsync').mockImplementation(async (descriptor) => {
      if (kernels++ > 0 || of === adam) await held;
      return compile(descriptor);
    });
    return model;
  }

  type Options = { onProgress: (progress: Progress | ProgressOfMany) => void };
  const runs: [name: string, run: (samples: Samples, options: Options) => Promise<unknown>][] = [
    ['fit', async (samples, options) => (await onNewGpu(spec)).fit(...samples, options)],
    ['evaluate', async (samples, options) => (await onNewGpu(spec)).evaluate(...samples, options)],
    ['trainMany', async (samples, options) => trainMany([await onNewGpu(adam)], ...samples, options)],
  ];
  test.each(runs)('%s tells at once and then a few times a second how many of how many have', async (name, run) => {
    const heard: Progress[] = [];
    // The first kernel compiles as fast as the machine can; all that follow it are held back.
    const beforeRelease = name === 'trainMany' ? 0 : 1;
    let held: Progress[] = [];
    const onProgress = (progress: Progress | ProgressOfMany) => {
      heard.push(progress as Progress);
      held = heard.filter(({ compiled }) => compiled === beforeRelease);
      if (held.length === 3) release();
    };
    const { x, y } = data(6);
    await run([x, y], { onProgress });
    expect(heard[0]).toMatchObject({ phase: 'compiling', compiled: 0, epoch: 0, batch: 0, batches: 1 });
    expect(held.length).toBeGreaterThanOrEqual(3);
    for (const { phase, kernels } of held) {
      expect(phase).toBe('compiling');
      expect(kernels).toBeGreaterThan(beforeRelease);
    }
    const rest = heard.filter(({ phase }) => phase !== 'compiling');
    expect(new Set(rest.map(({ phase }) => phase))).toEqual(new Set([name === 'evaluate' ? 'evaluating' : 'training']));
    for (const { kernels, compiled } of rest) expect([kernels, compiled]).toEqual([undefined, undefined]);
  });

  test('what an onProgress begins waits for them, and runs before the first batch', async () => {
    const [model, plain] = [await makeModel(spec), await makeModel(spec)];
    const { x, y } = data(6);
    const before = await plain.evaluate(x, y);
    const seen: Logs[] = [];
    const onProgress = async ({ phase }: Progress) => {
      if (phase === 'compiling' && seen.length === 0) seen.push(await model.evaluate(x, y));
    };
    expect(await model.fit(x, y, { onProgress })).toEqual(await plain.fit(x, y));
    expect(seen).toEqual([before]);
    expect(await weightsOf(model)).toEqual(await weightsOf(plain));
  });

  test('stopTraining ends fit before its first batch', async () => {
    const model = await makeModel(spec);
    const before = await weightsOf(model);
    const { x, y } = data(6);
    const { epoch } = await model.fit(x, y, { onProgress: () => void (model.stopTraining = true) });
    expect(epoch).toEqual([]);
    expect(await weightsOf(model)).toEqual(before);
  });
});
