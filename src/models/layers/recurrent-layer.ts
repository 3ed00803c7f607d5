import { ShapeError } from '../../runtime/errors.ts';
import { shapeText } from '../../runtime/shape.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { applyMask } from '../../shaders/apply-mask.ts';
import { matmul, timesTransposed, timesWeights, type ColumnChoice } from '../../shaders/matmul.ts';
import { stepMarks } from '../../shaders/step-marks.ts';
import { weightGradient } from '../../shaders/weight-gradient.ts';
import type { WeightMatrix } from '../parameters.ts';
import { timeLoop } from '../schedules/time-loop.ts';
import { activationNumber } from './activations.ts';
import { recordActivityGradient } from './activity.ts';
import { CARRIED, type Cell, type Gates, type GradientPart } from './cell.ts';
import type { Layer, Recorded, Recording, SampleShape, Signal } from './layer.ts';
import type { CheckedOptions } from './recurrent-options.ts';
import { SequenceDropout } from './sequence-dropout.ts';

/** A layer that goes through time: its weights, its states, and all that does not depend on the kind of cell. */
export class RecurrentLayer implements Layer {
  readonly isRecurrent = true;
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  readonly states: Layer['states'];
  /** I. */
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
    const { units, returnSequences, useBias, initializers, rules } = options;
    this.features = features;
    this.outputShape = returnSequences ? [steps, units] : [units];
    this.states = cell.states.map((state) => ({ name: `${name}/${state}`, size: units }));
    const width = cell.gates * units;
    const bias = {
      name: `${name}/bias`,
      shape: cell.biases === 1 ? [width] : [cell.biases, width],
      firstRow: features,
      initializer: initializers.bias,
      ...rules.bias,
    };
    this.matrices = [
      {
        rows: features + cell.biases + units,
        columns: width,
        kinds: cell.isUnitByUnit ? cell.gates : 1,
        parts: [
          {
            name: `${name}/kernel`,
            shape: [features, width],
            firstRow: 0,
            initializer: initializers.kernel,
            ...rules.kernel,
          },
          {
            name: `${name}/recurrentKernel`,
            shape: [units, width],
            firstRow: features + cell.biases,
            initializer: initializers.recurrent,
            ...rules.recurrent,
          },
          ...(useBias ? [bias] : []),
        ],
      },
    ];
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

  /** H. */
  get units(): number {
    return this.options.units;
  }

  record(recording: Recording, signal: Signal): Recorded {
    const { plan, rows, tensor } = recording;
    const [weights] = recording.weights;
    const { cell, name, options } = this;
    const { units, returnSequences, activityRegularizer } = options;
    const [steps] = signal.values.shape;
    const width = cell.gates * units;
    const cut = timeLoop(steps, rows, units, cell);
    const dropout = new SequenceDropout(recording, this, cell.gates);
    const marks = this.#marks(recording, signal);

