import { ShapeError } from '../../../runtime/errors.ts';
import { shapeText, type Shape, type SampleShape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { stepFlags } from '../../../shaders/batches/step-flags.ts';
import type { WeightMatrix } from '../parameters.ts';
import {
  CARRIED,
  gateColumns,
  lastState,
  storedStates,
  type Cell,
  type GateValues,
} from '../../operations/recurrence/cell.ts';
import type { Layer, LayerStepFacts, Recorded, Recording, Signal } from './layer.ts';
import { loopConfig, loopTask, type LoopSpec } from '../../operations/recurrence/recurrent-loop.ts';
import type { CheckedOptions } from './recurrent-options.ts';
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
  cell: Cell;
  steps: number;
  /** The input, if the loop computes its product. */
  input?: Tensor;
  gates: Tensor;
  /** The mask, with the resets of a stateful layer. */
  flags?: Tensor;
  /** The masks of recurrent dropout. */
  masks?: Tensor;
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
    readonly cell: Cell,
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

  get step(): LayerStepFacts | undefined {
    const { cell, options } = this;
    if (options.goBackwards) return undefined;
    return { kind: cell.name, activation: options.activation, recurrentActivation: cell.recurrentActivation };
  }

  /** H, the number of units. */
  get units(): number {
    return this.options.units;
  }

  record(recording: Recording, signal: Signal): Recorded {
    const { rows, tensor } = recording;
    const { name, options } = this;
    const { units, returnSequences, passMask, activityRegularizer } = options;
    const training = recording.training?.recurrent(recording, this);
    const { cell } = training ?? this;
    const [steps] = signal.values.shape;
    const width = cell.gates * units;
    const flags = this.#stepFlags(recording, signal);

    const products = new WeightProducts(recording, { rows: steps * rows, features: this.features, width });
    const allGates = { firstGate: 0, gates: cell.gates, values: signal.values };
    const inputs = training?.inputs(signal.values) ?? [allGates];
    const computesInputProduct = this.#computesInputProduct(recording, inputs);
    const needsNoGates = computesInputProduct && !training && !recording.trace;
    const gates = tensor(`${name} gates`, needsNoGates ? [VECTOR] : [steps, rows, width]);
    if (!computesInputProduct) {
      for (const { values, ...chosen } of inputs) products.forward(values, gates, gateColumns(cell, units, chosen));
    }

    const input = computesInputProduct ? inputs[0].values : undefined;
    const loop = { cell, steps, input, gates, flags, masks: training?.masks };
    const { output, backward: recordBackward } = this.#recordLoop(recording, loop);

    return {
      output: { values: output, mask: returnSequences && passMask ? signal.mask : undefined },
      penalties: activityRegularizer ? [{ values: output, regularizer: activityRegularizer }] : [],
      backward: (outputGradient, wantsInputGradient) => {
        const pass = { input: signal.values, inputs, gates, output, recordBackward: recordBackward! };
        return training!.backward(pass, outputGradient, wantsInputGradient);
      },
    };
  }

  /** Records the time loop with the states before and after it, and returns how to record its backward pass. */
  #recordLoop(recording: Recording, { cell, steps, input, gates, flags, masks }: LoopInputs) {
    const { plan, rows, tensor, precision } = recording;
    const [weights] = recording.weights;
    const { name } = this;
    const isTraining = recording.training !== undefined;
    const savesSteps = isTraining || recording.trace !== undefined;
    const { units, returnSequences, goBackwards } = this.options;
    const last = lastState(steps, savesSteps);
    const states = cell.states.map((state) =>
      tensor(`${name} ${state}`, [storedStates(steps, savesSteps), rows, units]),
    );
    const output = tensor(`${name} output`, returnSequences ? [steps, rows, units] : [rows, units]);
    this.states.forEach((_, index) => recording.loadState(index, states[index]));
    const task: LoopSpec = {
      steps,
      rows,
      features: input ? this.features : 0,
      isTraining,
      savesSteps,
      isMasked: flags !== undefined,
      continuesOutput: recording.continuesOutput,
      hasRecurrentDropout: masks !== undefined,
      precision,
    };
    const decision = recording.decide('time loop', loopTask(plan.gpu, this, cell, task));
    const { gates: saved, backward } = cell.record({
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
    const areReversed = { gates: false, states: goBackwards };
    recording.trace?.({ name, cell, gates: saved, states, mask: flags, areReversed });
    return { output, backward };
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
