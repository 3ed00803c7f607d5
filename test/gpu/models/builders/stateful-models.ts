import { expect } from 'vitest';
import type { Model } from '../../../../src/index.ts';
import { rng } from '../../../harness/random.ts';
import { lstmAndHead, makeSamples, weightsOf, type ModelSpec } from './make-model.ts';

export const SLOTS = 3;
const shape = { inputShape: [4, 2], batchSize: SLOTS } as const;

/** Stateful models that train in either way. */
export const statefulModels: [name: string, spec: ModelSpec][] = [
  [
    'a model with dispatches for each layer',
    {
      ...shape,
      // Two stateful layers, so that each state must find the way to its own slots.
      layers: [
        { kind: 'lstm', units: 5, stateful: true, returnSequences: true },
        { kind: 'lstm', units: 3, stateful: true },
        { kind: 'dense', units: 1, activation: 'sigmoid' },
      ],
    },
  ],
  [
    'a model that stays in one workgroup',
    {
      ...shape,
      layers: lstmAndHead(5, true),
      // A large epsilon: with a small one Adam turns the rounding of small gradients into parts of steps.
      optimizer: { kind: 'adam', learningRate: 0.02, epsilon: 1e-2 },
    },
  ],
];

export const close = { atol: 3e-6, rtol: 3e-6, reason: 'float32 against float64 over a few batches' };

/** What a model predicts next: as telling as its states themselves, once weights are equal. */
export async function nextPrediction(model: Model): Promise<Float32Array> {
  const { x } = makeSamples(rng(1), shape, SLOTS);
  return (await model.predictOnBatch(x)).data;
}

/** Two models alike, trained in two ways, must come out alike. */
export async function expectSame(one: Model, other: Model): Promise<void> {
  expect(await weightsOf(one)).toEqual(await weightsOf(other));
  expect(await nextPrediction(one)).toEqual(await nextPrediction(other));
}
