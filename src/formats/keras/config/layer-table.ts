import { initializer, uniformInitializer } from './initializers.ts';
import { noEffect, option, REQUIRED, type Option } from './options.ts';
import { constraint, regularizer } from './rules.ts';
import {
  activation,
  count,
  dataType,
  flag,
  float,
  forgetBias,
  layerActivation,
  oneOf,
  perDimension,
  seed,
} from './values.ts';

/** A class of layers of Keras, and the layer here that it becomes. */
export interface LayerClass {
  /** The layer here, as `LayerContents` names it. */
  readonly type: string;
  readonly options: readonly Option[];
  /** Options here that have no place in the file, since the class stands for them. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** Only read: models with it are written with another class. */
  readonly isReadOnly?: boolean;
}

const WEIGHTS = initializer('glorotUniform');
const RECURRENT_WEIGHTS = initializer('orthogonal');
const BIAS = initializer('zeros');

/** The initializer of a kernel, whose default differs in TensorFlow.js. */
const kernelInitializer = (more = {}): Option =>
  option('kernelInitializer', WEIGHTS, 'glorotUniform', { aliases: ['init'], ...more });

/** The options of recurrent layers besides those of their cells. */
const SEQUENCES: readonly Option[] = [
  option('returnSequences', flag, false),
  option('returnState', flag, false),
  option('goBackwards', flag, false),
  option('stateful', flag, false),
  noEffect('unroll', flag, false),
  option('zeroOutputForMask', flag, false, { isKerasOnly: true }),
  noEffect('num_constants', oneOf(null), null, { isRare: true }),
];

const UNITS = option('units', count, REQUIRED, { aliases: ['output_dim'] });
const USE_BIAS = option('useBias', flag, true);

const activationOf = option('activation', activation, 'tanh');

/** The function of the gates, which every version writes. TensorFlow.js takes the old hard sigmoid where it is left out. */
const gates = option('recurrentActivation', activation, 'sigmoid', {
  aliases: ['inner_activation'],
  defaults: { keras1: REQUIRED, keras2: REQUIRED, tfjs: 'hardSigmoidLegacy' },
});

const INITIALIZERS: readonly Option[] = [
  kernelInitializer({ defaults: { tfjs: 'glorotNormal' } }),
  option('recurrentInitializer', RECURRENT_WEIGHTS, 'orthogonal', { aliases: ['inner_init'] }),
  option('biasInitializer', BIAS, 'zeros'),
];

const FORGET_BIAS = option('unitForgetBias', forgetBias, true, {
  aliases: ['forget_bias_init'],
  defaults: { tfjs: false },
});

const RULES: readonly Option[] = [
  option('kernelRegularizer', regularizer, undefined, { aliases: ['W_regularizer'] }),
  option('recurrentRegularizer', regularizer, undefined, { aliases: ['U_regularizer'] }),
  option('biasRegularizer', regularizer, undefined, { aliases: ['b_regularizer'] }),
];

const ACTIVITY = option('activityRegularizer', regularizer, undefined);

const CONSTRAINTS: readonly Option[] = ['kernel', 'recurrent', 'bias'].map((part) =>
  option(`${part}Constraint`, constraint, undefined),
);

const DROPOUT: readonly Option[] = [
  option('dropout', float, 0, { aliases: ['dropout_W'] }),
  option('recurrentDropout', float, 0, { aliases: ['dropout_U'] }),
];

/** The seed of the dropout. `SimpleRNN` takes one and does not write it. */
const SEED = option('seed', seed, undefined, { isKerasOnly: true });

/**
 * Whether the reset gate comes behind the recurrent product. Keras 2 before TensorFlow 2 did not where it does not say so, and
 * Keras 1 and TensorFlow.js never do.
 */
const RESET_AFTER = option('resetAfter', flag, true, {
  isKerasOnly: true,
  defaults: { keras1: false, keras2: false, tfjs: false },
});

const LSTM_HEAD = [UNITS, activationOf, gates, USE_BIAS];
const SIMPLE_HEAD = [UNITS, activationOf, USE_BIAS];
/** Rows whose layer has more between the initializers and the constraints than its cell has. */
const lower = (isCell: boolean): readonly Option[] => [
  ...RULES,
  ...(isCell ? [] : [ACTIVITY]),
  ...CONSTRAINTS,
  ...DROPOUT,
];

/** The cells, whose options those of the layers are too. */
const lstmOptions = (isCell: boolean): readonly Option[] =>
  isCell
    ? [...LSTM_HEAD, FORGET_BIAS, ...INITIALIZERS, ...lower(true), SEED]
    : [...LSTM_HEAD, ...INITIALIZERS, FORGET_BIAS, ...lower(false), SEED];
const gruOptions = (isCell: boolean): readonly Option[] => [
  ...LSTM_HEAD,
  ...INITIALIZERS,
  ...lower(isCell),
  RESET_AFTER,
  SEED,
];
const simpleRnnOptions = (isCell: boolean): readonly Option[] => [
  ...SIMPLE_HEAD,
  ...INITIALIZERS,
  ...lower(isCell),
  isCell ? SEED : { ...SEED, isRare: true },
];

/** The layers for cuDNN, whose kernels have these functions and biases alone. */
const CUDNN: readonly Option[] = [
  UNITS,
  noEffect('time_major', oneOf(false), false),
  ...INITIALIZERS,
  ...RULES,
  ACTIVITY,
  ...CONSTRAINTS,
];

