import type { Candidate, Decision, TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import type { FrameBinding, MakeFrames, Plan } from '../../../runtime/plan.ts';
import type { Shape, SampleShape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import type { Precision } from '../../../shaders/precision.ts';
import type { GradientProducts } from '../../operations/products/gradient-products.ts';
import type { ProductShape } from '../../operations/products/weight-products.ts';
import type { Activation } from '../../operations/recurrence/activations.ts';
import type { Cell, GateValues, RecordBackward } from '../../operations/recurrence/cell.ts';
import type { WeightMatrix } from '../parameters.ts';
import type { Regularizer } from '../objective/regularizers.ts';
import type { CheckedOptions } from './recurrent-options.ts';

/** A layer before its input shape is known, as `lstm(...)` or `dense(...)` returns it. */
export interface LayerDefinition {
  /** Keras' name for this kind of layer, which begins the names of its weights unless it has a name of its own. */
  readonly kind: string;
  /** The name the caller chose; by default it is made of the kind. */
  readonly name?: string;
  /** The options that the caller gave. */
  readonly options: object;
  /** Whether its input is one index a step, [timesteps]; then it can only be the first layer. @internal */
  readonly takesIndices?: boolean;
  /** @internal @throws ShapeError if the layer cannot follow an output of this shape */
  build(name: string, input: SampleShape): Layer;
}

/** The option that every layer has. */
export interface NameOption {
  /** Name of the layer, which begins the names of its weights. Default: its kind, with a number from the second one on. */
  name?: string;
}

/** A state of a layer: the layer's name, a slash and a letter, such as 'lstm/h'. */
export type StateName = `${string}/${string}`;

/** A layer built for an input shape: its weights, its states, and how it is recorded into a plan. */
export interface Layer {
  readonly name: string;
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  /** The states that a recurrent layer carries from step to step, such as h and c; empty for other layers. */
  readonly states: readonly { name: StateName; size: number }[];
  /** Whether its states outlive a batch: row i of the next one continues row i. */
  readonly isStateful?: boolean;
  /** Whether `predict` also returns the layer's states after the last step. */
  readonly returnsState?: boolean;
  /** Whether the features are two separate outputs beside each other; then it can only be the last layer, without a loss. */
  readonly hasTwoOutputs?: boolean;
  /** The activation that ends the layer, which a loss may fuse with its own computation. */
  readonly finalActivation?: string;
  /**
   * Checks samples of indices, [samples, timesteps], for a layer that takes them.
   *
   * @throws ValueError with the position of a wrong value
   */
  checkIndices?(where: string, data: Float32Array, shape: Shape): void;
  /** Whether time cannot be cut: its output at a step depends on later ones, or its input is not laid out in steps. */
  readonly needsWholeSequences?: boolean;
  /** How many steps its output has for so many of the input, where that may differ. @throws ShapeError if they are too few */
  outputSteps?(steps: number): number;
  /**
   * The value of padded steps by which the layer finds them in its input: it then computes their mask, in place of the mask
   * that it gets.
   */
  readonly paddingValue?: number;
  /** Whether the layer computes the steps of a sequence one after the other. */
  readonly isRecurrent?: boolean;
  /** Facts about one step of the layer, for a kernel that computes a step of all layers. Absent: none can compute this one. */
  readonly step?: LayerStepFacts;
  record(recording: Recording, input: Signal): Recorded;
}

/** The facts that tell a kernel how to compute a step of a layer, beside the shapes of its weights and its output. */
export interface LayerStepFacts {
  /** Keras' name of the layer, with the options that decide what it computes; `identity`: it passes on what it gets. */
  readonly kind: string;
  readonly activation?: Activation | 'softmax';
  /** The number of the gates' activation. */
  readonly recurrentActivation?: number;
}

/** A penalty on the outputs of a layer, divided by the number of samples in the batch. */
export interface ActivityPenalty {
  values: Tensor;
  regularizer: Regularizer;
}

/** The output of a layer, which is the input of the next. */
export interface Signal {
  /** Time-major: [T, B, features] or [B, features]. */
  values: Tensor;
  /** The mask [T, B]: 1 for a step that counts, 0 for padding. Without a mask all steps count. */
  mask?: Tensor;
}

/** A candidate for a part of a layer. With a `schedule` it can be asked for by that name. */
export interface LayerCandidate extends Candidate {
  readonly schedule?: string;
}

/** The plan, memory and sizes with which a layer is recorded, for one batch size and one number of steps. */
export interface Recording {
  readonly plan: Plan;
  /** B, rows of the batch. */
  readonly rows: number;
  /** T, time steps of the input. */
  readonly steps: number;
  /** The parts of layers that training needs. Without it layers such as dropout do nothing. @internal */
  readonly training?: LayerTraining;
  /** The precision in which layers store the weights that their kernels read, if they have kernels for it; else float32. */
  readonly precision: Precision;
  /** An array [T, B] of resets: 1 for a step before which the states of stateful layers are reset. Absent if there are none. */
  readonly resets?: Tensor;
  /**
   * Whether masked steps at the beginning repeat the output of the step before the batch, since the batch is a chunk of a
   * stream, and not 0, as those of Keras do.
   */
  readonly continuesOutput: boolean;
  /** The entry of the agenda that the update works on. */
  readonly update: FrameBinding;
  /** The layer's matrices of weights, and the tensors that take their gradients. */
  readonly weights: readonly Tensor[];
  readonly gradients: readonly Tensor[];
  /** Whether the loss computes the layer's final activation, so that the layer leaves it out. */
  readonly withoutFinalActivation: boolean;
  /** Scratch memory that lives as long as the plan, zero at first or with this data. */
  tensor: (label: string, shape: Shape, data?: Float32Array<ArrayBuffer>) => Tensor;
  /** Makes frames with fixed contents, for dispatches that differ in these. */
  frames: MakeFrames;
  /** Decides how a part of the layer is done, such as its time loop. */
  decide: <C extends LayerCandidate>(
    part: string,
    task: TuningTask<C>,
  ) => Pick<Decision<C>, 'candidate' | 'throughput'>;
  /** Loads the layer's state number `index` into the first B rows of `into`, which are zero otherwise. */
  loadState: (index: number, into: Tensor) => void;
  /** Stores B rows of `from`, from `firstRow` on, as the layer's state number `index`, if the program keeps states. */
  storeState: (index: number, from: Tensor, firstRow: number) => void;
  /** Takes the gates and states of all steps of a recurrent layer. Absent if nobody looks at them, and they are not stored. */
  trace?: (layer: TracedLayer) => void;
}

/** A recurrent layer, or one direction of it, and where the gates and states of its steps lie once they are computed. */
export interface TracedLayer {
  readonly name: string;
  readonly cell: Cell;
  /** See `RecordedLoop`. */
  readonly gates?: Tensor;
  /** A tensor [T + 1, B, H] for each state: the initial one, and that of each step in order of processing. */
  readonly states: readonly Tensor[];
  /** The mask [T, B]. */
  readonly mask?: Tensor;
  /** Whether the steps of gates and mask, and those of states, are in the opposite order to those of the input. */
  readonly areReversed: { readonly gates: boolean; readonly states: boolean };
}

/**
 * The parts of layers that only training needs. They come with the optimizers (`layer-training.ts`), so that a page without one
 * does not load them.
 *
 * @internal
 */
export interface LayerTraining {
  /** The products of the backward pass of a layer. */
  products(recording: Recording, shape: ProductShape): GradientProducts;
  /** Records the gradient dz of the values before an activation, from its output y and the gradient dy of that. */
  activation(plan: Plan, name: Activation | 'softmax', bindings: Record<'y' | 'dy' | 'dz', Tensor>): void;
  recurrent(recording: Recording, layer: RecurrentFacts): RecurrentTraining;
}

/** The properties of a recurrent layer on which its training depends. */
export interface RecurrentFacts {
  readonly name: string;
  readonly features: number;
  readonly units: number;
  readonly options: CheckedOptions;
  readonly cell: Cell;
}

/** The part of a recurrent layer that only training needs: dropout, and the backward pass. */
export interface RecurrentTraining {
  /** The layer's cell, with its backward pass. */
  readonly cell: Cell;
  /** The dropout masks of the state, if there are any. */
  readonly masks?: Tensor;
  /** The input after dropout: one tensor for all gates, or one for each if they have masks of their own. */
  inputs(values: Tensor): GateValues[];
  /** Records the backward pass: see `Recorded`. */
  backward(pass: RecurrentPass, outputGradient: Tensor, wantsInputGradient: boolean): Tensor | undefined;
}

/** The forward pass of a recurrent layer, as its backward pass needs it. */
export interface RecurrentPass {
  input: Tensor;
  inputs: readonly GateValues[];
  gates: Tensor;
  output: Tensor;
  recordBackward: RecordBackward;
}

/** A layer whose forward pass is in a plan. */
export interface Recorded {
  output: Signal;
  /** Penalties on outputs, which are added to the loss. The layer adds their gradient in `backward`. */
  penalties?: readonly ActivityPenalty[];
  /**
   * Records the backward pass: the gradient of the weights, and that of the input if it is wanted.
   *
   * @param outputGradient has the shape of the output's values
   * @returns the gradient of the input, if it is wanted
   */
  backward(outputGradient: Tensor, wantsInputGradient: boolean): Tensor | undefined;
}
