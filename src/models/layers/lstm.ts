import { ShapeError } from '../../runtime/errors.ts';
import { shapeText } from '../../runtime/shape.ts';
import { lstmBackward } from '../../shaders/lstm-backward.ts';
import { lstmForward } from '../../shaders/lstm-forward.ts';
import { matmul } from '../../shaders/matmul.ts';
import { weightGradient } from '../../shaders/weight-gradient.ts';
import { glorotUniform, orthogonal, type Initializer } from '../initializers.ts';
import type { WeightMatrix } from '../parameters.ts';
import { timeLoop } from '../schedules/time-loop.ts';
import type { Layer, LayerDefinition, Recorded, Recording, SampleShape, Signal } from './layer.ts';
import { knownOptions, oneOf, positiveInteger } from './options.ts';

const GATE_FUNCTIONS = ['sigmoid', 'hardSigmoidLegacy'] as const;

export interface LstmOptions {
  /** H, how many cells. */
  units: number;
  /** Output all steps, [T, units], instead of the last one, [units]. Default: false. */
  returnSequences?: boolean;
  /** Row i of a batch continues the state of row i of the batch before. Default: false. */
  stateful?: boolean;
  /**
   * The function of the gates. Default: `'sigmoid'`, as in Keras since 2.3; `'hardSigmoidLegacy'` is the
   * clip(0.2 x + 0.5, 0, 1) of Keras 1 and 2 before.
   */
  recurrentActivation?: (typeof GATE_FUNCTIONS)[number];
}

/**
 * Long short-term memory with Keras 3's defaults, on inputs [timesteps, features].
 *
 * Weights: kernel [features, 4 units], Glorot uniform; recurrentKernel [units, 4 units], orthogonal; bias [4 units],
 * zeros, and ones for the forget gate. Columns: gates i, f, c, o.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see Hochreiter & Schmidhuber 1997; Gers et al. 2000; keras/src/layers/rnn/lstm.py
 */
export function lstm(options: LstmOptions): LayerDefinition {
  knownOptions('lstm', options, ['units', 'returnSequences', 'stateful', 'recurrentActivation']);
  const units = positiveInteger('lstm', 'units', options.units);
  oneOf('lstm', 'recurrentActivation', options.recurrentActivation ?? 'sigmoid', GATE_FUNCTIONS);
  return { kind: 'lstm', build: (name, input) => new Lstm(name, input, { ...options, units }) };
}

/** Zeros, and ones for the forget gate (Jozefowicz et al. 2015; Keras' unit_forget_bias). */
const forgetBias: Initializer = ([columns]) => {
  const units = columns / 4;
  return new Float32Array(columns).fill(1, units, 2 * units);
};

export class Lstm implements Layer {
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  readonly states: Layer['states'];
  /** I. */
  readonly features: number;

  constructor(
    readonly name: string,
    input: SampleShape,
    private readonly options: LstmOptions,
  ) {
    const [steps, features] = input;
    if (input.length !== 2 || typeof features !== 'number') {
      throw new ShapeError(
        `${name}: its input has shape ${shapeText(input)}, expected [timesteps, features]. ` +
          `An lstm in front of it needs returnSequences: true; features on their own need a timestep: [1, features].`,
      );
    }
    const { units, returnSequences, stateful } = options;
    this.features = features;
    this.outputShape = returnSequences ? [steps, units] : [units];
    this.states = stateful
      ? [
          { name: `${name}/h`, size: units },
          { name: `${name}/c`, size: units },
        ]
      : [];
    this.matrices = [
      {
        rows: features + 1 + units,
        columns: 4 * units,
        parts: [
          { name: `${name}/kernel`, shape: [features, 4 * units], firstRow: 0, initializer: glorotUniform },
          {
            name: `${name}/recurrentKernel`,
            shape: [units, 4 * units],
            firstRow: features + 1,
            initializer: orthogonal,
          },
          { name: `${name}/bias`, shape: [4 * units], firstRow: features, initializer: forgetBias },
        ],
      },
    ];
  }

  /** H. */
  get units(): number {
    return this.options.units;
  }

  get hasHardGates(): boolean {
    return this.options.recurrentActivation === 'hardSigmoidLegacy';
  }

  record(recording: Recording, { values: input }: Signal): Recorded {
    const { plan, rows, tensor } = recording;
    const [weights] = recording.weights;
    const [gradient] = recording.gradients;
    const { units, returnSequences = false } = this.options;
    const features = this.features;
    const steps = input.shape[0];
    const width = 4 * units;
    const loop = timeLoop(steps, rows, units);
    const stretches = recording.stretches(loop.stretches);
    const constants = {
      ROWS: rows,
      UNITS: units,
      INPUTS: features,
      STEPS: steps,
      HARD_GATES: this.hasHardGates ? 1 : 0,
      RETURN_SEQUENCES: returnSequences ? 1 : 0,
      THREADS: loop.threads,
    };

    const inputGates = tensor('lstm input gates', [steps, rows, width]);
    const h = tensor('lstm h', [steps + 1, rows, units]);
    const c = tensor('lstm c', [steps + 1, rows, units]);
    const gates = tensor('lstm gates', [steps, rows, width]);
    const output = tensor('lstm output', returnSequences ? [steps, rows, units] : [rows, units]);

    const product = { ROWS: steps * rows, COLUMNS: width, INNER: features, TRANSPOSE_B: 0, ADD_BIAS: 1 };
    plan.add(matmul, { a: input, b: weights, out: inputGates }, product);
    const states = [h, c];
    this.states.forEach((_, index) => recording.loadState(index, states[index]));
    for (const stretch of stretches) {
      plan.add(lstmForward, { stretch, input_gates: inputGates, weights, h, c, gates, output }, constants, loop.grid);
    }
    this.states.forEach((_, index) => recording.storeState(index, states[index], steps * rows));

    return {
      output: { values: output },
      backward: (outputGradient, wantsInputGradient) => {
        const dz = tensor('lstm dz', [steps, rows, width]);
        const dc = tensor('lstm dc', [rows, units]);
        for (const stretch of stretches.toReversed()) {
          const bindings = { stretch, weights, gates, c, output_gradient: outputGradient, dz, dc };
          plan.add(lstmBackward, bindings, constants, loop.grid);
        }
        plan.add(
          weightGradient,
          { input, hidden: h, d: dz, gradient },
          { SAMPLES: steps * rows, INPUTS: features, UNITS: units, COLUMNS: width },
        );
        if (!wantsInputGradient) return undefined;
        const dx = tensor('lstm dx', input.shape);
        const back = { ROWS: steps * rows, COLUMNS: features, INNER: width, TRANSPOSE_B: 1, ADD_BIAS: 0 };
        plan.add(matmul, { a: dz, b: weights, out: dx }, back);
        return dx;
      },
    };
  }
}
