import type { Piece } from '../../runtime/readback.ts';
import { elementCount, type Shape } from '../../runtime/shape.ts';
import type { TracedLayer } from '../network/layers/layer.ts';
import { OutputArray } from './output-array.ts';

type Numbers = Float32Array<ArrayBuffer>;

/** The gates and states of each step of a recurrent layer. Step t is that which has read step t of the layer's input. */
export interface LayerSteps {
  /**
   * The values of the gates after their activations, by Keras' names and in its order: i, f, c, o of an `lstm`, z, r, h of a
   * `gru`; a `simpleRnn` has none. 0 at masked steps, which compute no gates.
   */
  gates: Record<string, OutputArray>;
  /** h after each step; a masked step leaves it as it was. */
  h: OutputArray;
  /** The cell state c after each step, of an `lstm`. */
  c?: OutputArray;
}

/** A recurrent layer, or one direction of a `bidirectional`. */
export interface LayerTrace extends LayerSteps {
  /** As the names of its states begin: `'lstm'`, `'bidirectional/backwardLstm'`. */
  name: string;
  /** The function that made it: `'lstm'`, `'gru'` or `'simpleRnn'`. */
  type: string;
}

/** Some steps that one row of a batch has computed. */
interface Part {
  /** The numbers of `piecesOf`. */
  pieces: readonly Numbers[];
  row: number;
  /** The first of these steps in the batch, and how many they are. */
  from: number;
  count: number;
  /** The sample that they belong to, and the number that the first of them has in it. */
  sample: number;
  at: number;
}

/** The pieces of memory that hold the steps of a layer: its states, and if it has gates these and the mask. */
export function piecesOf({ states, gates, mask }: TracedLayer): Piece[] {
  return [...states, ...(gates ? [gates, ...(mask ? [mask] : [])] : [])].map(({ piece }) => piece);
}

/** The gates and states of all steps of some samples, which are taken part by part from the batches that compute them. */
export class TracedSteps {
  readonly #states: readonly Numbers[];
  readonly #gates: readonly Numbers[];

  /** @param shape of the steps: [samples, timesteps], or [timesteps] of a single sample */
  constructor(
    private readonly shape: Shape,
    private readonly layer: TracedLayer,
  ) {
    const { cell, states } = layer;
    const numbers = () => new Float32Array(elementCount(shape) * states[0].shape[2]);
    this.#states = states.map(numbers);
    this.#gates = Array.from(cell.gateNames ?? '', numbers);
  }

  /** Takes steps of one row of a batch. @param layer the same as that of the constructor, in the program of the batch */
  take({ states, gates, areReversed, cell }: TracedLayer, { pieces, row, from, count, sample, at }: Part): void {
    const [stored, rows, units] = states[0].shape;
    const last = stored - 2;
    const [values, mask] = pieces.slice(states.length) as (Numbers | undefined)[];
    const width = gates?.shape[2] ?? 0;
    const [ofUnit, ofGate] = cell.isUnitByUnit ? [cell.gates, 1] : [1, units];
    for (let step = from; step < from + count; step++) {
      const target = (sample * this.shape.at(-1)! + at + step - from) * units;
      const state = ((areReversed.states ? last - step : step) + 1) * rows + row;
      this.#states.forEach((into, n) => into.set(pieces[n].subarray(state * units, (state + 1) * units), target));
      const gate = (areReversed.gates ? last - step : step) * rows + row;
      // The memory of a masked step holds what was computed before.
      if (mask?.[gate] === 0) continue;
      this.#gates.forEach((into, n) => {
        const first = gate * width + n * ofGate;
        for (let unit = 0; unit < units; unit++) into[target + unit] = values![first + unit * ofUnit];
      });
    }
  }

  /** The steps that were taken, by the names of gates and states. */
  get result(): LayerTrace {
    const { name, cell, states } = this.layer;
    const array = (data: Numbers) => new OutputArray(data, [...this.shape, states[0].shape[2]]);
    const [h, c] = this.#states.map(array);
    return {
      name,
      type: cell.name.split(',')[0],
      gates: Object.fromEntries(this.#gates.map((data, n) => [cell.gateNames![n], array(data)])),
      h,
      ...(c && { c }),
    };
  }
}
