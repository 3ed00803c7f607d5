import { describe, expect, test } from 'vitest';
import {
  ShapeError,
  ValueError,
  activation,
  adam,
  bidirectional,
  dense,
  gru,
  lstm,
  sequential,
  sgd,
  simpleRnn,
  type Model,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError, ramp, type Case } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel } from '../builders/make-model.ts';

describe('a model that cannot be built', () => {
  const build = (options: Partial<SequentialOptions>) => () =>
    sequential(gpu, { inputShape: [4, 1], layers: [lstm({ units: 3 })], ...options });
  const cases: Case<() => unknown>[] = [
    [
      'stateful without a batch size',
      build({ layers: [lstm({ units: 3, stateful: true })] }),
      ValueError,
      ['sequential: a stateful layer', 'batchSize is missing', 'batchSize: 1'],
    ],
    ['no layers', build({ layers: [] }), ValueError, ['sequential: layers is empty', 'at least one']],
    [
      'no input shape',
      build({ inputShape: anything(undefined) }),
      ShapeError,
      ['sequential: inputShape is undefined', '[timesteps, features]'],
    ],
    [
      'an input shape with a batch',
      build({ inputShape: [2, 4, 1] }),
      ShapeError,
      ['sequential: inputShape is [2, 4, 1]', 'without the batch'],
    ],
    ['zero features', build({ inputShape: [4, 0] }), ShapeError, ['sequential: inputShape is [4, 0]']],
    [
      'a batch size of 1.5',
      build({ batchSize: 1.5 }),
      ValueError,
      ['sequential: batchSize is 1.5', 'positive whole number'],
    ],
    [
      'the former name of a schedule',
      build({ schedule: anything('persistent') }),
      ValueError,
      ['sequential: schedule is "persistent"', 'renamed to "fused"'],
    ],
    ['a seed that is none', build({ seed: NaN }), ValueError, ['sequential: seed is NaN', 'finite']],
    [
      'an LSTM behind one that keeps the last step only',
      build({ layers: [lstm({ units: 3 }), lstm({ units: 3 })] }),
      ShapeError,
      ['lstm_1', 'returnSequences: true'],
    ],
    ['no units', () => lstm({ units: 0 }), ValueError, ['lstm: units is 0', 'positive whole number']],
    ['units missing', () => dense(anything({})), ValueError, ['dense: units is undefined']],
    [
      'an unknown activation',
      () => dense({ units: 1, activation: anything('swish') }),
      ValueError,
      ['dense: activation is "swish"', '"sigmoid"'],
    ],
    [
      'an unknown gate',
      () => lstm({ units: 1, recurrentActivation: anything('swish') }),
      ValueError,
      ['lstm: recurrentActivation is "swish"', '"hardSigmoidLegacy"'],
    ],
    [
      'an unknown activation of a recurrent layer',
      () => gru({ units: 1, activation: anything(null) }),
      ValueError,
      ['gru: activation is null', '"tanh"'],
    ],
    [
      'a slip of the pen',
      () => simpleRnn(anything({ units: 1, returnSequence: true })),
      ValueError,
      ['simpleRnn: there is no option "returnSequence"', 'Did you mean "returnSequences"?'],
    ],
    [
      'an option of another layer, like none of its own',
      () => dense(anything({ units: 1, stateful: true })),
      ValueError,
      ['dense: there is no option "stateful". The options are units'],
    ],
    [
      'an option of Keras that cannot be honoured',
      () => lstm(anything({ units: 1, unroll: true })),
      ValueError,
      ['lstm: there is no option "unroll"', 'The options are units'],
    ],
    ['a share above 1', () => lstm({ units: 1, dropout: 1.5 }), ValueError, ['lstm: dropout is 1.5', 'from 0 to 1']],
    [
      'a negative share of the state',
      () => gru({ units: 1, recurrentDropout: -0.1 }),
      ValueError,
      ['gru: recurrentDropout is -0.1', 'from 0 to 1'],
    ],
    [
      'a number as activityRegularizer',
      () => lstm({ units: 1, activityRegularizer: anything(0.1) }),
      ValueError,
      ['lstm: activityRegularizer is 0.1', 'l2(0.01)'],
    ],
    [
      'an unknown initializer',
      () => lstm({ units: 1, recurrentInitializer: anything('glorot_uniform') }),
      ValueError,
      ['lstm: recurrentInitializer is "glorot_uniform"', 'orthogonal', '{ constant: a number }'],
    ],
    [
      'a constant that is none',
      () => dense({ units: 1, kernelInitializer: { constant: NaN } }),
      ValueError,
      ['dense: kernelInitializer is'],
    ],
    [
      'an initializer that gives too few numbers',
      build({ layers: [lstm({ units: 3, kernelInitializer: () => new Float32Array(11) })] }),
      ShapeError,
      ['lstm: the function kernelInitializer gave 11 numbers', '12 numbers for [1, 12]'],
    ],
    ['a flag that is none', () => lstm({ units: 1, goBackwards: anything(1) }), ValueError, ['goBackwards is 1']],
    [
      'a name given twice',
      build({ layers: [lstm({ units: 3, name: 'dense' }), dense({ units: 1 })] }),
      ValueError,
      ['two layers are named "dense"'],
    ],
    ['a name without letters', () => lstm({ units: 1, name: '' }), ValueError, ['lstm: name is ""']],
    [
      "Keras' spelling in Python",
      () => lstm(anything({ units: 1, return_sequences: true })),
      ValueError,
      ['no option "return_sequences"', 'Did you mean "returnSequences"?'],
    ],
    [
      'a learning rate below zero',
      () => sgd({ learningRate: -1 }),
      ValueError,
      ['sgd: learningRate is -1', 'at least 0'],
    ],
    ['a momentum of 1', () => sgd({ momentum: 1 }), ValueError, ['sgd: momentum is 1', 'below 1']],
    ['a beta of 1', () => adam({ beta2: 1 }), ValueError, ['adam: beta2 is 1', 'below 1']],
    [
      'an unknown option of an optimizer',
      () => adam(anything({ lr: 1 })),
      ValueError,
      ['adam: there is no option "lr". Did you mean "learningRate"?'],
    ],
    [
      'a way to merge that does not exist',
      () => bidirectional(lstm({ units: 1 }), { mergeMode: anything('none') }),
      ValueError,
      ['bidirectional: mergeMode is "none", expected one of "concat", "sum", "mul", "ave", null'],
    ],
    [
      'an activation layer that does not exist',
      () => activation(anything('Softmax')),
      ValueError,
      ['activation: activation is "Softmax"', 'Did you mean "softmax"?'],
    ],
  ];
  test.each(cases)('%s', (_what, call, error, says) => expectError(call, error, says));
});

