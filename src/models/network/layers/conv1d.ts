import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { knownOptions, oneOf, optionalName, positiveInteger } from '../../../runtime/options.ts';
import { shapeText, type SampleShape } from '../../../runtime/shape.ts';
import { gatherWindows } from '../../../shaders/convolution/window-gather.ts';
import { sumWindows } from '../../../shaders/convolution/window-sum.ts';
import { PART_SIZES } from '../../../shaders/convolution/windows.ts';
import type { WeightMatrix } from '../parameters.ts';
import { Dense, checkFeedforward, FEEDFORWARD_OPTIONS, type FeedforwardOptions } from './dense.ts';
import type { Layer, LayerDefinition, Recorded, Recording, Signal } from './layer.ts';

/** How a convolution treats the edges of a sequence. */
export type Conv1dPadding = 'valid' | 'same' | 'causal';

export interface Conv1dOptions extends FeedforwardOptions {
  /** How many outputs each step has. */
  filters: number;
  /** How many steps of the input an output is made of. */
  kernelSize: number;
  /** How many steps further the next output begins. More than 1 only without dilation. Default: 1. */
  strides?: number;
  /**
   * `'valid'` takes whole windows alone, so that the output has fewer steps. `'same'` puts zeros around the sequence, as many
   * behind it as in front of it, or one more, and `'causal'` all of them in front, so that no output depends on later steps:
   * both give as many steps as the input has, divided by the strides and rounded up. Default: `'valid'`.
   */
  padding?: Conv1dPadding;
  /** How many steps apart the steps of a window are. More than 1 only without strides. Default: 1. */
  dilationRate?: number;
}

const OPTIONS = ['filters', 'kernelSize', 'strides', 'padding', 'dilationRate', ...FEEDFORWARD_OPTIONS];

const PADDINGS: readonly Conv1dPadding[] = ['valid', 'same', 'causal'];

/** How the windows of a convolution lie among steps, after checking. */
interface Windows {
  kernelSize: number;
  strides: number;
  padding: Conv1dPadding;
  dilationRate: number;
}

/**
 * A convolution over time, [timesteps, features] to [new timesteps, filters]: each output is activation(window · kernel + bias)
 * of a window of `kernelSize` steps of the input.
 *
 * It mixes neighbouring steps, so it takes no masks: neither those of `masking` and `embedding` in front of it, which Keras
 * drops here with a warning, nor `lengths`. Unless `kernelSize` and `strides` are 1, `truncate` and resets within samples are
 * refused too. A stateful layer behind it goes on from batch to batch; the convolution begins anew with each.
 *
 * Weights: kernel [kernelSize, features, filters], bias [filters]. Norms of a constraint are along the kernel's first axis, as
 * Keras' are by default.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/layers/convolutional/conv1d.py
 */
export function conv1d(options: Conv1dOptions): LayerDefinition {
  const where = 'conv1d';
  knownOptions(where, options, OPTIONS);
  const { strides = 1, padding = 'valid', dilationRate = 1 } = options;
  const windows: Windows = {
    kernelSize: positiveInteger(where, 'kernelSize', options.kernelSize),
    strides: positiveInteger(where, 'strides', strides),
    padding: oneOf(where, 'padding', padding, PADDINGS),
    dilationRate: positiveInteger(where, 'dilationRate', dilationRate),
  };
  if (strides > 1 && dilationRate > 1) {
    throw new ValueError(
      `${where}: strides is ${strides} and dilationRate ${dilationRate}, expected one of them to be 1, as in Keras.`,
    );
  }
  const units = positiveInteger(where, 'filters', options.filters);
  const checked = { ...checkFeedforward(where, options), units };
  return {
    kind: where,
    name: optionalName(where, options.name),
    options,
    build: (name, input) => new Conv1d(name, input, windows, (shape) => new Dense(name, shape, checked)),
  };
}

class Conv1d implements Layer {
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  readonly states = [];
  readonly needsWholeSequences: boolean;
  readonly #features: number;
  /** The layer that takes a window as one step. */
  readonly #dense: Dense;

