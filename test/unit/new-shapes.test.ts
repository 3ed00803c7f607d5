import { describe, expect, test, vi } from 'vitest';
import {
  activation,
  adam,
  bidirectional,
  dense,
  dropout,
  embedding,
  gru,
  lstm,
  masking,
  requestGpu,
  sequential,
  simpleRnn,
  type Model,
  type SequentialOptions,
} from '../../src/index.ts';
import { randomSeed, rng } from '../harness/random.ts';
import { CARD, stubDevice, SWIFTSHADER } from '../harness/stub-device.ts';

type Layers = SequentialOptions['layers'];

/** Models whose number of timesteps is open, of four features or of indices. */
const MODELS: Record<string, { layers: Layers; takesIndices?: boolean; sequences?: boolean }> = {
  'LSTM of 10 units': { layers: [lstm({ units: 10 }), dense({ units: 1, activation: 'sigmoid' })] },
  'LSTM of 32 units': { layers: [lstm({ units: 32 }), dense({ units: 1, activation: 'sigmoid' })] },
  'LSTM of 200 units, which is stepped': { layers: [lstm({ units: 200 }), dense({ units: 1, activation: 'sigmoid' })] },
  'LSTM with an output for each step': {
    layers: [lstm({ units: 12, returnSequences: true }), dense({ units: 1, activation: 'sigmoid' })],
    sequences: true,
  },
  'two LSTM layers': {
    layers: [
      lstm({ units: 12, returnSequences: true }),
      lstm({ units: 12 }),
      dense({ units: 1, activation: 'sigmoid' }),
    ],
  },
  'GRU with dropout': {
    layers: [
      gru({ units: 9, dropout: 0.2, recurrentDropout: 0.1 }),
      dropout({ rate: 0.3 }),
      dense({ units: 1 }),
      activation('sigmoid'),
    ],
  },
  'simple RNN, backwards': {
    layers: [simpleRnn({ units: 9, goBackwards: true }), dense({ units: 1, activation: 'sigmoid' })],
  },
  'bidirectional LSTM behind a mask': {
    layers: [masking({ maskValue: 0 }), bidirectional(lstm({ units: 8 })), dense({ units: 1, activation: 'sigmoid' })],
  },
  'embedding with a mask': {
    layers: [
      embedding({ inputDim: 7, outputDim: 5, maskZero: true }),
      lstm({ units: 8 }),
      dense({ units: 1, activation: 'sigmoid' }),
    ],
    takesIndices: true,
  },
};

const CALLS = {
  trainOnBatch: (model: Model, x: number[][][], y: number[][]) => model.trainOnBatch(x, y),
  testOnBatch: (model: Model, x: number[][][], y: number[][]) => model.testOnBatch(x, y),
  predictOnBatch: (model: Model, x: number[][][]) => model.predictOnBatch(x),
  fit: (model: Model, x: number[][][], y: number[][]) => model.fit(x, y, { epochs: 1, batchSize: x.length }),
  predict: (model: Model, x: number[][][]) => model.predict(x, { batchSize: x.length }),
};

async function modelOn(
  adapterInfo: typeof SWIFTSHADER | typeof CARD,
  { layers, takesIndices }: (typeof MODELS)[string],
) {
  const { device } = stubDevice({ adapterInfo });
  const compile = vi.spyOn(device, 'createComputePipelineAsync');
  const gpu = await requestGpu({ device, tuning: 'off' });
  const model = await sequential(gpu, { inputShape: takesIndices ? [null] : [null, 4], layers, seed: 1 });
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  return { model, compiled: () => compile.mock.calls.length };
}

describe.each(Object.entries(MODELS))('%s on a software adapter:', (_, form) => {
  test.each(Object.keys(CALLS) as (keyof typeof CALLS)[])(
    '%s compiles once more at most for 30 lengths and batch sizes after the first',
    async (name) => {
      const random = rng(randomSeed());
      const { model, compiled } = await modelOn(SWIFTSHADER, form);
      const call = (rows: number, steps: number) => {
        const step = () => (form.takesIndices ? random.integer(0, 6) : [1, 2, 3, 4].map(() => random.uniform(-1, 1)));
        const x = Array.from({ length: rows }, () => Array.from({ length: steps }, step)) as number[][][];
        const y = x.map((sample) =>
          form.sequences ? sample.map(() => [random.integer(0, 1)]) : [random.integer(0, 1)],
        );
        return CALLS[name](model, x, y as number[][]);
      };
      await call(2, 5);
      let waited = 0;
      for (let steps = 1; steps <= 30; steps++) {
        const before = compiled();
        await call(random.integer(1, 2), steps);
        if (compiled() > before) waited++;
      }
      expect(waited).toBeLessThanOrEqual(1);
    },
  );
});

test('models of other widths share all general kernels', async () => {
  const { device } = stubDevice({ adapterInfo: SWIFTSHADER });
  const compile = vi.spyOn(device, 'createComputePipelineAsync');
  const gpu = await requestGpu({ device, tuning: 'off' });
  const train = async (features: number, units: number, classes: number) => {
    const layers = [lstm({ units, dropout: 0.1 }), dense({ units: classes, activation: 'softmax' })];
    const model = await sequential(gpu, { inputShape: [null, features], layers, seed: 1 });
    model.compile({ optimizer: adam(), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
    compile.mockClear();
    await model.trainOnBatch(
      [[Array<number>(features).fill(1)]],
      [Array.from({ length: classes }, (_, k) => +(k === 0))],
    );
    return compile.mock.calls.map(([{ label }]) => label!);
  };
  expect(await train(20, 12, 3)).toContainEqual(expect.stringMatching('^lstm-forward '));
  expect(await train(30, 16, 5)).toEqual([]);
});

test('a step that is waited for runs on kernels of its own after half a second, of which its submits are most', async () => {
  const { model, compiled } = await modelOn(SWIFTSHADER, MODELS['LSTM of 32 units']);
  const step = () => model.predictOnBatch([[[1, 2, 3, 4]]]);
  await step();
  const general = compiled();
  for (let n = 0; n < 100; n++) await step();
  expect(compiled()).toBe(general);
  for (let n = 0; n < 400; n++) await step();
  await vi.waitFor(() => expect(compiled()).toBeGreaterThan(general));
});

test('a card compiles kernels for each shape at once', async () => {
  const { model, compiled } = await modelOn(CARD, MODELS['LSTM with an output for each step']);
  await model.predictOnBatch([[[1, 2, 3, 4]]]);
  const before = compiled();
  await model.predictOnBatch([
    [
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ],
  ]);
  expect(compiled()).toBeGreaterThan(before);
});
