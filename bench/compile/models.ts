import {
  activation,
  adamw,
  bidirectional,
  conv1d,
  dense,
  dropout,
  embedding,
  gru,
  l2,
  lastStep,
  lstm,
  masking,
  maxNorm,
  repeatVector,
  rmsprop,
  sgd,
  simpleRnn,
  type CompileOptions,
  type FitOptions,
  type SequentialOptions,
} from '../../src/index.ts';

/** A model that trains, of which the benchmark has no work. */
export interface ModelInReport {
  id: string;
  title: string;
  steps: number;
  /** Absent before an embedding. */
  features?: number;
  options: Omit<SequentialOptions, 'inputShape'>;
  /** The shape of a sample's target. */
  target: readonly number[];
  training: CompileOptions;
  fit?: FitOptions;
}

export const ROWS = 32;
/** Of two batches. */
export const SAMPLES = 2 * ROWS;
const [STEPS, FEATURES, UNITS] = [20, 8, 64];

/** Together with the works of the benchmark they run every kernel, which a test holds. */
export const models: readonly ModelInReport[] = [
  {
    id: 'gru',
    title: 'a GRU and its head, momentum, gradients accumulated and clipped',
    steps: STEPS,
    features: FEATURES,
    options: { layers: [gru({ units: UNITS }), dense({ units: 1 })] },
    target: [1],
    training: {
      optimizer: sgd({ learningRate: 0.1, momentum: 0.9, clipnorm: 1, gradientAccumulationSteps: 2 }),
      loss: 'mse',
      metrics: ['mae'],
    },
  },
  {
    id: 'older-cells',
    title: 'a GRU of the older form and a simple RNN, gradients clamped',
    steps: STEPS,
    features: FEATURES,
    options: {
      layers: [gru({ units: UNITS, resetAfter: false, returnSequences: true }), simpleRnn({ units: UNITS })],
    },
    target: [UNITS],
    training: { optimizer: rmsprop({ learningRate: 0.001, clipvalue: 1 }), loss: 'huber' },
  },
  {
    id: 'text',
    title: 'words of padded sentences in both directions, recurrent dropout, classes',
    steps: STEPS,
    options: {
      layers: [
        embedding({ inputDim: 1000, outputDim: UNITS, maskZero: true }),
        bidirectional(lstm({ units: UNITS, returnSequences: true, dropout: 0.1, recurrentDropout: 0.1 })),
        lastStep(),
        dense({ units: 10, activation: 'softmax' }),
      ],
    },
    target: [1],
    training: { optimizer: adamw(), loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] },
  },
  {
    id: 'autoencoder',
    title: 'a convolution, an autoencoder of LSTMs, dropout, penalties and constraints',
    steps: STEPS,
    features: FEATURES,
    options: {
      layers: [
        conv1d({ filters: UNITS, kernelSize: 5, padding: 'same', kernelConstraint: maxNorm(2) }),
        activation('relu'),
        dropout({ rate: 0.1 }),
        lstm({ units: UNITS, kernelRegularizer: l2(0.01), activityRegularizer: l2(0.01) }),
        repeatVector(STEPS),
        lstm({ units: UNITS, returnSequences: true, goBackwards: true }),
        conv1d({ filters: FEATURES, kernelSize: 5, padding: 'same' }),
        activation('softmax'),
      ],
    },
    target: [STEPS, FEATURES],
    training: { optimizer: adamw(), loss: 'mae' },
  },
  {
    id: 'resets',
    title: 'stateful, padded and masked, reset within samples, sample weights',
    steps: STEPS,
    features: FEATURES,
    options: {
      layers: [
        dense({ units: FEATURES }),
        masking(),
        lstm({ units: UNITS, stateful: true, returnSequences: true }),
        dense({ units: 1, activation: 'sigmoid' }),
      ],
      batchSize: ROWS,
    },
    target: [STEPS, 1],
    training: { optimizer: adamw(), loss: 'binaryCrossentropy' },
    fit: {
      resetStates: Array.from({ length: SAMPLES }, () =>
        Array.from({ length: STEPS }, (_, step) => Number(step % 5 === 0)),
      ),
      sampleWeight: Array.from({ length: SAMPLES }, (_, sample) => sample % 2),
    },
  },
  {
    id: 'half-precision',
    title: 'half precision: B 32, T 20, I 8, H 64',
    steps: STEPS,
    features: FEATURES,
    options: {
      layers: [lstm({ units: UNITS, returnSequences: true }), lstm({ units: UNITS }), dense({ units: 1 })],
      precision: 'mixedFloat16',
    },
    target: [1],
    training: { optimizer: adamw(), loss: 'mse' },
  },
];
