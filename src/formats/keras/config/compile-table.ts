import { noEffect, option, REQUIRED, type Option } from './options.ts';
import { learningRate } from './schedules.ts';
import { flag, float, label, oneOf, optionalCount, optionalFloat, text, type Value } from './values.ts';

/** A class of Keras that `compile` takes. */
export interface CompileClass {
  readonly className: string;
  readonly options: readonly Option[];
}

/** The options of all optimizers, in the order in which Keras writes it. */
const step = (name: string, rate: number, weightDecay: Option): readonly Option[] => [
  noEffect('name', label, name),
  option('learningRate', learningRate, rate, { aliases: ['lr'] }),
  weightDecay,
  option('clipnorm', optionalFloat, undefined),
  option('globalClipnorm', optionalFloat, undefined),
  option('clipvalue', optionalFloat, undefined),
  noEffect('use_ema', oneOf(false), false),
  noEffect('ema_momentum', float, 0.99),
  noEffect('ema_overwrite_frequency', optionalCount, undefined),
  noEffect('loss_scale_factor', oneOf(null), null),
  option('gradientAccumulationSteps', optionalCount, undefined),
];

const NO_DECAY = option('weightDecay', optionalFloat, undefined);

/**
 * The number that is added before a division. Keras 2 writes null and means 1e-7; without one TensorFlow.js takes that of its
 * backend, which is 1e-7 or 1e-4.
 */
const epsilon: Value = {
  ...float,
  read: (field, { program }) => (field.isNull && program !== 'tfjs' ? 1e-7 : field.number()),
};
const EPSILON = option('epsilon', epsilon, 1e-7, { defaults: { keras1: 1e-8, tfjs: REQUIRED } });

const adamOptions = (name: string, weightDecay: Option): readonly Option[] => [
  ...step(name, 0.001, weightDecay),
  option('beta1', float, 0.9, { keras: 'beta_1' }),
  option('beta2', float, 0.999, { keras: 'beta_2' }),
  EPSILON,
  option('amsgrad', flag, false),
];

export const OPTIMIZERS: Readonly<Record<string, CompileClass>> = {
  adam: { className: 'Adam', options: adamOptions('adam', NO_DECAY) },
  adamw: { className: 'AdamW', options: adamOptions('adamw', option('weightDecay', float, 0.004)) },
  rmsprop: {
    className: 'RMSprop',
    options: [
      ...step('rmsprop', 0.001, NO_DECAY),
      option('rho', float, 0.9),
      option('momentum', float, 0),
      EPSILON,
      option('centered', flag, false),
    ],
  },
  sgd: {
    className: 'SGD',
    options: [
      ...step('SGD', 0.01, NO_DECAY),
      option('momentum', float, 0),
      option('nesterov', flag, false, { aliases: ['use_nesterov'] }),
    ],
  },
};

/** The options of all losses: a name, and how values become one number, of which this library has the mean over the batch. */
const lossOptions = (name: string, ...own: readonly Option[]): readonly Option[] => [
  noEffect('name', label, name),
  noEffect('reduction', oneOf('sum_over_batch_size', 'auto', 'mean'), 'sum_over_batch_size'),
  noEffect('fn', oneOf(name), name, { isRare: true }),
  noEffect('dtype', oneOf('float32', null), null, { isRare: true }),
  ...own,
];

const LOGITS = option('fromLogits', flag, false);
const SMOOTHING = option('labelSmoothing', float, 0);
const AXIS = noEffect('axis', oneOf(-1), -1);

/** The losses by their names here. */
export const LOSSES: Readonly<Record<string, CompileClass>> = {
  binaryCrossentropy: {
    className: 'BinaryCrossentropy',
    options: lossOptions('binary_crossentropy', LOGITS, SMOOTHING, AXIS),
  },
  categoricalCrossentropy: {
    className: 'CategoricalCrossentropy',
    options: lossOptions('categorical_crossentropy', LOGITS, SMOOTHING, AXIS),
  },
  sparseCategoricalCrossentropy: {
    className: 'SparseCategoricalCrossentropy',
    options: lossOptions(
      'sparse_categorical_crossentropy',
      LOGITS,
      noEffect('ignore_class', oneOf(null), null),
      noEffect('axis', oneOf(-1), -1, { isRare: true }),
    ),
  },
  meanSquaredError: { className: 'MeanSquaredError', options: lossOptions('mean_squared_error') },
  meanAbsoluteError: { className: 'MeanAbsoluteError', options: lossOptions('mean_absolute_error') },
  huber: { className: 'Huber', options: lossOptions('huber_loss', option('delta', float, 1)) },
};

/** The losses by the names that Keras takes, which are Python's. */
export const LOSS_NAMES = {
  binary_crossentropy: 'binaryCrossentropy',
  bce: 'binaryCrossentropy',
  categorical_crossentropy: 'categoricalCrossentropy',
  sparse_categorical_crossentropy: 'sparseCategoricalCrossentropy',
  mean_squared_error: 'meanSquaredError',
  mse: 'meanSquaredError',
  mean_absolute_error: 'meanAbsoluteError',
  mae: 'meanAbsoluteError',
  huber: 'huber',
  huber_loss: 'huber',
} as const;

const metricOptions = (...own: readonly Option[]): readonly Option[] => [
  option('name', text, REQUIRED),
  noEffect('dtype', oneOf('float32', null), 'float32'),
  ...own,
];

/** The metrics by their names here. */
export const METRICS: Readonly<Record<string, CompileClass>> = {
  binaryAccuracy: { className: 'BinaryAccuracy', options: metricOptions(option('threshold', float, 0.5)) },
  categoricalAccuracy: { className: 'CategoricalAccuracy', options: metricOptions() },
  sparseCategoricalAccuracy: { className: 'SparseCategoricalAccuracy', options: metricOptions() },
  meanAbsoluteError: { className: 'MeanAbsoluteError', options: metricOptions() },
  meanSquaredError: { className: 'MeanSquaredError', options: metricOptions() },
};

/** The metrics by the names that Keras takes. Short names stay, since they are the keys of logs. */
export const METRIC_NAMES = {
  accuracy: 'accuracy',
  acc: 'acc',
  binary_accuracy: 'binaryAccuracy',
  categorical_accuracy: 'categoricalAccuracy',
  sparse_categorical_accuracy: 'sparseCategoricalAccuracy',
  mean_absolute_error: 'meanAbsoluteError',
  mae: 'mae',
  mean_squared_error: 'meanSquaredError',
  mse: 'mse',
} as const;