  constructor(
    readonly name: string,
    input: SampleShape,
    private readonly windows: Windows,
    denseFor: (windows: SampleShape) => Dense,
  ) {
    const [steps, features] = input;
    if (input.length !== 2 || typeof features !== 'number') {
      throw new ShapeError(
        `${name}: its input has shape ${shapeText(input)}, expected [timesteps, features]. A recurrent layer in front of it ` +
          `needs returnSequences: true.`,
      );
    }
    const { kernelSize, strides } = windows;
    this.#features = features;
    this.#dense = denseFor([steps, kernelSize * features]);
    this.outputShape = [steps === null ? null : this.outputSteps(steps), this.#dense.units];
    const [{ parts, ...matrix }] = this.#dense.matrices;
    const [kernel, ...bias] = parts;
    const shape = [kernelSize, features, this.#dense.units];
    this.matrices = [{ ...matrix, parts: [{ ...kernel, shape }, ...bias] }];
    this.needsWholeSequences = kernelSize > 1 || strides > 1;
  }

  get finalActivation(): Dense['finalActivation'] {
    return this.#dense.finalActivation;
  }

  /** How many features of a step are moved at a time: four where the steps are vectors of four. */
  get #partSize(): number {
    return this.#features % PART_SIZES.vectors === 0 ? PART_SIZES.vectors : PART_SIZES.scalars;
  }

  /** The steps from the first one of a window to its last one, both counted. */
  get #reach(): number {
    const { kernelSize, dilationRate } = this.windows;
    return (kernelSize - 1) * dilationRate + 1;
  }

  outputSteps(steps: number): number {
    const { strides, padding } = this.windows;
    if (padding !== 'valid') return Math.ceil(steps / strides);
    if (steps >= this.#reach) return Math.floor((steps - this.#reach) / strides) + 1;
    throw new ShapeError(
      `${this.name}: its input has ${steps} steps, expected at least ${this.#reach}, the reach of its kernel. Give longer ` +
        `sequences, or the layer padding: "same" or "causal".`,
    );
  }

  record(recording: Recording, { values: input, mask }: Signal): Recorded {
    const { plan, tensor } = recording;
    if (mask) throw this.#masked();
    // The windows are the input itself.
    if (!this.needsWholeSequences) return this.#dense.record(recording, { values: input });
    const constants = this.#constants(input.shape);
    const { WINDOWS, ROWS } = constants;
    const parts = this.#partSize === 1 ? 'scalars' : 'vectors';
    const windows = tensor(`${this.name} windows`, [WINDOWS, ROWS, this.windows.kernelSize * this.#features]);
    plan.add(gatherWindows[parts], { input, windows }, constants);
    const recorded = this.#dense.record(recording, { values: windows });
    return {
      output: recorded.output,
      backward: (outputGradient, wantsInputGradient) => {
        const windows_gradient = recorded.backward(outputGradient, wantsInputGradient);
        if (!windows_gradient) return undefined;
        const input_gradient = tensor(`${this.name} dx`, input.shape);
        plan.add(sumWindows[parts], { windows_gradient, input_gradient }, constants);
        return input_gradient;
      },
    };
  }

  #constants([STEPS, ROWS]: readonly number[]) {
    const { kernelSize: TAPS, strides: STRIDE, dilationRate: DILATION } = this.windows;
    const WINDOWS = this.outputSteps(STEPS);
    const PADDING = this.#stepsInFront(STEPS, WINDOWS);
    return { STEPS, ROWS, PARTS: this.#features / this.#partSize, WINDOWS, TAPS, STRIDE, DILATION, PADDING };
  }

  /** How many steps of zeros stand in front of the sequence. */
  #stepsInFront(steps: number, windows: number): number {
    const { strides, padding } = this.windows;
    if (padding === 'causal') return this.#reach - 1;
    return padding === 'same' ? Math.max(0, Math.floor(((windows - 1) * strides + this.#reach - steps) / 2)) : 0;
  }

  #masked(): ValueError {
    return new ValueError(
      `${this.name}: its input has a mask, from lengths or a layer in front of it, and a convolution mixes steps that count ` +
        `with padding. Leave out lengths, masking and maskZero, and pad sequences yourself; Keras drops the mask here.`,
    );
  }
}
