import { describe, expect, onTestFinished, test } from 'vitest';
import {
  dense,
  embedding,
  l2,
  lstm,
  masking,
  sequential,
  sgd,
  type EvaluateOptions,
  type Logs,
  type Progress,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { array } from '../builders/make-model.ts';

// The last batch has one sample, and the last window of 4 or 5 steps is shorter than the others.
const [COUNT, ROWS, STEPS, FEATURES] = [5, 2, 11, 2];
const LENGTHS = [11, 3, 5, 10, 7];
const close = { atol: 1e-6, rtol: 2e-6, reason: 'sums in float32 over other groups of steps' };

type Random = ReturnType<typeof rng>;

interface Case {
  layers?: SequentialOptions['layers'];
  inputShape?: SequentialOptions['inputShape'];
  draw?: (random: Random) => Float32Array;
  options?: (random: Random) => Pick<EvaluateOptions, 'lengths' | 'sampleWeight'>;
}

const drawSteps = (random: Random) => random.array(COUNT * STEPS * FEATURES, 1);
const lengths = () => ({ lengths: LENGTHS });
const perStep = (random: Random) => array(random.array(COUNT * STEPS, 1).map(Math.abs), [COUNT, STEPS]);
const perSample = (random: Random) => random.array(COUNT, 1).map(Math.abs);

/** Samples of which about half of the steps are padding, at any place. */
function drawGaps(random: Random): Float32Array {
  const gaps = Array.from({ length: COUNT * STEPS }, () => random.integer(0, 1));
  return drawSteps(random).map((value, n) => value * gaps[Math.floor(n / FEATURES)]);
}

const cases: [name: string, Case][] = [
  ['all steps', {}],
  ['a penalty on weights', { layers: [dense({ units: 3, kernelRegularizer: l2(0.1) })] }],
  ['sequences of different lengths', { options: lengths }],
  ['weighted samples', { options: (random) => ({ sampleWeight: perSample(random) }) }],
  ['weighted steps', { options: (random) => ({ sampleWeight: perStep(random) }) }],
  ['weighted steps up to a length', { options: (random) => ({ ...lengths(), sampleWeight: perStep(random) }) }],
  ['gaps that a masking layer finds', { layers: [masking()], draw: drawGaps }],
  ['gaps in the output of a layer', { layers: [dense({ units: 1, activation: 'relu' }), masking()] }],
  [
    'indices with padding',
    {
      layers: [embedding({ inputDim: 3, outputDim: 2, maskZero: true })],
      inputShape: [STEPS],
      draw: (random) => Float32Array.from({ length: COUNT * STEPS }, () => random.integer(0, 2)),
    },
  ],
];

async function makeModel({ layers = [], inputShape = [STEPS, FEATURES] }: Case, seed: number) {
  const model = await sequential(gpu, {
    inputShape,
    batchSize: ROWS,
    seed,
    layers: [...layers, lstm({ units: 4, stateful: true, returnSequences: true }), dense({ units: 2 })],
  });
  onTestFinished(() => model.dispose());
  model.compile({
    optimizer: sgd({ learningRate: 0 }),
    loss: 'meanSquaredError',
    metrics: ['mae'],
    weightedMetrics: [{ metric: 'mae', name: 'weighted' }],
  });
  return model;
}

describe.each(cases)('fit on windows tells the means over all steps, as evaluate does: %s,', (_name, given) => {
  test.each([1, 4, 5, 10])('windows of %d', async (truncate) => {
    const seed = randomSeed();
    const random = rng(seed);
    const model = await makeModel(given, seed);
    const { inputShape = [STEPS, FEATURES], draw = drawSteps } = given;
    const x = array(draw(random), [COUNT, ...(inputShape as number[])]);
    const y = array(random.array(COUNT * STEPS * 2, 3), [COUNT, STEPS, 2]);
    const options = { ...given.options?.(random), batchSize: ROWS, resetStates: 1 };
    const expected = await model.evaluate(x, y, options);

    const heard: Logs[] = [];
    const told: Progress[] = [];
    const { history } = await model.fit(x, y, {
      ...options,
      truncate,
      epochs: 2,
      callbacks: [{ onEpochEnd: (_epoch, logs) => void heard.push(logs) }],
      onProgress: (progress) => void told.push(progress),
    });
    const { loss, mae, weighted } = told.at(-1) as unknown as Logs;
    for (const seen of [...heard, { loss, mae, weighted }]) {
      for (const [name, value] of Object.entries(expected))
        expectClose([seen[name]], [value], { ...close, what: name });
    }
    expect(heard).toEqual(
      [0, 1].map((epoch) => ({
        loss: history.loss[epoch],
        mae: history.mae[epoch],
        weighted: history.weighted[epoch],
      })),
    );
  });
});
