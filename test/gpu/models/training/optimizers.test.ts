import { describe, expect, test } from 'vitest';
import { adam, sgd } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { rng } from '../../../harness/random.ts';
import { withGlobalClipnorm, sgd as twinSgd } from '../../../reference/optimizers.ts';
import { ReferenceModel } from '../../../reference/reference-model.ts';
import {
  expectFigures,
  lstmAndHead,
  makeModel,
  makePair,
  makeSamples,
  setWeights,
  weightsOf,
  type ModelSpec,
} from '../builders/make-model.ts';

const spec: ModelSpec = { inputShape: [3, 2], layers: lstmAndHead(4, false) };
const close = { atol: 3e-6, rtol: 3e-6, reason: 'float32 against float64 over a few steps' };

describe('optimizers', () => {
  test.each([
    { kind: 'sgd', learningRate: 0.3 },
    { kind: 'sgd', learningRate: 0.1, momentum: 0.9 },
    { kind: 'sgd', learningRate: 0.1, momentum: 0.9, nesterov: true },
    { kind: 'adam', learningRate: 0.01, epsilon: 1e-2 },
    { kind: 'adam', learningRate: 0.01, epsilon: 1e-3, beta1: 0.5, beta2: 0.9 },
  ] as const)('%o', async (optimizer) => {
    const { model, twin } = await makePair({ ...spec, optimizer });
    const { x, y } = makeSamples(rng(1), spec, 7);
    for (let step = 0; step < 5; step++) {
      const expected = twin.trainOnBatch(x.data, y.data);
      expectFigures(await model.trainOnBatch(x, y), expected, { ...close, what: `step ${step}` });
    }
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, twin.weights[n], { ...close, atol: 1e-5, what: `weight ${n} after five steps` });
    });
  });

  test.each([0.01, 100])('globalClipnorm %f', async (globalClipnorm) => {
    const { model, twin } = await makePair(spec);
    const clipped = new ReferenceModel({
      inputShape: spec.inputShape,
      layers: spec.layers,
      loss: 'binaryCrossentropy',
      optimizer: withGlobalClipnorm(twinSgd({ learningRate: 1 }), globalClipnorm),
    });
    clipped.setWeights(twin.weights);
    model.compile({ optimizer: sgd({ learningRate: 1, globalClipnorm }), loss: 'binaryCrossentropy' });
    const { x, y } = makeSamples(rng(2), spec, 5);
    await model.trainOnBatch(x, y);
    clipped.trainOnBatch(x.data, y.data);
    (await weightsOf(model)).forEach((weight, n) => {
      expectClose(weight, clipped.weights[n], { ...close, what: `weight ${n}` });
    });
  });

  test('start anew at compile, while the weights stay', async () => {
    const [model, fresh] = [await makeModel(spec), await makeModel(spec)];
    const compile = { optimizer: adam({ learningRate: 0.05 }), loss: 'binaryCrossentropy' } as const;
    const { x, y } = makeSamples(rng(3), spec, 4);
    model.compile(compile);
    for (let step = 0; step < 3; step++) await model.trainOnBatch(x, y);
    await setWeights(fresh, await weightsOf(model));
    model.compile(compile);
    fresh.compile(compile);
    await model.trainOnBatch(x, y);
    await fresh.trainOnBatch(x, y);
    expect(await weightsOf(model)).toEqual(await weightsOf(fresh));
  });
});
