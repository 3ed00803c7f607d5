import { ShapeError, ValueError } from '../../runtime/errors.ts';
import type { Grid } from '../../runtime/kernel.ts';
import type { FrameBinding, Plan } from '../../runtime/plan.ts';
import { shapeText, type Shape } from '../../runtime/shape.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { matmul } from '../../shaders/matmul.ts';
import { weightGradient } from '../../shaders/weight-gradient.ts';
import { initializerOf, type Initializer, type InitializerOption } from '../initializers.ts';
import type { WeightMatrix } from '../parameters.ts';
import { timeLoop } from '../schedules/time-loop.ts';
import { ACTIVATIONS, activationNumber, type Activation } from './activations.ts';
import { dropoutRate, dropoutSeed, recordDropout, streamOf } from './dropout.ts';
import type { Layer, Recorded, Recording, SampleShape, Signal } from './layer.ts';
import { knownOptions, layerName, oneOf, positiveInteger, trueOrFalse } from './options.ts';
import { WEIGHT_RULES, weightRules, type RecurrentWeightRules } from './weight-rules.ts';

/** Options that every recurrent layer has, under Keras' names and with its defaults. */
export interface RecurrentOptions extends RecurrentWeightRules {
  /** H, how many cells. */
  units: number;
  /** Default: `'tanh'`. */
  activation?: Activation;
  /** Default: true. */
  useBias?: boolean;
  /** Default: `'glorotUniform'`. */
  kernelInitializer?: InitializerOption;
  /** Default: `'orthogonal'`. */
  recurrentInitializer?: InitializerOption;
  /** Default: `'zeros'`. */
  biasInitializer?: InitializerOption;
  /** Output all steps, [T, units], instead of the last one, [units]. Default: false. */
  returnSequences?: boolean;
  /**
   * `predict` and `predictOnBatch` give the states after the last step too, as `states` beside the outputs. Nothing else
   * changes. Default: false.
   */
  returnState?: boolean;
  /** Read the input from its last step to its first; sequences come out in that order. Default: false. */
  goBackwards?: boolean;
  /** Row i of a batch continues the state of row i of the batch before. Default: false. */
  stateful?: boolean;
  /** The output of a masked step is 0 instead of the output before it. Default: false. */
  zeroOutputForMask?: boolean;
  /**
   * While training, the share of the input's features that is set to zero, the same ones at every step of a sequence.
   * Default: 0.
   */
  dropout?: number;
  /** Chooses which features fall, as in `dropout`. Default: one made of the layer's name. */
  seed?: number;
  /** From which the weights are named. Default: the kind of layer, with a number from the second one on. */
  name?: string;
}

/** The names of those options. */
const COMMON_OPTIONS: readonly string[] = [
  'units',
  'activation',
  'useBias',
  'kernelInitializer',
  'recurrentInitializer',
  'biasInitializer',
  'returnSequences',
  'returnState',
  'goBackwards',
  'stateful',
  'zeroOutputForMask',
  'dropout',
  'seed',
  'name',
  ...WEIGHT_RULES,
];

/** Options of Keras that are known here and cannot be honoured; at their default they change nothing. */
const UNSUPPORTED: Record<string, unknown> = {
  recurrentDropout: 0,
  activityRegularizer: null,
};

/** Options after checking, with the defaults filled in. */
export interface CheckedOptions {
  units: number;
  activation: Activation;
  useBias: boolean;
  initializers: Record<'kernel' | 'recurrent' | 'bias', Initializer>;
  rules: ReturnType<typeof weightRules>;
  returnSequences: boolean;
  returnState: boolean;
  goBackwards: boolean;
  stateful: boolean;
  zeroOutputForMask: boolean;
  dropout: number;
  seed?: number;
}

/** @throws ValueError if an option has a wrong value, is not known or cannot be honoured */
export function checkRecurrent(where: string, options: RecurrentOptions, more: readonly string[]): CheckedOptions {
  const { activation = 'tanh', kernelInitializer = 'glorotUniform', recurrentInitializer = 'orthogonal' } = options;
  const { biasInitializer = 'zeros', name } = options;
  const known = [...COMMON_OPTIONS, ...more];
  for (const [option, harmless] of Object.entries(UNSUPPORTED)) {
    const value = (options as unknown as Record<string, unknown>)[option] ?? harmless;
    if (value !== harmless) {
      throw new ValueError(
        `${where}: ${option} is not supported yet. Leave it out; the options are ${known.join(', ')}.`,
      );
    }
  }
  knownOptions(where, options, [...known, ...Object.keys(UNSUPPORTED)]);
  layerName(where, name);
  return {
    units: positiveInteger(where, 'units', options.units),
    activation: oneOf(where, 'activation', activation, ACTIVATIONS),
    useBias: trueOrFalse(where, 'useBias', options.useBias ?? true),
    initializers: {
      kernel: initializerOf(where, 'kernelInitializer', kernelInitializer),
      recurrent: initializerOf(where, 'recurrentInitializer', recurrentInitializer),
      bias: initializerOf(where, 'biasInitializer', biasInitializer),
    },
    rules: weightRules(where, options),
    returnSequences: trueOrFalse(where, 'returnSequences', options.returnSequences ?? false),
    returnState: trueOrFalse(where, 'returnState', options.returnState ?? false),
    goBackwards: trueOrFalse(where, 'goBackwards', options.goBackwards ?? false),
    stateful: trueOrFalse(where, 'stateful', options.stateful ?? false),
    zeroOutputForMask: trueOrFalse(where, 'zeroOutputForMask', options.zeroOutputForMask ?? false),
    dropout: dropoutRate(where, 'dropout', options.dropout ?? 0),
    seed: dropoutSeed(where, options.seed),
  };
}

