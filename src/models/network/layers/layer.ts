import type { Candidate, Decision, TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import type { FrameBinding, MakeFrames, Plan } from '../../../runtime/plan.ts';
import type { Shape, SampleShape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import type { Precision } from '../../../shaders/precision.ts';
import type { WeightMatrix } from '../parameters.ts';
import type { Regularizer } from '../objective/regularizers.ts';

/** What `lstm(...)` or `dense(...)` returns: a layer that does not know its input yet. */
export interface LayerDefinition {
  /** Keras' name of the layer, from which its weights are named. */
  readonly kind: string;
  /** The name the caller chose; by default it is made of the kind. */
  readonly name?: string;
  /** @throws ShapeError if the layer cannot follow an output of this shape */
  build(name: string, input: SampleShape): Layer;
}

/** A state of a layer: the layer's name, a slash and a letter, such as 'lstm/h'. */
export type StateName = `${string}/${string}`;

/** A layer between two shapes: its weights, its state, and how it is recorded into a plan. */
export interface Layer {
  readonly name: string;
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  /** What it carries from step to step for each sequence; none unless it is recurrent. */
  readonly states: readonly { name: StateName; size: number }[];
  /** Whether its states outlive a batch: row i of the next one continues row i. */
  readonly isStateful?: boolean;
  /** Whether `predict` gives its states after the last step too. */
  readonly returnsState?: boolean;
  /** Whether its features are two outputs beside each other; then it can only be the last layer, and has no loss. */
  readonly hasTwoOutputs?: boolean;
  /** The activation that ends the layer, if a loss could take it over. */
  readonly finalActivation?: string;
  /**
   * Checks samples that not every array of this shape could be; a layer with this can only be the first.
   *
   * @throws ValueError naming the place of what is wrong
   */
  checkSamples?(where: string, data: Float32Array, shape: Shape): void;
  /** Whether time cannot be cut: its output at a step depends on later ones, or its input is not laid out in steps. */
  readonly needsWholeSequences?: boolean;
  /** Whether it finds out by itself which steps are padding, whatever is known of it before. */
  readonly findsPadding?: boolean;
  /** Whether it goes through the steps one after the other. */
  readonly isRecurrent?: boolean;
  record(recording: Recording, input: Signal): Recorded;
}

/** A penalty on values of a layer, divided by the samples of the batch. */
export interface ActivityPenalty {
  values: Tensor;
  regularizer: Regularizer;
}

/** What passes from layer to layer. */
export interface Signal {
  /** Time-major: [T, B, features] or [B, features]. */
  values: Tensor;
  /** [T, B]: 1 for a step that counts, 0 for padding; without it all count. */
  mask?: Tensor;
}

/** A candidate for a part of a layer. With a `schedule` it can be asked for by that name. */
export interface LayerCandidate extends Candidate {
  readonly schedule?: string;
}

/** What a layer records into, for one batch size and one number of steps. */
export interface Recording {
  readonly plan: Plan;
  /** B, rows of the batch. */
  readonly rows: number;
  /** T, time steps of the input. */
  readonly steps: number;
  /** Whether the update trains; layers such as dropout do nothing otherwise. */
  readonly isTraining: boolean;
  /** What layers with kernels for several store weights in; all others work in float32. */
  readonly precision: Precision;
  /** [T, B]: 1 for a step before which the states of stateful layers are reset. Absent: at no step. */
  readonly resets?: Tensor;
  /** The entry of the agenda that the update works on. */
  readonly update: FrameBinding;
  /** The layer's matrices of weights, and where their gradients go. */
  readonly weights: readonly Tensor[];
  readonly gradients: readonly Tensor[];
  /** The loss takes the layer's final activation over: leave it out. */
  readonly withoutFinalActivation: boolean;
  /** Scratch memory that lives as long as the plan, zero at first or with this data. */
  tensor: (label: string, shape: Shape, data?: Float32Array<ArrayBuffer>) => Tensor;
  /** Frames that tell each dispatch what is its own. */
  frames: MakeFrames;
  /** Decides how a part of the layer is done, such as its time loop. */
  decide: <C extends LayerCandidate>(
    part: string,
    task: TuningTask<C>,
  ) => Pick<Decision<C>, 'candidate' | 'throughput'>;
  /** Loads the layer's state number `index` into the first B rows of `into`, which are zero otherwise. */
  loadState: (index: number, into: Tensor) => void;
  /** Stores B rows of `from`, from `firstRow` on, as the layer's state number `index`, wherever that is wanted. */
  storeState: (index: number, from: Tensor, firstRow: number) => void;
}

/** A layer in a plan. */
export interface Recorded {
  output: Signal;
  /** Penalties on outputs, part of the loss. Their gradient is the layer's own business. */
  penalties?: readonly ActivityPenalty[];
  /**
   * Records the backward pass: the gradient of the weights, and that of the input if it is wanted.
   *
   * @param outputGradient shaped as the output's values
   */
  backward(outputGradient: Tensor, wantsInputGradient: boolean): Tensor | undefined;
}
