import { describe, expect, onTestFinished, test } from 'vitest';
import * as library from '../../../../src/index.ts';
import { ValueError, type Model } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError } from '../builders/expect-error.ts';
import { weightsOf } from '../builders/make-model.ts';

const { lstm, dense, bidirectional, requestGpu, sequential, adam, keras1 } = library;

const x = [[[0.5], [1]]];
const y = [[1]];
const state = { shape: [1, 2], data: new Float32Array(2) };

async function makeModel(): Promise<Model> {
  const layers = [lstm({ units: 2, stateful: true }), dense({ units: 1, activation: 'sigmoid' })];
  const model = await sequential(gpu, { inputShape: [2, 1], batchSize: 1, layers });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  return model;
}

/** A slip of the pen for each place where options are taken: where, the slip, what was meant, the call. */
type Slip = [where: string, slip: string, meant: string, call: (options: never, model: Model) => unknown];

const slips: Slip[] = [
  ['requestGpu', 'powerPreferance', 'powerPreference', (options) => requestGpu(options)],
  ['sequential', 'input_shape', 'inputShape', (options) => sequential(gpu, options)],
  ['lstm', 'recurrent_dropout', 'recurrentDropout', (options) => lstm(options)],
  ['lstm', 'recuretDropout', 'recurrentDropout', (options) => keras1.lstm(options)],
  ['gru', 'resetafter', 'resetAfter', (options) => library.gru(options)],
  ['simpleRnn', 'unit', 'units', (options) => library.simpleRnn(options)],
  ['dense', 'kernel_initialiser', 'kernelInitializer', (options) => dense(options)],
  ['conv1d', 'kernel_size', 'kernelSize', (options) => library.conv1d(options)],
  ['dropout', 'rates', 'rate', (options) => library.dropout(options)],
  ['embedding', 'mask_zero', 'maskZero', (options) => library.embedding(options)],
  ['masking', 'mask_value', 'maskValue', (options) => library.masking(options)],
  ['bidirectional', 'merge_mode', 'mergeMode', (options) => bidirectional(lstm({ units: 1 }), options)],
  ['lstm: biasInitializer', 'constants', 'constant', (value) => lstm({ units: 1, biasInitializer: value })],
  ['sgd', 'nestrov', 'nesterov', (options) => library.sgd(options)],
  ['rmsprop', 'centred', 'centered', (options) => library.rmsprop(options)],
  ['adam', 'beta_1', 'beta1', (options) => adam(options)],
  ['sgd', 'LR', 'learningRate', (options) => library.sgd(options)],
  ['adam', 'eps1lon', 'epsilon', (options) => keras1.adam(options)],
  ['adamw', 'weight_decay', 'weightDecay', (options) => library.adamw(options)],
  ['minMaxNorm', 'largst', 'largest', (options) => library.minMaxNorm(options)],
  ['exponentialDecay', 'stair_case', 'staircase', (options) => library.exponentialDecay(options)],
  ['inverseTimeDecay', 'decay_rate', 'decayRate', (options) => library.inverseTimeDecay(options)],
  ['polynomialDecay', 'cycles', 'cycle', (options) => library.polynomialDecay(options)],
  ['cosineDecay', 'warmup_target', 'warmupTarget', (options) => library.cosineDecay(options)],
  ['piecewiseConstantDecay', 'boundary', 'boundaries', (options) => library.piecewiseConstantDecay(options)],
  ['binaryCrossentropy', 'from_logits', 'fromLogits', (options) => library.binaryCrossentropy(options)],
  ['categoricalCrossentropy', 'labelSmooth', 'labelSmoothing', (o) => library.categoricalCrossentropy(o)],
  ['sparseCategoricalCrossentropy', 'clip', 'clipped', (o) => library.sparseCategoricalCrossentropy(o)],
  ['huber', 'delte', 'delta', (options) => library.huber(options)],
  ['earlyStopping', 'restore_best_weights', 'restoreBestWeights', (options) => library.earlyStopping(options)],
  ['reduceLROnPlateau', 'min_delta', 'minDelta', (options) => library.reduceLROnPlateau(options)],
  ['model.compile', 'weighted_metrics', 'weightedMetrics', (options, model) => model.compile(options)],
  [
    'model.compile: metrics',
    'treshold',
    'threshold',
    (metric, model) => model.compile({ optimizer: adam(), loss: 'huber', metrics: [metric] }),
  ],
  ['model.fit', 'validation_data', 'validationData', (options, model) => model.fit(x, y, options)],
  ['model.evaluate', 'sample_weight', 'sampleWeight', (options, model) => model.evaluate(x, y, options)],
  ['model.predict', 'initial_state', 'initialState', (options, model) => model.predict(x, options)],
  ['model.trainOnBatch', 'class_weight', 'classWeight', (options, model) => model.trainOnBatch(x, y, options)],
  ['model.testOnBatch', 'length', 'lengths', (options, model) => model.testOnBatch(x, y, options)],
  ['model.predictOnBatch', 'initialstates', 'initialState', (options, model) => model.predictOnBatch(x, options)],
  ['model.getStates', 'slot', 'slots', (options, model) => model.getStates(options)],
  ['model.setStates', 'layers', 'layer', (options, model) => model.setStates([state, state], options)],
];

