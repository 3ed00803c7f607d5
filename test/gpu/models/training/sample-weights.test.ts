import { describe, expect, test } from 'vitest';
import { sgd, sparseCategoricalCrossentropy } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { SAMPLES, STEPS, cases, close, setUp, shapeOf } from '../builders/loss-cases.ts';
import { array } from '../builders/make-model.ts';

describe('weights of samples', () => {
  const plain = cases['mean absolute error'];

  test('by class are weights of samples', async () => {
    const {
      model,
      x,
      sampleWeight: _,
      ...rest
    } = await setUp(cases['sparse categorical cross-entropy of logits'], 'none');
    model.compile({ optimizer: sgd(), loss: sparseCategoricalCrossentropy({ fromLogits: true }) });
    const y = array(rest.y.flat(), [SAMPLES, STEPS]);
    const byClass = [0.5, 1, 3];
    const sampleWeight = array(
      rest.y.map(([label]) => byClass[label]),
      [SAMPLES, STEPS],
    );
    const expected = await model.evaluate(x, y, { sampleWeight });
    const { history } = await model.fit(x, y, { classWeight: { 0: 0.5, 2: 3 }, batchSize: 32 });
    expectClose(history.loss, [expected.loss], { atol: 0, rtol: 1e-6, what: 'loss' });
  });

  test('count in validation, and over several batches each sample alike', async () => {
    const { model, x, y, sampleWeight, totalLoss } = await setUp(plain, 'a weight a step');
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: plain.loss });
    const targets = array(y.flat(), shapeOf(plain));
    const { history } = await model.fit(x, targets, {
      sampleWeight,
      validationData: [x, targets, sampleWeight!],
      batchSize: 2,
    });
    expectClose([...history.loss, ...history.valLoss], [totalLoss(), totalLoss()], { ...close, what: 'losses' });
  });

  test.each([
    ['of another shape', { sampleWeight: [1, 2] }, 'sampleWeight has shape [2], expected [5] or [5, 4]'],
    ['besides weights of classes', { sampleWeight: [1, 1, 1, 1, 1], classWeight: { 0: 1 } }, 'both given'],
    ['of a class that is none', { classWeight: { half: 1 } as Record<number, number> }, 'classWeight has "half"'],
  ])('%s are refused', async (_what, options, says) => {
    const { model, x, y } = await setUp(plain, 'none');
    model.compile({ optimizer: sgd(), loss: plain.loss });
    await expect(model.fit(x, array(y.flat(), shapeOf(plain)), options)).rejects.toThrow(says);
  });
});
