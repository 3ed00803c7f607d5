import type { rng } from '../harness/random.ts';
import { activations, type ActivationName } from './activations.ts';
import type { CellName } from './cells.ts';
import { windowsOf, type ConvolutionSpec } from './convolution.ts';
import type { AdamOptions, RmspropOptions, SgdOptions, StepOptions } from './optimizers.ts';
import type { MergeMode } from './twin-layers.ts';

type Random = ReturnType<typeof rng>;

/** Options of a recurrent layer, under the library's names. */
export interface DrawnRecurrent {
  units: number;
  activation: ActivationName;
  useBias: boolean;
  returnSequences: boolean;
  goBackwards: boolean;
  zeroOutputForMask: boolean;
  /** The option of an lstm and of a gru. */
  recurrentActivation?: ActivationName;
  /** The option of an lstm. */
  unitForgetBias?: boolean;
  /** The option of a gru. */
  resetAfter?: boolean;
}

export type DrawnLayer =
  | { kind: CellName; options: DrawnRecurrent }
  | { kind: 'bidirectional'; cell: CellName; options: DrawnRecurrent; mergeMode: MergeMode }
  | { kind: 'dense'; options: { units: number; activation: ActivationName | 'softmax'; useBias: boolean } }
  | { kind: 'conv1d'; options: ConvolutionSpec }
  | { kind: 'embedding'; options: { inputDim: number; outputDim: number; maskZero: boolean } }
  | { kind: 'masking'; options: { maskValue: number } }
  | { kind: 'activation'; name: ActivationName }
  | { kind: 'repeatVector'; n: number }
  | { kind: 'lastStep' };

export type DrawnOptimizer =
  | { kind: 'sgd'; options: SgdOptions & StepOptions }
  | { kind: 'rmsprop'; options: RmspropOptions & StepOptions }
  | { kind: 'adam'; options: AdamOptions & StepOptions };

/** A model as plain data, from which the library's model and its twin are built, and which a failed test prints. */
export interface DrawnModel {
  rows: number;
  steps: number;
  /** The features of a step; absent before an embedding. */
  features?: number;
  /** The lengths of the sequences, if the model gets them. */
  lengths?: number[];
  layers: DrawnLayer[];
  loss:
    | 'meanSquaredError'
    | 'meanAbsoluteError'
    | 'huber'
    | 'binaryCrossentropy'
    | 'categoricalCrossentropy'
    | 'sparseCategoricalCrossentropy';
  optimizer: DrawnOptimizer;
}

const names = Object.keys(activations) as ActivationName[];
const cells: readonly CellName[] = ['lstm', 'gru', 'simpleRnn'];

/** One to three layers with random options, and a head if the loss asks for one. */
export function drawModel(random: Random): DrawnModel {
  const draw = drawingFrom(random);
  const rows = random.integer(1, 5);
  const steps = random.integer(1, 7);
  const layers: DrawnLayer[] = [];
  const add = (layer: DrawnLayer) => layers.push(layer);
  const count = random.integer(1, 3);
  const first = random.uniform(0, 1);
  const readsIndices = first < 0.2;
  if (readsIndices) {
    add({ kind: 'embedding', options: { inputDim: 5, outputDim: random.integer(1, 4), maskZero: draw.chance(0.5) } });
  } else if (first < 0.45) {
    add({ kind: 'masking', options: { maskValue: draw.one([0, -2]) } });
  }
  let isSequence = true;
  let length = steps;
  while (layers.length < count) {
    // A convolution takes no mask.
    const isConvolved: boolean = isSequence && !layers.some(findsPadding) && draw.chance(0.15);
    const layer: DrawnLayer = isConvolved ? draw.conv1d(length) : isSequence ? draw.onSequence() : draw.onVector();
    if (layer.kind === 'repeatVector') length = layer.n;
    if (layer.kind === 'conv1d') length = windowsOf(layer.options, length).count;
    isSequence = layer.kind === 'repeatVector' || (isSequence && !endsSequence(layer));
    add(layer);
  }

  const loss = draw.one([
    'meanSquaredError',
    'meanAbsoluteError',
    'huber',
    'binaryCrossentropy',
    'categoricalCrossentropy',
    'sparseCategoricalCrossentropy',
  ] as const);
  if (loss === 'binaryCrossentropy') {
    if (draw.chance(0.7)) add(draw.dense('sigmoid', random.integer(1, 3)));
    else add({ kind: 'activation', name: 'sigmoid' });
  } else if (loss.endsWith('ategoricalCrossentropy')) {
    add(draw.dense('softmax', random.integer(2, 4)));
  }
  return {
    rows,
    steps,
    features: readsIndices ? undefined : random.integer(1, 4),
    lengths:
      !layers.some((layer) => findsPadding(layer) || layer.kind === 'conv1d') && draw.chance(0.45)
        ? Array.from({ length: rows }, () => random.integer(0, steps))
        : undefined,
    layers,
    loss,
    optimizer: draw.optimizer(),
  };
}

