import { describe, expect, onTestFinished, test } from 'vitest';
import { bidirectional, DisposedError, gru, lstm, requestGpu, sequential } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import type { LayerDefinition } from '../../../../src/models/network/layers/layer.ts';
import { gpu } from '../../gpu.ts';
import { array, lstmAndHead, makeModel } from '../builders/make-model.ts';

const [ROWS, STEPS, FEATURES] = [3, 5, 2];

async function modelOf(layers: LayerDefinition[]) {
  const model = await sequential(gpu, { inputShape: [null, FEATURES], batchSize: ROWS, layers });
  onTestFinished(() => model.dispose());
  return model;
}

describe('predictOnBatch, which has no data set, gives the bits that predict gives', () => {
  const sequences: [what: string, layers: LayerDefinition[]][] = [
    ['sequences', [lstm({ units: 4, returnSequences: true })]],
    ['sequences and states', [gru({ units: 3, returnSequences: true, returnState: true })]],
    ['two outputs', [bidirectional(lstm({ units: 3, returnSequences: true, returnState: true }), { mergeMode: null })]],
    ['last steps of a stack', [lstm({ units: 4, returnSequences: true }), lstm({ units: 2, returnState: true })]],
  ];
  test.each(sequences)('%s', async (_what, layers) => {
    const model = await modelOf(layers);
    const random = rng(randomSeed());
    // Twice, and another shape between: what a batch leaves behind must not reach the next one.
    for (const [rows, steps] of [
      [ROWS, STEPS],
      [1, STEPS],
      [ROWS, 1],
      [ROWS, STEPS],
    ]) {
      const x = array(random.array(rows * steps * FEATURES, 1), [rows, steps, FEATURES]);
      const lengths = Array.from({ length: rows }, () => random.integer(0, steps));
      for (const options of [{}, { lengths }]) {
        expect(await model.predictOnBatch(x, options)).toEqual(await model.predict(x, { batchSize: rows, ...options }));
      }
    }
  });

  test('from given states, which go before stored ones', async () => {
    const model = await modelOf([lstm({ units: 4, stateful: true, returnState: true })]);
    const random = rng(randomSeed());
    for (let call = 0; call < 2; call++) {
      const x = array(random.array(ROWS * STEPS * FEATURES, 1), [ROWS, STEPS, FEATURES]);
      const initialState = [0, 1].map(() => array(random.array(ROWS * 4, 1), [ROWS, 4]));
      expect(await model.predictOnBatch(x, { initialState })).toEqual(await model.predict(x, { initialState }));
    }
  });
});

test('calls that nobody awaits keep their order, among those that train too, and their samples', async () => {
  const spec = { inputShape: [1, 1], batchSize: 1, layers: lstmAndHead(3, true) } as const;
  const [hasty, patient] = [await makeModel(spec), await makeModel(spec)];
  const y = array([1], [1, 1]);
  const numbers = new Float32Array(1);
  const hurried = [];
  const awaited = [];
  for (let call = 0; call < 20; call++) {
    numbers[0] = Math.sin(call);
    const x = { data: numbers, shape: [1, 1, 1] };
    if (call === 7) hasty.resetStates();
    hurried.push(call % 5 === 3 ? hasty.trainOnBatch(x, y) : hasty.predictOnBatch(x));
  }
  for (let call = 0; call < 20; call++) {
    const x = array([Math.sin(call)], [1, 1, 1]);
    if (call === 7) patient.resetStates();
    awaited.push(await (call % 5 === 3 ? patient.trainOnBatch(x, y) : patient.predictOnBatch(x)));
  }
  expect(await Promise.all(hurried)).toEqual(awaited);
});

test('all that wait learn why nothing comes', async () => {
  const own = await requestGpu();
  const model = await makeModel({ inputShape: [1, 1], layers: lstmAndHead(3, false) }, own);
  const x = array([1], [1, 1, 1]);
  const calls = [model.predictOnBatch(x), model.predictOnBatch(x)];
  model.dispose();
  for (const call of calls) await expect(call).rejects.toThrow(DisposedError);
  own.dispose();
});
