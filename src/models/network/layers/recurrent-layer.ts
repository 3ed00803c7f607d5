import { ShapeError } from '../../../runtime/errors.ts';
import { shapeText, type Shape, type SampleShape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { applyMask } from '../../../shaders/sequences/apply-mask.ts';
import { stepFlags } from '../../../shaders/batches/step-flags.ts';
import { timeFlip } from '../../../shaders/sequences/time-flip.ts';
import type { WeightMatrix } from '../parameters.ts';
import type { ColumnSelection } from '../../operations/products/matrix.ts';
import { recordActivityGradient } from './activity.ts';
import {
  CARRIED,
  storedStates,
  lastState,
  type Cell,
  type Gates,
  type GradientPart,
} from '../../operations/recurrence/cell.ts';
import type { Layer, Recorded, Recording, Signal } from './layer.ts';
import { loopConfig, loopTask, type LoopSpec } from '../../operations/recurrence/recurrent-loop.ts';
import type { CheckedOptions } from './recurrent-options.ts';
import { SequenceDropout, type GateValues } from './sequence-dropout.ts';
import { WeightProducts } from '../../operations/products/weight-products.ts';

/**
 * The most features for which the time loop computes the input product itself. With more it reads the finished product, four
 * numbers per unit and step, which takes about as long as multiplying with so many features.
 */
const MAX_FUSED_FEATURES = 16;

/** Elements of a vec4, the smallest buffer that can be bound to an array of them. */
const VECTOR = 4;

/** The tensors that exist before the time loop is recorded, and its number of steps. */
interface LoopInputs {
  steps: number;
  /** The input, if the loop computes its product. */
  input?: Tensor;
  gates: Tensor;
  /** The mask, with the resets of a stateful layer. */
  flags?: Tensor;
  /** The masks of recurrent dropout. */
  masks?: Tensor;
}

/** The part of the forward pass that the gradients of the weights need. */
interface ForwardPass {
  steps: number;
  inputs: readonly GateValues[];
  /** Their gradients after the backward pass of the time loop. */
  gates: Tensor;
  products: WeightProducts;
  dropout: SequenceDropout;
}

/** A recurrent layer: its weights, its states, and everything that does not depend on the kind of cell. */
export class RecurrentLayer implements Layer {
  readonly isRecurrent = true;
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  readonly states: Layer['states'];
  /** I, the number of input features. */
  readonly features: number;

  constructor(
    readonly name: string,
    input: SampleShape,
    readonly options: CheckedOptions,
    private readonly cell: Cell,
  ) {
    const [steps, features] = input;
    if (input.length !== 2 || typeof features !== 'number') {
      throw new ShapeError(
        `${name}: its input has shape ${shapeText(input)}, expected [timesteps, features]. A recurrent layer in front ` +
          `of it needs returnSequences: true; features on their own need a timestep: [1, features].`,
      );
    }
    const { units, returnSequences } = options;
    this.features = features;
    this.outputShape = returnSequences ? [steps, units] : [units];
    this.states = cell.states.map((state): Layer['states'][number] => ({ name: `${name}/${state}`, size: units }));
    this.matrices = [weightMatrix(name, features, options, cell)];
  }

  get isStateful(): boolean {
    return this.options.stateful;
  }

  get returnsState(): boolean {
    return this.options.returnState;
  }

  get needsWholeSequences(): boolean {
    return this.options.goBackwards;
  }

  /** Whether there are so few features that a time loop computes the input product itself. */
  get hasFewFeatures(): boolean {
    return this.features <= MAX_FUSED_FEATURES;
  }

  /** H, the number of units. */
  get units(): number {
    return this.options.units;
  }

  record(recording: Recording, signal: Signal): Recorded {
    const { rows, tensor, isTraining } = recording;
    const { cell, name, options } = this;
    const { units, returnSequences, passMask, activityRegularizer } = options;
    const [steps] = signal.values.shape;
    const width = cell.gates * units;
    const dropout = new SequenceDropout(recording, this, cell.gates);
    const flags = this.#stepFlags(recording, signal);

    const products = new WeightProducts(recording, { rows: steps * rows, features: this.features, width });
    const inputs = dropout.inputs(signal.values);
    const computesInputProduct = this.#computesInputProduct(recording, inputs);
    const needsNoGates = computesInputProduct && !isTraining;
    const gates = tensor(`${name} gates`, needsNoGates ? [VECTOR] : [steps, rows, width]);
    if (!computesInputProduct) {
      for (const { values, ...chosen } of inputs) products.forward(values, gates, this.#columns(chosen));
    }

    const input = computesInputProduct ? inputs[0].values : undefined;
    const { output, backward } = this.#recordLoop(recording, { steps, input, gates, flags, masks: dropout.masks });

    return {
      output: { values: output, mask: returnSequences && passMask ? signal.mask : undefined },
      penalties: activityRegularizer ? [{ values: output, regularizer: activityRegularizer }] : [],
      backward: (outputGradient, wantsInputGradient) => {
        if (activityRegularizer) recordActivityGradient(recording, activityRegularizer, output, outputGradient);
        const parts = dropout.splitByGate(backward(outputGradient));
        this.#recordWeightGradients(recording, { steps, inputs, gates, products, dropout }, parts);
        if (!wantsInputGradient) return undefined;
        const inputGradients = inputs.map((chosen) => {
          const values = tensor(`${name} dx`, signal.values.shape);
          products.inputGradient(gates, values, this.#columns(chosen));
          return { ...chosen, values };
        });
        return dropout.inputGradient(inputGradients);
      },
    };
  }

  /** Records the time loop with the states before and after it, and returns how to record its backward pass. */
  #recordLoop(recording: Recording, { steps, input, gates, flags, masks }: LoopInputs) {
    const { plan, rows, tensor, isTraining, precision } = recording;
    const [weights] = recording.weights;
    const { cell, name } = this;
    const { units, returnSequences } = this.options;
    const last = lastState(steps, isTraining);
    const states = cell.states.map((state) =>
      tensor(`${name} ${state}`, [storedStates(steps, isTraining), rows, units]),
    );
    const output = tensor(`${name} output`, returnSequences ? [steps, rows, units] : [rows, units]);
    this.states.forEach((_, index) => recording.loadState(index, states[index]));
    const task: LoopSpec = {
      steps,
      rows,
      features: input ? this.features : 0,
      isTraining,
      isMasked: flags !== undefined,
      hasRecurrentDropout: masks !== undefined,
      precision,
    };
    const decision = recording.decide('time loop', loopTask(plan.gpu, this, cell, task));
    const backward = cell.record({
      ...loopConfig(this, cell, task, decision, recording.frames),
      plan,
      tensor: (label, shape) => tensor(`${name} ${label}`, shape),
      weights,
      input: input ?? weights,
      gates,
      mask: flags ?? weights,
      dropoutMask: masks ?? weights,
      carry: () => masks ?? tensor(`${name} carry`, [CARRIED, rows, units]),
      states,
      output,
    });
    this.states.forEach((_, index) => recording.storeState(index, states[index], last * rows));
    return { output, backward };
  }

  /** Records the gradients of the weights, from those of the gates that the backward pass of the time loop leaves. */
  #recordWeightGradients(
    recording: Recording,
    { steps, inputs, gates, products, dropout }: ForwardPass,
    parts: readonly GradientPart[],
  ): void {
    const { units, useBias } = this.options;
    for (const part of parts) {
      const { values: input } = inputs.find(({ firstGate, gates }) => part.firstGate < firstGate + gates)!;
      const dropped = dropout.hidden(this.#afterResets(recording, part.hidden), part.firstGate);
      const hidden = this.#inOrderOfInput(recording, steps, { ...part, hidden: dropped });
      const recurrent = { hidden, units, d: part.recurrentGradient };
      products.weightGradient({ input, d: gates, hasBias: useBias, recurrent }, this.#columns(part));
    }
  }

  /** Whether the time loop computes the input product itself, which needs one input for all gates and no resets. */
  #computesInputProduct({ resets }: Recording, inputs: readonly GateValues[]): boolean {
    return Boolean(this.cell.computesInputProduct) && this.hasFewFeatures && inputs.length === 1 && !resets;
  }

  /** The mask, combined for a stateful layer with the steps before which its states are reset. */
  #stepFlags({ plan, tensor, resets }: Recording, { values, mask }: Signal): Tensor | undefined {
    if (!resets || !this.options.stateful) return mask;
    const flags = tensor(`${this.name} step flags`, resets.shape);
    const constants = { ELEMENTS: flags.size, MASKED: Number(mask !== undefined) };
    plan.add(stepFlags, { mask: mask ?? values, resets, flags }, constants);
    return flags;
  }

  /** The state that entered each step's recurrent product: zero where it was reset before the step. */
  #afterResets({ plan, rows, tensor, resets }: Recording, hidden: Tensor): Tensor {
    if (!resets || !this.options.stateful) return hidden;
    const [steps] = resets.shape;
    const output = tensor(`${this.name} states after resets`, [steps, rows, this.units]);
    const constants = { SAMPLES: steps * rows, FEATURES: this.units, ZEROED: 1 };
    plan.add(applyMask, { mask: resets, input: hidden, output }, constants);
    return output;
  }

  /** The state that entered each step's recurrent product, with the steps in the order of those of dz. */
  #inOrderOfInput({ plan, rows, tensor }: Recording, steps: number, { hidden, order }: GradientPart): Tensor {
    if (!this.options.goBackwards || order === 'input') return hidden;
    const output = tensor(`${this.name} states in order of the input`, [steps, rows, this.units]);
    plan.add(timeFlip, { input: hidden, output }, { STEPS: steps, ELEMENTS: rows * this.units });
    return output;
  }

  /** The columns of these gates in the weights. */
  #columns({ firstGate, gates }: Gates): ColumnSelection {
    const { cell, units } = this;
    if (cell.isUnitByUnit && gates < cell.gates) return { first: firstGate, count: units, stride: cell.gates };
    return { first: firstGate * units, count: gates * units, stride: 1 };
  }
}

/** The weights of a recurrent layer as one matrix: kernel, biases and recurrent kernel under each other. */
function weightMatrix(
  name: string,
  features: number,
  { units, useBias, initializers, rules }: CheckedOptions,
  { gates, biases, isUnitByUnit }: Cell,
): WeightMatrix {
  const width = gates * units;
  const part = (
    weight: 'kernel' | 'recurrentKernel' | 'bias',
    shape: Shape,
    firstRow: number,
    kind: keyof typeof initializers,
  ) => ({ name: `${name}/${weight}`, shape, firstRow, initializer: initializers[kind], ...rules[kind] });
  return {
    rows: features + biases + units,
    columns: width,
    kinds: isUnitByUnit ? gates : 1,
    parts: [
      part('kernel', [features, width], 0, 'kernel'),
      part('recurrentKernel', [units, width], features + biases, 'recurrent'),
      ...(useBias ? [part('bias', biases === 1 ? [width] : [biases, width], features, 'bias')] : []),
    ],
  };
}