/** Whether a layer computes its own mask, so that the library refuses lengths with it. */
function findsPadding(layer: DrawnLayer): boolean {
  return layer.kind === 'masking' || (layer.kind === 'embedding' && layer.options.maskZero);
}

/** Whether the output of a layer is one vector for a whole sequence. */
function endsSequence(layer: DrawnLayer): boolean {
  if (layer.kind === 'lastStep') return true;
  return 'options' in layer && 'returnSequences' in layer.options && !layer.options.returnSequences;
}

function drawingFrom(random: Random) {
  const one = <T>(list: readonly T[]): T => list[random.integer(0, list.length - 1)];
  const chance = (share: number) => random.uniform(0, 1) < share;
  const between = (least: number, most: number) => Number(random.uniform(least, most).toPrecision(3));
  /** Draws a size: mostly a small one, and sometimes one past a power of two. */
  const units = () => (chance(0.85) ? random.integer(1, 6) : random.integer(7, 37));

  const recurrent = (cell: CellName): DrawnRecurrent => ({
    units: units(),
    activation: chance(0.5) ? 'tanh' : one(names),
    useBias: chance(0.8),
    returnSequences: chance(0.5),
    goBackwards: chance(0.25),
    zeroOutputForMask: chance(0.25),
    ...(cell !== 'simpleRnn' && { recurrentActivation: chance(0.5) ? 'sigmoid' : one(names) }),
    ...(cell === 'lstm' && { unitForgetBias: chance(0.5) }),
    ...(cell === 'gru' && { resetAfter: chance(0.5) }),
  });
  const dense = (activation: ActivationName | 'softmax', outputs: number): DrawnLayer => ({
    kind: 'dense',
    options: { units: outputs, activation, useBias: chance(0.8) },
  });
  /** A convolution that has a whole window in so many steps. */
  const conv1d = (length: number): DrawnLayer => {
    for (;;) {
      const strides = chance(0.7) ? 1 : random.integer(2, 3);
      const options: ConvolutionSpec = {
        filters: units(),
        kernelSize: random.integer(1, 4),
        strides,
        padding: one(['valid', 'same', 'causal']),
        dilationRate: strides > 1 || chance(0.7) ? 1 : random.integer(2, 3),
        activation: one(names),
        useBias: chance(0.8),
      };
      if (windowsOf(options, length).count > 0) return { kind: 'conv1d', options };
    }
  };
  const anywhere = () => (chance(0.7) ? dense(one(names), units()) : { kind: 'activation' as const, name: one(names) });

  const onSequence = (): DrawnLayer => {
    const cell = one(cells);
    const kind = random.uniform(0, 1);
    if (kind < 0.45) return { kind: cell, options: recurrent(cell) };
    if (kind < 0.65) {
      const options = recurrent(cell);
      // Keras sets both.
      return {
        kind: 'bidirectional',
        cell,
        options: { ...options, goBackwards: false, zeroOutputForMask: false },
        mergeMode: one(['concat', 'sum', 'mul', 'ave']),
      };
    }
    if (kind < 0.78) return { kind: 'lastStep' };
    if (kind < 0.84) return { kind: 'masking', options: { maskValue: 0 } };
    return anywhere();
  };
  const onVector = (): DrawnLayer => (chance(0.3) ? { kind: 'repeatVector', n: random.integer(1, 4) } : anywhere());

  const optimizer = (): DrawnOptimizer => {
    const clip = one(['clipnorm', 'clipvalue', 'globalClipnorm'] as const);
    const around: StepOptions = {
      learningRate: between(0.01, 0.1),
      ...(chance(0.2) && { weightDecay: between(0.001, 0.1) }),
      ...(chance(0.2) && { [clip]: between(0.01, 0.5) }),
      ...(chance(0.2) && { gradientAccumulationSteps: 2 }),
    };
    const momentum = chance(0.5) ? between(0.1, 0.95) : 0;
    // A smaller epsilon would turn the rounding error of a small gradient into a whole step.
    const epsilon = between(0.001, 0.1);
    switch (one(['sgd', 'rmsprop', 'adam'] as const)) {
      case 'sgd':
        return { kind: 'sgd', options: { ...around, momentum, nesterov: chance(0.5) } };
      case 'rmsprop':
        return {
          kind: 'rmsprop',
          options: { ...around, momentum, epsilon, rho: between(0.5, 0.99), centered: chance(0.5) },
        };
      case 'adam': {
        const betas = { beta1: between(0, 0.95), beta2: between(0.5, 0.999) };
        return { kind: 'adam', options: { ...around, ...betas, epsilon, amsgrad: chance(0.3) } };
      }
    }
  };
  return { one, chance, dense, conv1d, onSequence, onVector, optimizer };
}
