import type { Grid, KernelCode } from '../../../runtime/kernel.ts';
import type { FrameBinding, Plan } from '../../../runtime/plan.ts';
import type { Shape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import type { Precision } from '../../../shaders/precision.ts';
import type { Loading } from '../../../shaders/quads.ts';

/** Gradients that a cell carries from step to step at the most: of h past the weights, of the output, of c. */
export const CARRIED = 3;

/** What a kind of cell adds to the common form of a recurrent layer. */
export interface Cell {
  /** Keras' name of it, and whatever else decides about its kernels. */
  readonly name: string;
  /** Gates of a unit: H times as many columns in the weights. */
  readonly gates: number;
  /** Whether the columns lie unit by unit, the gates of one beside each other, instead of gate by gate. */
  readonly isUnitByUnit?: boolean;
  /** Rows of biases: with two of them the second belongs to the recurrent product. */
  readonly biases: number;
  /** Names of the states; the first one is the output. */
  readonly states: readonly string[];
  /** Whether a step has barriers within itself, so that a single workgroup must run it and steps are always fused. */
  readonly alwaysFused?: boolean;
  /** Whether an invocation of the time loop can own several rows. */
  readonly hasTiles?: boolean;
  /** Whether the time loop can work out the product of the input itself, where nothing of it or of the state is masked. */
  readonly takesInput?: boolean;
  /** Whether the recurrent weights can stay in private memory from step to step of the forward pass. */
  readonly allowsPersistentWeights?: boolean;
  /** Every kernel that `record` may add. */
  readonly kernels: readonly KernelCode[];
  /** Adds the time loop to the plan, and returns how to add the backward pass, which leaves dz in `gates`. */
  record(loop: Loop): (outputGradient: Tensor) => GradientPart[];
}

/** The time loop of a layer in a plan. */
export interface Loop {
  plan: Plan;
  tensor: (label: string, shape: Shape) => Tensor;
  /** T, B and H. */
  steps: number;
  rows: number;
  units: number;
  constants: Record<LoopConstant, number>;
  /** Workgroups of a dispatch of many steps; nothing if each step has as many as its kernel wants. */
  grid?: Grid;
  /** Rows that an invocation owns. */
  tileRows: number;
  /** Who loads them, in the kernels of a cell with tiles. */
  loading: Loading;
  /** Whether the recurrent weights stay in private memory from step to step. */
  hasPersistentWeights: boolean;
  chunks: readonly FrameBinding[];
  weights: Tensor;
  /** With `features` x, [T, B, features]; bound without them, too. */
  input: Tensor;
  /**
   * [T, B, gates * H], unless there are `features` and no backward pass: without `features` x · kernel + bias to begin with.
   * At the end of the backward pass the gradient of that, whose memory it shares since nobody needs both.
   */
  gates: Tensor;
  /** How many features the time loop takes in itself; 0: their product is given. */
  features: number;
  /** Whether a backward pass follows. */
  isTraining: boolean;
  /** What a cell with kernels for several stores weights in. */
  precision: Precision;
  /** Bound whether there is a mask or not. */
  mask: Tensor;
  /** What the gates see of h, [gates, B, H]; bound whether something is dropped or not. */
  dropoutMask: Tensor;
  /** What each unit keeps on the backward pass, as `prelude/recurrent-gradient.wgsl` lays it out. */
  carry: () => Tensor;
  /** One for each of the cell's states, [storedStates, B, H]. */
  states: readonly Tensor[];
  output: Tensor;
}

export type LoopConstant =
  | 'ROWS'
  | 'UNITS'
  | 'RECURRENT_ROW'
  | 'STEPS'
  | 'RETURN_SEQUENCES'
  | 'BACKWARDS'
  | 'MASKED'
  | 'ZERO_OUTPUT'
  | 'RECURRENT_DROPOUT'
  | 'SAVE_FOR_BACKWARD'
  | 'FUSED_STEPS'
  | 'THREADS'
  | 'ACTIVATION';

/** How many steps have room for their states: all and the initial ones, or if no backward pass follows those and two in turn. */
export function storedStates(steps: number, isTraining: boolean): number {
  return isTraining ? steps + 1 : Math.min(steps + 1, 3);
}

/** Which of them are the last ones (`state_place` in prelude/recurrent.wgsl). */
export function lastState(steps: number, isTraining: boolean): number {
  return isTraining ? steps : 1 + ((steps + 1) % 2);
}

/** Some of a cell's gates: blocks of H columns in the weights. */
export interface Gates {
  firstGate: number;
  gates: number;
}

/** The gradient of some gates' columns in the weights. */
export interface GradientPart extends Gates {
  /** What the recurrent kernel is multiplied by, [T, B, H], and in which order its steps lie. */
  hidden: Tensor;
  order: 'processing' | 'input';
  /** The gradient of the recurrent product, if it is not that of the input product. */
  recurrentGradient?: Tensor;
}