describe('a resident schedule that does not fit a call is refused by that call:', () => {
  const [x, y, lengths] = [ramp(2, 4, 1), ramp(2, 1), [4, 3]];
  const calls: [where: string, call: (model: Model) => unknown][] = [
    ['model.fit: schedule', (model) => model.fit(x, y, { lengths })],
    [
      'model.fit: validationData: schedule',
      (model) => model.fit(x, y, { validationData: [x, y], validationLengths: lengths }),
    ],
    ['model.fit: batch 0: schedule', (model) => model.fit(() => [{ x, y, lengths }])],
    ['model.evaluate: schedule', (model) => model.evaluate(x, y, { lengths })],
    ['model.evaluate: batch 0: schedule', (model) => model.evaluate(() => [{ x, y, lengths }])],
    ['model.trainOnBatch: schedule', (model) => model.trainOnBatch(x, y, { lengths })],
    ['model.testOnBatch: schedule', (model) => model.testOnBatch(x, y, { lengths })],
  ];
  test.each(calls)('%s', async (where, call) => {
    const optimizer = { kind: 'adam', learningRate: 0.01 } as const;
    const layers = lstmAndHead(3, false);
    const model = await makeModel({ inputShape: [4, 1], layers, optimizer, schedule: 'resident' });
    await expectError(() => call(model), ValueError, [
      `${where} "resident"`,
      'samples have lengths',
      'Leave schedule out',
    ]);
    expect((await model.fit(x, y)).epoch).toEqual([0]);
  });
});