const DENSE: readonly Option[] = [
  UNITS,
  option('activation', layerActivation, 'linear'),
  { ...USE_BIAS, aliases: ['bias'] },
  kernelInitializer(),
  option('biasInitializer', BIAS, 'zeros'),
  option('kernelRegularizer', regularizer, undefined, { aliases: ['W_regularizer'] }),
  option('biasRegularizer', regularizer, undefined, { aliases: ['b_regularizer'] }),
  option('kernelConstraint', constraint, undefined, { aliases: ['W_constraint'] }),
  option('biasConstraint', constraint, undefined, { aliases: ['b_constraint'] }),
  noEffect('quantization_config', oneOf(null), null, { isKerasOnly: true }),
];

const CONVOLUTION: readonly Option[] = [
  option('filters', count, REQUIRED),
  option('kernelSize', perDimension, REQUIRED),
  option('strides', perDimension, 1),
  option('padding', oneOf('valid', 'same', 'causal'), 'valid'),
  noEffect('data_format', oneOf('channels_last'), 'channels_last'),
  option('dilationRate', perDimension, 1),
  noEffect('groups', oneOf(1), 1, { isKerasOnly: true }),
  option('activation', layerActivation, 'linear'),
  USE_BIAS,
  kernelInitializer({ defaults: { tfjs: 'glorotNormal' } }),
  option('biasInitializer', BIAS, 'zeros'),
  option('kernelRegularizer', regularizer, undefined),
  option('biasRegularizer', regularizer, undefined),
  noEffect('activity_regularizer', oneOf(null), null),
  option('kernelConstraint', constraint, undefined),
  option('biasConstraint', constraint, undefined),
];

const EMBEDDING: readonly Option[] = [
  option('inputDim', count, REQUIRED),
  option('outputDim', count, REQUIRED),
  option('embeddingsInitializer', uniformInitializer, 'uniform', { aliases: ['init'] }),
  noEffect('embeddings_regularizer', oneOf(null), null, { aliases: ['W_regularizer'] }),
  noEffect('activity_regularizer', oneOf(null), null),
  noEffect('embeddings_constraint', oneOf(null), null, { aliases: ['W_constraint'] }),
  option('maskZero', flag, false),
  noEffect('dropout', oneOf(0), 0, { isRare: true }),
  noEffect('quantization_config', oneOf(null), null, { isKerasOnly: true }),
];

/** The classes by name. The first for a type is the one that is written. */
export const LAYER_CLASSES: Readonly<Record<string, LayerClass>> = {
  LSTM: { type: 'lstm', options: [...SEQUENCES, ...lstmOptions(false)] },
  GRU: { type: 'gru', options: [...SEQUENCES, ...gruOptions(false)] },
  SimpleRNN: { type: 'simpleRnn', options: [...SEQUENCES, ...simpleRnnOptions(false)] },
  CuDNNLSTM: { type: 'lstm', options: [...SEQUENCES, FORGET_BIAS, ...CUDNN], isReadOnly: true },
  CuDNNGRU: { type: 'gru', options: [...SEQUENCES, ...CUDNN], isReadOnly: true },
  Dense: { type: 'dense', options: DENSE },
  Conv1D: { type: 'conv1d', options: CONVOLUTION },
  Activation: { type: 'activation', options: [option('activation', layerActivation, REQUIRED)] },
  Dropout: {
    type: 'dropout',
    options: [
      option('rate', float, REQUIRED, { aliases: ['p'] }),
      option('seed', seed, undefined),
      noEffect('noise_shape', oneOf(null), null),
    ],
  },
  Embedding: { type: 'embedding', options: EMBEDDING },
  Masking: { type: 'masking', options: [option('maskValue', float, 0)] },
  RepeatVector: { type: 'repeatVector', options: [option('n', count, REQUIRED)] },
  ReLU: {
    type: 'activation',
    fixed: { activation: 'relu' },
    isReadOnly: true,
    options: [
      noEffect('max_value', oneOf(null), null),
      noEffect('negative_slope', oneOf(0, null), 0),
      noEffect('threshold', oneOf(0, null), 0),
    ],
  },
  Softmax: {
    type: 'activation',
    fixed: { activation: 'softmax' },
    isReadOnly: true,
    options: [noEffect('axis', oneOf(-1), -1)],
  },
};

/** The cells that `RNN` runs over time, and what recurrent layers have beside their cells. */
export const CELL_CLASSES: Readonly<Record<string, LayerClass>> = {
  LSTMCell: { type: 'lstm', options: lstmOptions(true) },
  GRUCell: { type: 'gru', options: gruOptions(true) },
  SimpleRNNCell: { type: 'simpleRnn', options: simpleRnnOptions(true) },
};
export const RNN_OPTIONS = SEQUENCES;

/** The class that a layer here is written as. */
export function classOf(type: string): [className: string, layerClass: LayerClass] | undefined {
  return Object.entries(LAYER_CLASSES).find(([, { type: own, isReadOnly }]) => own === type && !isReadOnly);
}

/** The options of every layer, which have no effect here, with the values that they may have. */
export const ANY_LAYER: readonly Option[] = [
  noEffect('trainable', oneOf(true), true),
  noEffect('dtype', dataType, 'float32'),
];

/** The penalty on outputs, which only recurrent layers have here. */
export const NO_ACTIVITY = noEffect('activity_regularizer', oneOf(null), null, { isRare: true });

/** Options whose value does not matter here: how Keras computes, and shapes that are known from elsewhere. */
export const WITHOUT_EFFECT: readonly string[] = [
  'name',
  'batch_input_shape',
  'batch_shape',
  'input_shape',
  'input_dtype',
  'input_length',
  'input_dim',
  'batch_size',
  'autocast',
  'implementation',
  'consume_less',
  'use_cudnn',
];
