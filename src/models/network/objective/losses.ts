import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, oneOf, optionalNonNegatives, show, trueOrFalse } from '../../../runtime/options.ts';
import type { FrameBinding, Plan } from '../../../runtime/plan.ts';
import type { Shape, SampleShape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { binaryCrossentropy as binaryKernel } from '../../../shaders/losses/binary-crossentropy.ts';
import { categoricalCrossentropy as categoricalKernel } from '../../../shaders/losses/categorical-crossentropy.ts';
import { regressionLoss } from '../../../shaders/losses/regression-loss.ts';
import { fraction } from '../optimizer/step-options.ts';

/** The plan, tensors and constants with which losses and metrics are recorded. */
export interface ReportRecording {
  plan: Plan;
  update: FrameBinding;
  target: Tensor;
  /** The weight of each step of each row, [STEPS, ROWS]; read only if WEIGHTED is 1. */
  weights: Tensor;
  journal: Tensor;
  /** The constants of `prelude/loss.wgsl` and of `prelude/reduce.wgsl`. */
  constants: Record<'STEPS' | 'ROWS' | 'FEATURES' | 'COLUMNS' | 'COLUMN' | 'THREADS' | 'WEIGHTED', number>;
  tensor: (label: string, shape: Shape) => Tensor;
}

/** A loss, which training minimizes. */
export interface Loss {
  readonly name: LossName;
  /** Its options, with defaults filled in. */
  readonly options: Readonly<Record<string, number | boolean>>;
  /** The final activation that the loss computes itself, from the values before it, which has smaller errors. @internal */
  readonly fusedActivation?: 'sigmoid' | 'softmax';
  /** Whether the loss has no options that the resident schedule does not support. @internal */
  readonly isPlain: boolean;
  /** Whether a target is the number of a class, one a sample or one a step, instead of a number for each output. */
  readonly takesClasses: boolean;
  /**
   * Records the loss, and the gradient of `output`.
   *
   * @param isActivationFused whether `output` lacks the final activation, so that the loss computes it too
   * @internal
   */
  record(
    recording: ReportRecording,
    output: Tensor,
    isActivationFused: boolean,
  ): { prediction: Tensor; gradient: Tensor };
}

export interface BinaryCrossentropyOptions {
  /** The outputs are values before a sigmoid, which the model leaves out. Default: false. */
  fromLogits?: boolean;
  /** The fraction by which targets are moved towards 0.5. Default: 0. */
  labelSmoothing?: number;
  /**
   * Compute the loss of a sigmoid from its outputs, clipped to 1e-7 … 1 - 1e-7, as Keras does on PyTorch, on JAX and before
   * version 2. By default it is computed from the values before the sigmoid, as Keras does on TensorFlow.
   */
  clipped?: boolean;
}

export interface SparseCategoricalCrossentropyOptions {
  /** The outputs are values before a softmax, which the model leaves out. Default: false. */
  fromLogits?: boolean;
  /** Compute the loss of a softmax from its outputs, clipped to 1e-7 … 1 - 1e-7. Default: false. */
  clipped?: boolean;
}

export interface CategoricalCrossentropyOptions extends SparseCategoricalCrossentropyOptions {
  /** The fraction of each target that is spread evenly over all classes. Default: 0. */
  labelSmoothing?: number;
}

/**
 * Cross-entropy for outputs that are each 0 or 1 independently of each other.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/losses/losses.py BinaryCrossentropy
 */
export function binaryCrossentropy(options: BinaryCrossentropyOptions = {}): Loss {
  const { labelSmoothing, ...choices } = crossentropyOptions('binaryCrossentropy', options);
  return {
    name: 'binaryCrossentropy',
    options: { ...choices, labelSmoothing },
    isPlain: labelSmoothing === 0,
    takesClasses: false,
    ...crossentropy('sigmoid', choices, (recording, bindings, FROM_LOGITS) => {
      const constants = { ...recording.constants, FROM_LOGITS, SMOOTHING: labelSmoothing };
      recording.plan.add(binaryKernel, bindings, constants);
    }),
  };
}

/**
 * Cross-entropy for one class among several, with targets that are 1 for the class and 0 for the others.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/losses/losses.py CategoricalCrossentropy
 */
export function categoricalCrossentropy(options: CategoricalCrossentropyOptions = {}): Loss {
  const { labelSmoothing, ...choices } = crossentropyOptions('categoricalCrossentropy', options);
  return {
    name: 'categoricalCrossentropy',
    options: { ...choices, labelSmoothing },
    isPlain: false,
    takesClasses: false,
    ...crossentropy('softmax', choices, (recording, bindings, FROM_LOGITS) => {
      const constants = { ...recording.constants, FROM_LOGITS, SPARSE: 0, SMOOTHING: labelSmoothing };
      recording.plan.add(categoricalKernel, bindings, constants);
    }),
  };
}

/**
 * Cross-entropy for one class among several, with class numbers as targets: [samples], or [samples, timesteps].
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/losses/losses.py SparseCategoricalCrossentropy
 */
export function sparseCategoricalCrossentropy(options: SparseCategoricalCrossentropyOptions = {}): Loss {
  knownOptions('sparseCategoricalCrossentropy', options, ['fromLogits', 'clipped']);
  const { labelSmoothing: _, ...choices } = crossentropyOptions('sparseCategoricalCrossentropy', options);
  return {
    name: 'sparseCategoricalCrossentropy',
    options: choices,
    isPlain: false,
    takesClasses: true,
    ...crossentropy('softmax', choices, (recording, bindings, FROM_LOGITS) => {
      const constants = { ...recording.constants, FROM_LOGITS, SPARSE: 1, SMOOTHING: 0 };
      recording.plan.add(categoricalKernel, bindings, constants);
    }),
  };
}

/** The mean of squared differences. @see keras/src/losses/losses.py MeanSquaredError */
export function meanSquaredError(): Loss {
  return regression('meanSquaredError');
}

/** The mean of absolute differences. @see keras/src/losses/losses.py MeanAbsoluteError */
export function meanAbsoluteError(): Loss {
  return regression('meanAbsoluteError');
}

export interface HuberOptions {
  /** The difference at which the square turns into a straight line. Default: 1. */
  delta?: number;
}

/**
 * Half the squared difference where it is small, a straight line where it is large.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/losses/losses.py Huber
 */
export function huber(options: HuberOptions = {}): Loss {
  knownOptions('huber', options, ['delta']);
  const { delta = 1 } = options;
  optionalNonNegatives('huber', { delta });
  return regression('huber', { delta });
}

/** The losses by name; the last two are Keras' short names. */
export type LossName =
  | 'binaryCrossentropy'
  | 'categoricalCrossentropy'
  | 'sparseCategoricalCrossentropy'
  | 'meanSquaredError'
  | 'meanAbsoluteError'
  | 'huber'
  | 'mse'
  | 'mae';

const losses: Record<LossName, () => Loss> = {
  binaryCrossentropy,
  categoricalCrossentropy,
  sparseCategoricalCrossentropy,
  meanSquaredError,
  meanAbsoluteError,
  huber,
  mse: meanSquaredError,
  mae: meanAbsoluteError,
};

/** The shape of a target, for outputs of this shape. */
export function targetShape(loss: Loss, output: SampleShape): SampleShape {
  return loss.takesClasses ? [...output.slice(0, -1), 1] : output;
}

/** @throws ValueError if there is no such loss, or it does not go with outputs of this shape */
export function lossOf(where: string, given: unknown, output: SampleShape): Loss {
  const isLoss = typeof given === 'object' && typeof (given as Loss | null)?.record === 'function';
  const names = Object.keys(losses) as LossName[];
  const loss = isLoss ? (given as Loss) : losses[oneOf(where, 'loss', given, names)]();
  if (loss.name.endsWith('ategoricalCrossentropy') && output.at(-1) === 1) {
    throw new ValueError(
      `${where}: loss: ${loss.name} chooses among several outputs, but this model has one. Use "binaryCrossentropy", or ` +
        `give the last layer an output for each class.`,
    );
  }
  return loss;
}

type Choices = Required<SparseCategoricalCrossentropyOptions>;
type Bindings = Record<'output' | 'target_value' | 'weights' | 'prediction' | 'gradient' | 'journal', Tensor> & {
  update: FrameBinding;
};

/** Cross-entropy fused with the activation before it, unless it is to be computed from clipped probabilities. */
function crossentropy(
  activation: 'sigmoid' | 'softmax',
  { fromLogits, clipped }: Choices,
  add: (recording: ReportRecording, bindings: Bindings, FROM_LOGITS: 0 | 1) => void,
): Pick<Loss, 'fusedActivation' | 'record'> {
  return {
    fusedActivation: clipped ? undefined : activation,
    record(recording, output, isActivationFused) {
      const { update, target, weights, journal, tensor } = recording;
      const prediction = tensor('prediction', output.shape);
      const gradient = tensor('loss gradient', output.shape);
      const bindings = { update, output, target_value: target, weights, prediction, gradient, journal };
      add(recording, bindings, fromLogits || isActivationFused ? 1 : 0);
      // Metrics take the model's output, which are logits if the model has no activation before this loss.
      return { prediction: isActivationFused ? prediction : output, gradient };
    },
  };
}

function crossentropyOptions(where: string, options: CategoricalCrossentropyOptions) {
  knownOptions(where, options, ['fromLogits', 'labelSmoothing', 'clipped']);
  const { fromLogits = false, labelSmoothing = 0, clipped = false } = options;
  trueOrFalse(where, 'fromLogits', fromLogits);
  trueOrFalse(where, 'clipped', clipped);
  if (labelSmoothing !== 1) fraction(where, { labelSmoothing });
  if (fromLogits && clipped) {
    throw new ValueError(
      `${where}: clipped is ${show(clipped)}, but logits are not clipped. Leave out one of the two.`,
    );
  }
  return { fromLogits, labelSmoothing, clipped };
}

/** The losses of a difference; their indices are the numbers in losses/regression-loss.wgsl. */
export const REGRESSION_LOSSES = ['meanSquaredError', 'meanAbsoluteError', 'huber'] as const;

function regression(name: (typeof REGRESSION_LOSSES)[number], options: { delta?: number } = {}): Loss {
  const kind = { KIND: REGRESSION_LOSSES.indexOf(name), DELTA: options.delta ?? 0 };
  return {
    name,
    options: { ...options },
    isPlain: true,
    takesClasses: false,
    record({ plan, update, target, weights, journal, constants, tensor }, output) {
      const gradient = tensor('loss gradient', output.shape);
      const bindings = { update, prediction: output, target_value: target, weights, gradient, journal };
      plan.add(regressionLoss, bindings, { ...constants, ...kind });
      return { prediction: output, gradient };
    },
  };
}
