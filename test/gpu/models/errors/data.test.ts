import { describe, expect, test } from 'vitest';
import { ShapeError, ValueError, adam, type FitOptions, type Model } from '../../../../src/index.ts';
import { anything, expectError, type Case, ramp } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const spec: ModelSpec = { inputShape: [4, 1], batchSize: 2, layers: lstmAndHead(3, true) };
const [x, y] = [ramp(2, 4, 1), ramp(2, 1)];

/** x with another number in one place. */
function withValue(value: number, at: number) {
  const wrong = ramp(2, 4, 1);
  wrong.data[at] = value;
  return wrong;
}

describe('bad data', () => {
  const fit = (options: FitOptions) => (model: Model) => model.fit(x, y, options);
  const cases: Case<(model: Model) => unknown>[] = [
    [
      'too few steps, without features',
      (model) => model.fit(ramp(2, 3), y),
      ShapeError,
      ['model.fit: x has shape [2, 3], expected [samples, timesteps = 4, features = 1]', 'Reshape it'],
    ],
    [
      'x with other features',
      (model) => model.predict(ramp(2, 4, 3)),
      ShapeError,
      ['model.predict: x has shape [2, 4, 3]', 'features = 1', 'inputShape'],
    ],
    [
      'x with other timesteps',
      (model) => model.trainOnBatch(ramp(2, 5, 1), y),
      ShapeError,
      ['model.trainOnBatch: x has shape [2, 5, 1]', 'timesteps = 4'],
    ],
    [
      'more numbers than the shape has',
      (model) => model.testOnBatch({ data: new Float32Array(9), shape: [2, 4, 1] }, y),
      ShapeError,
      ['model.testOnBatch: x has 9 numbers and shape [2, 4, 1], which asks for 8'],
    ],
    [
      'nested data that has the numbers, but not the dimensions of its shape',
      (model) => model.predict({ data: [[1, 2, 3, 4], [5, 6, 7, 8]], shape: [2, 4, 1] } as never), // prettier-ignore
      ShapeError,
      ['model.predict: x has nested data of shape [2, 4] and shape [2, 4, 1]. Make them agree.'],
    ],
    [
      'a missing number in steps that lengths marks as padding',
      (model) => model.predict([[1, 2, 3, 4], [5, 6, 7, NaN]], { lengths: [4, 3] }), // prettier-ignore
      ValueError,
      [
        'model.predict: x holds NaN at [1, 3], expected finite numbers.',
        'e.g. 0, in steps that lengths marks as padding',
      ],
    ],
    [
      'uneven nested arrays',
      (model) => model.predictOnBatch([[[1], [2], [3], [4]], [[1], [2], [3, 5], [4]]]), // prettier-ignore
      ShapeError,
      [
        'model.predictOnBatch: x: the nested arrays are uneven, with an array of length 2 at [1, 2]',
        'others have length 1',
      ],
    ],
    [
      'sequences of different lengths, of which one is longer than the model asks for',
      (model) => model.fit([[1, 2, 3, 4, 5], [1]], y),
      ShapeError,
      ['model.fit: x: the longest sequence has 5 steps, expected timesteps = 4', 'inputShape: [null, 1]'],
    ],
    [
      'targets of different lengths',
      (model) => model.fit(x, [[1], [1, 0]]),
      ShapeError,
      ['model.fit: y: the nested arrays are uneven: that at [0] has length 1, and that at [1] length 2'],
    ],
    [
      'a flat array of another length',
      (model) => model.fit(new Float32Array(7), y),
      ShapeError,
      ['model.fit: x has shape [7]', 'A flat array needs 4 numbers for each sample'],
    ],
    ['no samples', (model) => model.fit(ramp(0, 4, 1), ramp(0, 1)), ShapeError, ['model.fit: x', 'no samples']],
    ['an empty list', (model) => model.predict([]), ShapeError, ['model.predict: x', 'no samples']],
    [
      'one sample for many',
      (model) => model.predict([[1], [2], [3], [4]]),
      ShapeError,
      ['For one sample', '[1, 4, 1]'],
    ],
    ['a shape unlike any', (model) => model.predict(ramp(2, 3)), ShapeError, ['[2, 3]', 'Reshape it']],
    [
      'no array at all',
      (model) => model.fit(anything(undefined), y),
      ShapeError,
      ['model.fit: x', 'undefined', 'shape'],
    ],
    [
      'too few targets',
      (model) => model.fit(x, ramp(1, 1)),
      ShapeError,
      ['model.fit: y has shape [1, 1], expected [samples = 2, outputs = 1]', 'one target for each sample'],
    ],
    [
      'targets of another width',
      (model) => model.evaluate(x, ramp(2, 3)),
      ShapeError,
      ['model.evaluate: y has shape [2, 3]', 'outputs = 1'],
    ],
    [
      'NaN',
      (model) => model.fit(withValue(NaN, 5), y),
      ValueError,
      ['model.fit: x holds NaN at [1, 1, 0]', 'finite', 'missing values'],
    ],
    [
      'Infinity',
      (model) => model.trainOnBatch(withValue(Infinity, 0), y),
      ValueError,
      ['model.trainOnBatch: x holds Infinity at [0, 0, 0]', 'finite'],
    ],
    ['NaN in targets', (model) => model.fit(x, [[0], [NaN]]), ValueError, ['model.fit: y holds NaN at [1, 0]']],
    [
      'NaN in validation data',
      fit({ validationData: [withValue(NaN, 3), y] }),
      ValueError,
      ['model.fit: validationData[0] holds NaN at [0, 3, 0]'],
    ],
    [
      'validation targets of another shape',
      fit({ validationData: [x, ramp(3, 1)] }),
      ShapeError,
      ['model.fit: validationData[1] has shape [3, 1]', 'samples = 2'],
    ],
    [
      'more rows than slots, in fit',
      (model) => model.fit(ramp(3, 4, 1), ramp(3, 1), { batchSize: 3 }),
      ShapeError,
      ['model.fit: a batch of 3 rows', 'keeps 2 states', 'batchSize: 3'],
    ],
    [
      'more rows than slots, in one batch',
      (model) => model.trainOnBatch(ramp(3, 4, 1), ramp(3, 1)),
      ShapeError,
      ['model.trainOnBatch: a batch of 3 rows', 'keeps 2 states'],
    ],
    ['no batch size', fit({ batchSize: 0 }), ValueError, ['model.fit: batchSize is 0', 'positive whole number']],
    ['half an epoch', fit({ epochs: 0.5 }), ValueError, ['model.fit: epochs is 0.5', 'positive whole number']],
    [
      'shuffle by name',
      fit({ shuffle: anything('batch') }),
      ValueError,
      ['model.fit: shuffle is "batch"', 'true or false'],
    ],
    [
      'an option that does not exist',
      fit(anything({ batch_size: 2 })),
      ValueError,
      ['model.fit: there is no option "batch_size"', 'batchSize'],
    ],
    [
      'a mask of resets with other marks than 0 and 1',
      (model) => model.fit(x, y, { resetStates: [1, 0.5] }),
      ValueError,
      ['model.fit: resetStates holds 0.5 at [1], expected 1 for a reset and 0 for none'],
    ],
    [
      'a slot that does not exist',
      (model) => model.resetStates([0, 2]),
      ValueError,
      ['model.resetStates', 'no slot 2', '0 to 1'],
    ],
    [
      'an unknown loss',
      (model) => model.compile({ optimizer: adam(), loss: anything('crossentropy') }),
      ValueError,
      ['model.compile: loss is "crossentropy"', '"binaryCrossentropy"', '"meanSquaredError"'],
    ],
    [
      'an unknown metric',
      (model) => model.compile({ optimizer: adam(), loss: 'meanSquaredError', metrics: anything(['auc']) }),
      ValueError,
      ['model.compile: metrics is "auc"', '"accuracy"'],
    ],
    [
      'an optimizer by name',
      (model) => model.compile({ optimizer: anything('adam'), loss: 'meanSquaredError' }),
      ValueError,
      ['model.compile: optimizer is "adam"', 'adam()'],
    ],
    [
      'too few weights',
      (model) => model.setWeights([ramp(1, 12)]),
      ShapeError,
      ['model.setWeights: got 1 weights, expected 5', 'lstm/kernel [1, 12]'],
    ],
    [
      'weights in another order',
      (model) => model.setWeights([ramp(3, 12), ramp(1, 12), ramp(12), ramp(3, 1), ramp(1)]),
      ShapeError,
      ['model.setWeights: weight 0 has shape [3, 12]', 'lstm/kernel [1, 12]', 'order of getWeights()'],
    ],
    [
      'null in weights, as JSON writes NaN',
      (model) =>
        model.setWeights([ramp(1, 12), ramp(3, 12), ramp(12), ramp(3, 1), anything({ data: [null], shape: [1] })]),
      ValueError,
      ['model.setWeights: weight 4, dense/bias, holds null at [0], expected a number', 'JSON turns NaN'],
    ],
    [
      'a weight beyond float32',
      (model) => model.setWeights([ramp(1, 12), ramp(3, 12), ramp(12), ramp(3, 1), { data: [1e300], shape: [1] }]),
      ValueError,
      ['model.setWeights: weight 4, dense/bias, holds 1e+300 at [0]', 'float32'],
    ],
    [
      'weights under the names of others',
      async (model) => {
        const weights = await model.getWeights();
        weights[0] = { ...weights[0], name: 'lstm/bias' };
        model.setWeights(weights);
      },
      ValueError,
      ['model.setWeights: weight 0 is named "lstm/bias", expected "lstm/kernel" [1, 12]', 'leave the names out'],
    ],
    [
      'a number too little in the last weight',
      (model) =>
        model.setWeights([ramp(1, 12), ramp(3, 12), ramp(12), ramp(3, 1), { data: new Float64Array(2), shape: [1] }]),
      ShapeError,
      ['model.setWeights: weight 4, dense/bias, has 2 numbers and shape [1]'],
    ],
    [
      'no weights',
      (model) => model.setWeights(anything(undefined)),
      ShapeError,
      ['got undefined, expected a list of 5'],
    ],
    [
      'weights not awaited',
      (model) => model.setWeights(anything(model.getWeights())),
      ShapeError,
      ['got a Promise, which must be awaited'],
    ],
    [
      'null among flat numbers',
      (model) => model.fit({ data: anything([0, 1, 2, null, 4, 5, 6, 7]), shape: [2, 4, 1] }, y),
      ValueError,
      ['model.fit: x holds null at [0, 3, 0], expected a number', 'missing values', 'lengths'],
    ],
    [
      'null among nested numbers',
      (model) =>
        model.fit(
          anything([
            [[0], [1], [null], [3]],
            [[0], [1], [2], [3]],
          ]),
          y,
        ),
      ValueError,
      ['model.fit: x holds null at [0, 2, 0], expected a number'],
    ],
    [
      'a text among targets',
      (model) => model.fit(x, anything({ data: [0, '21'], shape: [2, 1] })),
      ValueError,
      ['model.fit: y holds "21" at [1, 0]'],
    ],
    [
      'a target beyond float32',
      (model) => model.fit(x, [[0], [1e300]]),
      ValueError,
      ['model.fit: y holds 1e+300 at [1, 0]', '3.4e38'],
    ],
  ];

  test.each(cases)('%s', async (_what, call, error, says) => {
    const [model, untouched] = [await makeModel(spec), await makeModel(spec)];
    for (const each of [model, untouched]) await each.trainOnBatch(x, y);
    await expectError(() => call(model), error, says);
    // As if nothing had been asked: weights, states, and the optimizer too.
    expect(await weightsOf(model)).toEqual(await weightsOf(untouched));
    expect(await model.predictOnBatch(x)).toEqual(await untouched.predictOnBatch(x));
    expect(await model.trainOnBatch(x, y)).toEqual(await untouched.trainOnBatch(x, y));
    expect(await weightsOf(model)).toEqual(await weightsOf(untouched));
  });
});