    const product = { ROWS: steps * rows, INPUTS: this.features, WIDTH: width };
    const inputs = dropout.inputs(signal.values);
    const inputGates = tensor(`${name} input gates`, [steps, rows, width]);
    for (const { values: a, ...gates } of inputs) {
      plan.add(matmul, { a, b: weights, out: inputGates }, timesWeights(product, this.#columns(gates)));
    }

    const states = cell.states.map((state) => tensor(`${name} ${state}`, [steps + 1, rows, units]));
    const output = tensor(`${name} output`, returnSequences ? [steps, rows, units] : [rows, units]);
    this.states.forEach((_, index) => recording.loadState(index, states[index]));
    const backward = cell.record({
      plan,
      tensor: (label, shape) => tensor(`${name} ${label}`, shape),
      steps,
      rows,
      units,
      constants: {
        ...this.#constants(steps, rows, cut.threads),
        MASKED: Number(marks !== undefined),
        RECURRENT_DROPOUT: Number(dropout.masks !== undefined),
      },
      grid: cut.grid,
      tileRows: cut.tileRows,
      stretches: recording.stretches(cut.stretches),
      weights,
      inputGates,
      mask: marks ?? weights,
      dropoutMask: dropout.masks ?? weights,
      carry: () => dropout.masks ?? tensor(`${name} carry`, [CARRIED, rows, units]),
      states,
      output,
    });
    this.states.forEach((_, index) => recording.storeState(index, states[index], steps * rows));

    return {
      output: { values: output, mask: returnSequences ? signal.mask : undefined },
      penalties: activityRegularizer ? [{ values: output, regularizer: activityRegularizer }] : [],
      backward: (outputGradient, wantsInputGradient) => {
        if (activityRegularizer) recordActivityGradient(recording, activityRegularizer, output, outputGradient);
        // What went into the gates is read no more, so its gradient takes its place.
        const dz = inputGates;
        for (const part of dropout.split(backward(outputGradient, dz))) {
          const { values: input } = inputs.find(({ firstGate, gates }) => part.firstGate < firstGate + gates)!;
          const hidden = dropout.hidden(this.#continued(recording, part.hidden), part.firstGate);
          this.#weightGradient(recording, input, dz, { ...part, hidden });
        }
        if (!wantsInputGradient) return undefined;
        const parts = inputs.map((gates) => {
          const values = tensor(`${name} dx`, signal.values.shape);
          const back = timesTransposed(product, this.#columns(gates));
          plan.add(matmul, { a: dz, b: weights, out: values }, back);
          return { ...gates, values };
        });
        return dropout.inputGradient(parts);
      },
    };
  }

  /** The mask, with the steps marked before which the states of a stateful layer start from zero. */
  #marks({ plan, tensor, continues }: Recording, { values, mask }: Signal): Tensor | undefined {
    if (!continues || !this.options.stateful) return mask;
    const marks = tensor(`${this.name} step marks`, continues.shape);
    const constants = { ELEMENTS: marks.size, MASKED: Number(mask !== undefined) };
    plan.add(stepMarks, { mask: mask ?? values, continues, marks }, constants);
    return marks;
  }

  /** What the recurrent kernel was multiplied by: zero where the states started from zero. */
  #continued({ plan, rows, tensor, continues }: Recording, hidden: Tensor): Tensor {
    if (!continues || !this.options.stateful) return hidden;
    const [steps] = continues.shape;
    const output = tensor(`${this.name} continued states`, [steps, rows, this.units]);
    const constants = { SAMPLES: steps * rows, FEATURES: this.units };
    plan.add(applyMask, { mask: continues, input: hidden, output }, constants);
    return output;
  }

  #constants(steps: number, rows: number, threads: number) {
    const { units, activation, returnSequences, goBackwards, zeroOutputForMask } = this.options;
    return {
      ROWS: rows,
      UNITS: units,
      RECURRENT_ROW: this.features + this.cell.biases,
      STEPS: steps,
      RETURN_SEQUENCES: Number(returnSequences),
      BACKWARDS: Number(goBackwards),
      ZERO_OUTPUT: Number(zeroOutputForMask),
      THREADS: threads,
      ACTIVATION: activationNumber(activation),
    };
  }

  /** Where the columns of some gates lie in the weights. */
  #columns({ firstGate, gates }: Gates): ColumnChoice {
    const { cell, units } = this;
    if (cell.isUnitByUnit && gates < cell.gates) return { FIRST: firstGate, COUNT: units, STRIDE: cell.gates };
    return { FIRST: firstGate * units, COUNT: gates * units, STRIDE: 1 };
  }

  #weightGradient({ plan, rows, gradients }: Recording, input: Tensor, dz: Tensor, part: GradientPart): void {
    const { hidden, order, recurrentGradient = dz } = part;
    const { units, useBias, goBackwards } = this.options;
    plan.add(
      weightGradient,
      { input, hidden, d: dz, d_hidden: recurrentGradient, gradient: gradients[0] },
      {
        SAMPLES: input.shape[0] * rows,
        INPUTS: this.features,
        UNITS: units,
        COLUMNS: this.cell.gates * units,
        BIASES: this.cell.biases,
        BIAS_FACTOR: Number(useBias),
        REVERSED: Number(goBackwards && order === 'processing'),
        STEP_ROWS: rows,
        ...this.#columns(part),
      },
    );
  }
}
