import type { Grid, KernelCode } from '../../../runtime/kernel.ts';
import type { FrameBinding, Plan } from '../../../runtime/plan.ts';
import type { Shape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import type { Precision } from '../../../shaders/precision.ts';
import type { Loading } from '../../../shaders/quads.ts';
import type { ColumnSelection } from '../products/matrix.ts';

/**
 * Upper bound of the gradients carried between steps of backpropagation through time: dh that bypasses the recurrent weights,
 * the gradient of a repeated (masked) output, and dc.
 */
export const CARRIED = 3;

/** A kind of recurrent cell, such as an LSTM's: how it differs from others, and how its time loop is recorded. */
export interface Cell {
  /** Keras' name of the layer, with the options that decide which kernels the cell runs. */
  readonly name: string;
  /** How many gates a unit has: the weights have gates * H columns. */
  readonly gates: number;
  /** Keras' letters for the gates, in the order of the weights; absent if the only product is no gate. */
  readonly gateNames?: string;
  /** Whether the columns of the weights are interleaved, the gates of a unit beside each other, instead of gate by gate. */
  readonly isUnitByUnit?: boolean;
  /** How many rows of biases the weights have: 1, or 2 if the recurrent product has a bias of its own. */
  readonly biases: number;
  /** The number of the gates' activation, for a cell that has one besides the layer's. */
  readonly recurrentActivation?: number;
  /** The names of the states, the first of which is the output. */
  readonly states: readonly string[];
  /** Whether a step needs barriers, so that a single workgroup must run it and steps are always fused. */
  readonly alwaysFused?: boolean;
  /** Whether an invocation of the time loop can own several rows. */
  readonly hasTiles?: boolean;
  /** Whether the sums of a step can be split along k, in a time loop whose steps are a dispatch each. */
  readonly allowsSplitK?: boolean;
  /** Whether the time loop can compute the input product itself, if all gates have the same input. */
  readonly computesInputProduct?: boolean;
  /** Whether the recurrent weights can stay in private memory from step to step of the forward pass. */
  readonly allowsPersistentWeights?: boolean;
  /** Every kernel that `record` may add. */
  readonly kernels: readonly KernelCode[];
  /** Adds the time loop to the plan. */
  record(loop: Loop): RecordedLoop;
}

/** A time loop in a plan. */
export interface RecordedLoop {
  /**
   * The gates of each step after their activations, [T, B, at least gates * H], if the loop saves its steps: laid out as the
   * columns of the weights. Those of masked steps mean nothing.
   */
  gates?: Tensor;
  /** Adds the backward pass; absent if that comes with the optimizers, as an LSTM's does. */
  backward?: RecordBackward;
}

/** Adds the backward pass of a time loop to the plan, which leaves dz in `gates`. */
export type RecordBackward = (outputGradient: Tensor) => GradientPart[];

/** The time loop of a layer in a plan. */
export interface Loop {
  plan: Plan;
  tensor: (label: string, shape: Shape) => Tensor;
  /** The sizes T, B and H. */
  steps: number;
  rows: number;
  units: number;
  constants: Record<LoopConstant, number>;
  /** The grid of a fused dispatch; absent if the loop is stepped, where the kernel's contract gives the grid of a step. */
  grid?: Grid;
  /** How many rows an invocation owns. */
  tileRows: number;
  /** Whether invocations load their rows on their own or in quads, for a cell with tiles. */
  loading: Loading;
  /** Whether the recurrent weights stay in private memory from step to step. */
  hasPersistentWeights: boolean;
  /** Units of a workgroup whose threads share the terms of each sum (split-K); absent where a thread adds up whole sums. */
  splitKUnits?: number;
  chunks: readonly FrameBinding[];
  weights: Tensor;
  /** The input x [T, B, features] if the loop computes its product, or a tensor that is bound and not read. */
  input: Tensor;
  /**
   * The gates [T, B, gates * H]. If the loop does not compute the input product, they hold x · kernel + bias at first. The
   * backward pass leaves dz here, which needs no memory of its own since the gates are no longer read. If the loop computes the
   * input product and steps are not saved, there are no gates, and a tensor is bound that is not read.
   */
  gates: Tensor;
  /** The number of input features if the loop computes the input product; 0 if `gates` holds it. */
  features: number;
  /** The precision of the weights that the loop reads, for cells that have kernels for more than float32. */
  precision: Precision;
  /** The mask [T, B], or a tensor that is bound and not read. */
  mask: Tensor;
  /** The dropout masks of h [gates, B, H], or a tensor that is bound and not read. */
  dropoutMask: Tensor;
  /** Makes memory for the gradients carried between steps, as `prelude/recurrent-gradient.wgsl` lays it out. */
  carry: () => Tensor;
  /** A tensor [storedStates, B, H] for each of the cell's states. */
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
  | 'CONTINUES_OUTPUT'
  | 'RECURRENT_DROPOUT'
  | 'SAVE_FOR_BACKWARD'
  | 'FUSED_STEPS'
  | 'THREADS'
  | 'ACTIVATION';

/** How many states are stored: the initial one and that of each step or, if steps are not saved, a double buffer. */
export function storedStates(steps: number, savesSteps: boolean): number {
  return savesSteps ? steps + 1 : Math.min(steps + 1, 3);
}

/** The index of the state after the last step among those stored (`state_index` in prelude/recurrent.wgsl). */
export function lastState(steps: number, savesSteps: boolean): number {
  return savesSteps ? steps : 1 + ((steps + 1) % 2);
}

/** A range of a cell's gates. */
export interface Gates {
  firstGate: number;
  gates: number;
}

/** A tensor, and the gates whose products it enters. */
export type GateValues = Gates & { values: Tensor };

/** The columns of these gates in the weights of a layer. */
export function gateColumns(cell: Cell, units: number, { firstGate, gates }: Gates): ColumnSelection {
  if (cell.isUnitByUnit && gates < cell.gates) return { first: firstGate, count: units, stride: cell.gates };
  return { first: firstGate * units, count: gates * units, stride: 1 };
}

/** The gradient of some gates' columns in the weights. */
export interface GradientPart extends Gates {
  /** The tensor [T, B, H] that the forward pass multiplied by the recurrent kernel. */
  hidden: Tensor;
  /** Whether the steps of `hidden` are in the order of processing or in that of the input. */
  order: 'processing' | 'input';
  /** The gradient of the recurrent product, if it differs from that of the input product. */
  recurrentGradient?: Tensor;
}