describe('an option that does not exist is refused by its nearest name:', () => {
  test.each(slips)('%s { %s }, that is %s', async (where, slip, meant, call) => {
    const model = await makeModel();
    const before = await weightsOf(model);
    const says = [`${where}: there is no option "${slip}". Did you mean "${meant}"?`];
    await expectError(() => call(anything({ [slip]: 1 }), model), ValueError, says);
    expect(await weightsOf(model)).toEqual(before);
  });

  // Those of Keras 1 hand on what they got in options of their own.
  const whole = slips.filter(([where, , , call]) => !where.includes(': ') && !String(call).includes('keras1'));
  test.each(whole)('%s of nothing', async (where, _slip, _meant, call) => {
    const says = [`${where}: got null, expected options by name`, 'The options are'];
    const model = await makeModel();
    await expectError(() => call(anything(null), model), ValueError, says);
  });
});

describe('a value that does not exist is refused by its nearest name:', () => {
  const values: [value: string, meant: string, call: (value: never, model: Model) => unknown][] = [
    ['hard_sigmoid', 'hardSigmoid', (recurrentActivation) => lstm({ units: 1, recurrentActivation })],
    ['glorot_normal', 'glorotNormal', (kernelInitializer) => dense({ units: 1, kernelInitializer })],
    ['concatenate', 'concat', (mergeMode) => bidirectional(lstm({ units: 1 }), { mergeMode })],
    ['binary_crossentropy', 'binaryCrossentropy', (loss, model) => model.compile({ optimizer: adam(), loss })],
    [
      'mean_absolute_error',
      'meanAbsoluteError',
      (metric, model) => model.compile({ optimizer: adam(), loss: 'huber', metrics: [metric] }),
    ],
    ['high_performance', 'high-performance', (powerPreference) => requestGpu({ powerPreference })],
    ['carried', 'carry', (validationStates, model) => model.fit(x, y, { validationStates })],
  ];
  test.each(values)('%s, that is %s', async (value, meant, call) => {
    const model = await makeModel();
    await expectError(() => call(anything(value), model), ValueError, [`is "${value}"`, `Did you mean "${meant}"?`]);
  });
});

describe('callbacks that would not be called are refused:', () => {
  class Base {
    on_epoch_begin() {}
  }
  class Derived extends Base {
    onEpochEnd() {}
  }
  const cases: [what: string, callbacks: unknown, says: string[]][] = [
    ["Keras' spelling", [{ on_epoch_end() {} }], ['callbacks[0] has "on_epoch_end"', '"onEpochEnd"?']],
    ['a slip', [{}, { onTrainBegins() {} }], ['callbacks[1] has "onTrainBegins"', '"onTrainBegin"?']],
    ['a function of a class', [new Derived()], ['callbacks[0] has "on_epoch_begin"', '"onEpochBegin"?']],
    ['one without a list', library.earlyStopping(), ['callbacks is an EarlyStopping', 'expected a list']],
    ['none at all', [undefined], ['callbacks[0] is undefined', 'expected an object']],
  ];
  test.each(cases)('%s', async (_what, callbacks, says) => {
    const model = await makeModel();
    const options = { callbacks: anything(callbacks) };
    await expectError(() => model.fit(x, y, options), ValueError, ['model.fit', ...says]);
    await expectError(() => model.evaluate(x, y, options), ValueError, ['model.evaluate', ...says]);
  });

  test('an onProgress that is no function', async () => {
    const model = await makeModel();
    const options = { onProgress: anything('yes') };
    const says = 'onProgress is "yes", expected a function';
    await expectError(() => model.fit(x, y, options), ValueError, [`model.fit: ${says}`]);
    await expectError(() => model.evaluate(x, y, options), ValueError, [`model.evaluate: ${says}`]);
  });
});