/** What a kind of cell adds to the common form of a recurrent layer. */
export interface Cell {
  /** Blocks of H columns in the weights. */
  readonly gates: number;
  /** Rows of biases: with two of them the second belongs to the recurrent product. */
  readonly biases: number;
  /** Names of the states; the first one is the output. */
  readonly states: readonly string[];
  /** Whether a step has barriers within itself, so that one workgroup must run it. */
  readonly alwaysPersistent?: boolean;
  /** Adds the time loop to the plan, and returns how to add the way back. */
  record(loop: Loop): (outputGradient: Tensor, dz: Tensor) => GradientPart[];
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
  grid: Grid;
  stretches: readonly FrameBinding[];
  weights: Tensor;
  /** x · kernel + bias, [T, B, gates * H]. */
  inputGates: Tensor;
  /** Bound whether there is a mask or not. */
  mask: Tensor;
  /** One for each of the cell's states, [T + 1, B, H]. */
  states: readonly Tensor[];
  output: Tensor;
}

type LoopConstant =
  | 'ROWS'
  | 'UNITS'
  | 'RECURRENT_ROW'
  | 'STEPS'
  | 'RETURN_SEQUENCES'
  | 'BACKWARDS'
  | 'MASKED'
  | 'ZERO_OUTPUT'
  | 'THREADS'
  | 'ACTIVATION';

/** The gradient of some gates' columns in the weights. */
export interface GradientPart {
  /** What the recurrent kernel is multiplied by, [T, B, H], and in which order its steps lie. */
  hidden: Tensor;
  order: 'processing' | 'input';
  /** The gradient of the recurrent product, if it is not that of the input product. */
  recurrentGradient?: Tensor;
  firstGate: number;
  gates: number;
}

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

  record(recording: Recording, { values, mask }: Signal): Recorded {
    const { plan, rows, tensor } = recording;
    const input: Signal = { values: this.#drop(recording, values, 'dropped input'), mask };
    const [weights] = recording.weights;
    const { cell, features } = this;
    const { units, returnSequences } = this.options;
    const steps = input.values.shape[0];
    const width = cell.gates * units;
    const cut = timeLoop(steps, rows, units, cell);

    const inputGates = tensor(`${this.name} input gates`, [steps, rows, width]);
    const product = { ROWS: steps * rows, COLUMNS: width, INNER: features, TRANSPOSE_B: 0, ADD_BIAS: 1 };
    plan.add(matmul, { a: input.values, b: weights, out: inputGates }, product);

    const states = cell.states.map((state) => tensor(`${this.name} ${state}`, [steps + 1, rows, units]));
    const output = tensor(`${this.name} output`, returnSequences ? [steps, rows, units] : [rows, units]);
    this.states.forEach((_, index) => recording.loadState(index, states[index]));
    const backward = cell.record({
      plan,
      tensor: (label, shape) => tensor(`${this.name} ${label}`, shape),
      steps,
      rows,
      units,
      constants: this.#constants(steps, rows, cut.threads, input.mask !== undefined),
      grid: cut.grid,
      stretches: recording.stretches(cut.stretches),
      weights,
      inputGates,
      mask: input.mask ?? weights,
      states,
      output,
    });
    this.states.forEach((_, index) => recording.storeState(index, states[index], steps * rows));

    return {
      output: { values: output, mask: returnSequences ? input.mask : undefined },
      backward: (outputGradient, wantsInputGradient) => {
        const dz = tensor(`${this.name} dz`, [steps, rows, width]);
        for (const part of backward(outputGradient, dz)) this.#weightGradient(recording, input, dz, part);
        if (!wantsInputGradient) return undefined;
        const dx = tensor(`${this.name} dx`, input.values.shape);
        const back = { ROWS: steps * rows, COLUMNS: features, INNER: width, TRANSPOSE_B: 1, ADD_BIAS: 0 };
        plan.add(matmul, { a: dz, b: weights, out: dx }, back);
        return this.#drop(recording, dx, 'dropped dx');
      },
    };
  }

  /** One draw for each row and feature, shared by all steps: what the same update drops forward and backward. */
  #drop(recording: Recording, values: Tensor, label: string): Tensor {
    const { dropout: rate, seed: stream = streamOf(this.name) } = this.options;
    if (!recording.isTraining || rate === 0) return values;
    const distinct = recording.rows * this.features;
    return recordDropout(recording, values, `${this.name} ${label}`, { rate, stream, distinct });
  }

  #constants(steps: number, rows: number, threads: number, isMasked: boolean): Record<LoopConstant, number> {
    const { units, activation, returnSequences, goBackwards, zeroOutputForMask } = this.options;
    return {
      ROWS: rows,
      UNITS: units,
      RECURRENT_ROW: this.features + this.cell.biases,
      STEPS: steps,
      RETURN_SEQUENCES: Number(returnSequences),
      BACKWARDS: Number(goBackwards),
      MASKED: Number(isMasked),
      ZERO_OUTPUT: Number(zeroOutputForMask),
      THREADS: threads,
      ACTIVATION: activationNumber(activation),
    };
  }

  #weightGradient(
    { plan, rows, gradients }: Recording,
    { values: input }: Signal,
    dz: Tensor,
    part: GradientPart,
  ): void {
    const { hidden, order, recurrentGradient = dz, firstGate, gates } = part;
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
        FIRST: firstGate * units,
        COUNT: gates * units,
      },
    );
  }
}
