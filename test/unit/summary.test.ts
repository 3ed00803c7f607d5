import { expect, test } from 'vitest';
import { activation, bidirectional, dense, lstm, requestGpu, sequential } from '../../src/index.ts';
import { stubDevice } from '../harness/stub-device.ts';

const zeros = { kernelInitializer: 'zeros', recurrentInitializer: 'zeros' } as const;

async function makeModel() {
  const gpu = await requestGpu({ device: stubDevice().device, tuning: 'off' });
  const layers = [
    bidirectional(lstm({ units: 100, returnSequences: true, ...zeros }), { mergeMode: 'sum' }),
    lstm({ units: 10, stateful: true, name: 'memory', ...zeros }),
    dense({ units: 1 }),
    activation('sigmoid'),
  ];
  return sequential(gpu, { inputShape: [null, 3], batchSize: 2, layers });
}

test('summary() is a table of the layers, their output shapes and their parameters', async () => {
  const model = await makeModel();
  expect(model.summary()).toBe(
    `
Layer (type)                    Output shape          Parameters
────────────────────────────────────────────────────────────────
bidirectional (bidirectional)   [samples, any, 100]       83,200
memory (lstm)                   [samples, 10]              4,440
dense (dense)                   [samples, 1]                  11
activation (activation)         [samples, 1]                   0
────────────────────────────────────────────────────────────────
Total parameters: 87,651 (342.39 KiB)`.slice(1),
  );
});

test('layers tells the same as data, with the options that were given', async () => {
  const model = await makeModel();
  expect(model.layers).toEqual([
    {
      name: 'bidirectional',
      type: 'bidirectional',
      outputShape: [null, 100],
      parameterCount: 83_200,
      options: {
        layer: { type: 'lstm', options: { units: 100, returnSequences: true, ...zeros } },
        mergeMode: 'sum',
      },
    },
    {
      name: 'memory',
      type: 'lstm',
      outputShape: [10],
      parameterCount: 4440,
      options: { units: 10, stateful: true, name: 'memory', ...zeros },
    },
    { name: 'dense', type: 'dense', outputShape: [1], parameterCount: 11, options: { units: 1 } },
    { name: 'activation', type: 'activation', outputShape: [1], parameterCount: 0, options: { activation: 'sigmoid' } },
  ]);
  const weights = model.layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
  expect(weights).toBe(model.parameterCount);
});

test('a model tells as text and as JSON what it is made of', async () => {
  const model = await makeModel();
  expect(String(model)).toBe(
    'Model [any, 3] → bidirectional [any, 100] → memory [10] → dense [1] → activation [1], 87651 parameters',
  );
  expect(JSON.parse(JSON.stringify(model))).toEqual({
    inputShape: [null, 3],
    batchSize: 2,
    layers: model.layers,
    parameterCount: 87_651,
  });
});
