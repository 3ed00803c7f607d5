import { describe, expect, test } from 'vitest';
import { expectClose } from '../../../harness/expect-close.ts';
import { rng } from '../../../harness/random.ts';
import { expectFigures, makeModel, makePair, makeSamples, weightsOf } from '../builders/make-model.ts';
import { SLOTS, close, nextPrediction, statefulModels } from '../builders/stateful-models.ts';

describe.each(statefulModels)('validation in fit, of %s', (_name, stateful) => {
  test('leaves weights and states of training as they are, to the bit', async () => {
    const data = makeSamples(rng(4), stateful, 4 * SLOTS + 1);
    const validation = makeSamples(rng(5), stateful, 2 * SLOTS + 2);
    const [without, with_] = [await makeModel(stateful), await makeModel(stateful)];
    const plain = await without.fit(data.x, data.y, { epochs: 3 });
    const validated = await with_.fit(data.x, data.y, { epochs: 3, validationData: [validation.x, validation.y] });
    expect(validated.history.loss).toEqual(plain.history.loss);
    expect(await weightsOf(with_)).toEqual(await weightsOf(without));
    expect(await nextPrediction(with_)).toEqual(await nextPrediction(without));
  });

  test('starts from zero in every epoch and goes on from batch to batch', async () => {
    const { model, twin, random } = await makePair(stateful);
    const data = makeSamples(random, stateful, 2 * SLOTS);
    const validation = makeSamples(random, stateful, 3 * SLOTS);
    const { history } = await model.fit(data.x, data.y, {
      epochs: 2,
      shuffle: false,
      validationData: [validation.x, validation.y],
    });
    for (const epoch of [0, 1]) {
      twin.epoch('train', data.x.data, data.y.data, SLOTS);
      const expected = twin.aside(() => twin.epoch('test', validation.x.data, validation.y.data, SLOTS));
      const seen = { loss: history.valLoss[epoch], accuracy: history.valAccuracy[epoch] };
      expectFigures(seen, expected, { ...close, what: `validation of epoch ${epoch}` });
    }
  });

  test('lets its callbacks reset the states of validation alone', async () => {
    const { model, twin, random } = await makePair(stateful);
    const data = makeSamples(random, stateful, 2 * SLOTS);
    const validation = makeSamples(random, stateful, 4 * SLOTS);
    const { history } = await model.fit(data.x, data.y, {
      shuffle: false,
      validationData: [validation.x, validation.y],
      callbacks: [{ onTestBatchBegin: (batch) => (batch % 2 === 0 ? model.resetStates() : undefined) }],
    });
    twin.epoch('train', data.x.data, data.y.data, SLOTS);
    const expected = twin.aside(() =>
      twin.epoch('test', validation.x.data, validation.y.data, SLOTS, (batch) => {
        if (batch % 2 === 0) twin.resetStates();
      }),
    );
    expectClose(history.valLoss, [expected.loss], { ...close, what: 'validation loss' });
    const { x } = makeSamples(random, stateful, SLOTS);
    expectClose((await model.predictOnBatch(x)).data, twin.predictOnBatch(x.data), {
      ...close,
      what: 'training goes on',
    });
  });
});
