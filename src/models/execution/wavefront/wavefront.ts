import type { KernelCode } from '../../../runtime/kernel.ts';
import type { FrameBinding } from '../../../runtime/plan.ts';
import type { Shape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { LSTM_TILE_UNITS, unrolledCells } from '../../../shaders/lstm/lstm-tile.ts';
import { lstmWavefrontForward } from '../../../shaders/lstm/lstm-wavefront-forward.ts';
import { diagonalStruct } from '../../../shaders/lstm/wavefront-constants.ts';
import type { Loading } from '../../../shaders/quads.ts';
import { variantsOf } from '../../../shaders/variant.ts';
import { activationNumber } from '../../operations/recurrence/activations.ts';
import { storedStates, lastState } from '../../operations/recurrence/cell.ts';
import type { Recorded, Recording, Signal } from '../../network/layers/layer.ts';
import type { Lstm } from '../../network/layers/lstm.ts';
import { WeightProducts } from '../../operations/products/weight-products.ts';
import { makeSlabs, offsetIn, spanOf, type Slabs } from '../layered/slabs.ts';
import { loadings } from '../../operations/loadings.ts';
import { tileRowsFor, threadsFor } from '../../operations/recurrence/time-loop.ts';

/** Every kernel that the forward pass of a wavefront may add besides products. */
export const WAVEFRONT_KERNELS = variantsOf(lstmWavefrontForward);

/** The backward pass of wavefronts, which comes with the optimizers. */
export interface WavefrontTraining {
  /** Every kernel that a stack may add in training, as a wavefront or layer by layer. */
  readonly kernels: readonly KernelCode[];
  /** Records it; returns the gradient of the input if it is wanted. */
  backward(wavefront: Wavefront, outputGradient: Tensor, wantsInputGradient: boolean): Tensor | undefined;
}

/** The most threads of a workgroup. Small workgroups divide a diagonal evenly, and 32 threads are a warp of many GPUs. */
const MAX_THREADS = 32;

/** The most rows of a tile. These kernels have two products, so higher tiles would take long to compile. */
const MAX_ROWS = 16;

/**
 * Records a stack of L LSTM layers over T steps as one wavefront. Dispatch d computes a diagonal of layers and time steps,
 * layer l at step d - l, so that T + L - 1 dispatches wait for each other instead of T times L.
 *
 * @param stack the result of `stackFrom`
 * @param recordings a recording for each of its layers
 * @param input without a mask
 * @param training absent if no backward pass follows
 */
export function recordWavefront(
  stack: readonly Lstm[],
  recordings: readonly Recording[],
  input: Signal,
  training: WavefrontTraining | undefined,
): Recorded {
  const wavefront = new Wavefront(stack, recordings, input.values);
  return {
    output: { values: wavefront.forward() },
    backward: (gradient, wantsInputGradient) => training!.backward(wavefront, gradient, wantsInputGradient),
  };
}

/** A stack of layers in a plan, with what both passes need. */
export class Wavefront {
  readonly #lowest: Lstm;
  readonly #highest: Lstm;
  /** The recording of the lowest layer, which also serves for everything that all layers have in common. */
  readonly recording: Recording;
  /** T, B and H. */
  readonly sizes: readonly [steps: number, rows: number, units: number];
  readonly diagonals: readonly Diagonal[];
  readonly h: Slabs;
  readonly c: Slabs;
  readonly gates: Tensor;
  readonly loading: Loading;

  constructor(
    readonly stack: readonly Lstm[],
    readonly recordings: readonly Recording[],
    readonly input: Tensor,
  ) {
    [this.#lowest] = stack;
    this.#highest = stack.at(-1)!;
    [this.recording] = recordings;
    const { rows, frames } = this.recording;
    const { isTraining } = this;
    const [steps] = input.shape;
    const { units } = this.#lowest;
    this.sizes = [steps, rows, units];
    this.diagonals = diagonals(steps, stack.length, frames);
    const states = [storedStates(steps, isTraining), rows, units];
    this.h = this.slabs('h', states);
    this.c = this.slabs('c', states);
    const layersWithGates = isTraining ? stack.length : Number(!this.#lowest.hasFewFeatures);
    this.gates = this.tensor('gates', layersWithGates > 0 ? [layersWithGates, steps, rows, 4 * units] : [4]);
    [this.loading] = loadings(this.recording.plan.gpu);
  }

  get isTraining(): boolean {
    return this.recording.training !== undefined;
  }

  /** Records the forward pass; returns the output of the highest layer. */
  forward(): Tensor {
    const [steps, rows, units] = this.sizes;
    const { features, hasFewFeatures } = this.#lowest;
    const { isTraining } = this;
    const { plan } = this.recording;
    const weights = this.recordings.map((recording) => recording.weights[0]);
    const [first, second, third = second] = weights;
    const output = this.tensor('output', this.#highest.options.returnSequences ? this.sizes : [rows, units]);
    if (!hasFewFeatures) {
      const products = new WeightProducts(this.recording, { rows: steps * rows, features, width: 4 * units });
      products.forward(this.input, this.gates.view('input gates', [steps, rows, 4 * units], 0));
    }
    const bindings = {
      input: hasFewFeatures ? this.input : first,
      weights: spanOf(weights),
      h: this.h.whole,
      c: this.c.whole,
      gates: this.gates,
      output,
    };
    const constants = {
      ...this.constants('forward'),
      FEATURES: features,
      INPUTS: hasFewFeatures ? features : 0,
      SECOND_WEIGHTS: offsetIn(first, second) / 4,
      LAYER_WEIGHTS: offsetIn(second, third) / 4,
    };
    const kernel = lstmWavefrontForward[this.loading];
    const [x, y] = kernel.grid(constants);
    const states = [this.h, this.c];
    this.recordings.forEach(({ loadState }, n) => states.forEach(({ parts }, state) => loadState(state, parts[n])));
    for (const { diagonal, layers } of this.diagonals) {
      plan.add(kernel, { ...bindings, diagonal }, constants, [x, y, layers]);
    }
    this.recordings.forEach(({ storeState }, n) =>
      states.forEach(({ parts }, state) => storeState(state, parts[n], lastState(steps, isTraining) * rows)),
    );
    return output;
  }

  constants(pass: keyof typeof LSTM_TILE_UNITS) {
    const [steps, rows, units] = this.sizes;
    const TILE_ROWS = tileRowsFor(rows, this.loading, MAX_ROWS);
    const { recurrentActivation, options } = this.#highest;
    return {
      LAYERS: this.stack.length,
      ROWS: rows,
      UNITS: units,
      STEPS: steps,
      RETURN_SEQUENCES: Number(options.returnSequences),
      LAYER_STATES: this.h.stride,
      SAVE_FOR_BACKWARD: Number(this.isTraining),
      THREADS: threadsFor(units, LSTM_TILE_UNITS[pass], this.loading, MAX_THREADS),
      TILE_ROWS,
      UNROLLED_CELLS: unrolledCells(this.recording.plan.gpu, TILE_ROWS, pass),
      ACTIVATION: activationNumber(options.activation),
      RECURRENT_ACTIVATION: activationNumber(recurrentActivation),
    };
  }

  slabs(label: string, shape: Shape, count = this.stack.length): Slabs {
    return makeSlabs(this.tensor, label, count, shape);
  }

  readonly tensor = (label: string, shape: Shape): Tensor =>
    this.recording.tensor(`${this.#lowest.name} to ${this.#highest.name} ${label}`, shape);
}

/** A dispatch of the wavefront, and how many layers are part of it. */
interface Diagonal {
  diagonal: FrameBinding;
  layers: number;
}

/** The diagonals of a stack of layers, in order of time. */
function diagonals(steps: number, layers: number, frames: Recording['frames']): Diagonal[] {
  const list = Array.from({ length: steps + layers - 1 }, (_, sum) => {
    const first_layer = Math.max(0, sum - (steps - 1));
    return { sum, first_layer, layers: Math.min(sum, layers - 1) - first_layer + 1 };
  });
  const bindings = frames(diagonalStruct, list);
  return list.map((diagonal, index) => ({ diagonal: bindings[index], layers: diagonal.layers }));
}
