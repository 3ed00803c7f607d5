import type { Piece } from '../../../runtime/readback.ts';
import { elementCount, type Shape } from '../../../runtime/shape.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import type { NumberArray } from '../../network/arrays.ts';
import type { Program, RunInPlace } from '../../execution/program.ts';
import type { CheckedInputs } from './checked-data.ts';
import type { Feed, SampleData } from './dataset.ts';

/**
 * One batch to predict, written where the program reads it and read where the program leaves its results. No data set
 * lies between, and nothing is gathered from one: for a single step that would take longer than the step.
 */
export class BatchInPlace implements Feed {
  readonly run: RunInPlace;
  /** What is read of a batch: its output, then its last states. */
  readonly results: readonly { shape: Shape; piece: Piece }[];

  /**
   * @param slots of its own; default: those of the network
   * @param accepted settles when the device has accepted these
   */
  constructor(
    readonly program: Program,
    readonly slots?: StateSlots,
    accepted?: Promise<void>,
  ) {
    const run = program.inPlace!(slots);
    const ready = Promise.all([program.accepted, accepted, run.ready]);
    ready.catch(() => {});
    this.run = { ...run, ready };
    const { output, finalStates } = this.run.places;
    const shape = [program.rows, ...program.outputSample];
    this.results = [
      { shape, piece: pieceOf(output) },
      ...finalStates.map((state) => ({ shape: state.shape, piece: pieceOf(state) })),
    ];
  }

  /** For the queue it is a data set with room for one batch, so that each goes in a submit of its own. */
  get dataset(): Feed['dataset'] {
    return this;
  }

  get capacity(): number {
    return this.program.rows;
  }

  /** The results read, with rows first again. */
  rowsFirst(pieces: readonly ArrayBuffer[]): NumberArray[] {
    return this.results.map(({ shape }, n) => {
      const data = new Float32Array(pieces[n]);
      const [rows, steps, ...features] = shape;
      return { shape, data: shape.length < 3 ? data : swapped(data, [steps, rows, ...features]) };
    });
  }

  write(_first: number, { x, mask, states }: SampleData): void {
    const { places } = this.run;
    places.x.write(x);
    if (mask) places.mask!.write(mask);
    places.states.forEach((state, index) => state.write(states![index]));
  }

  /** Its memory is the program's. */
  readonly byteLength = 0;

  dispose(): void {}
}

/** Copies samples, whose arrays the caller may use again, into the order in which they are written. */
export function stepsFirst({ x, mask, states }: CheckedInputs): SampleData {
  return {
    x: swapped(x.data, x.shape),
    mask: mask && swapped(mask.data, mask.shape),
    states: states?.map(({ data }) => data.slice()),
  };
}

function pieceOf({ buffer, byteOffset, byteLength }: Tensor): Piece {
  return { buffer, byteOffset, bytes: byteLength };
}

/** A copy with the first two of three dimensions swapped; of two dimensions as it is. */
function swapped(data: Float32Array<ArrayBuffer>, shape: Shape): Float32Array<ArrayBuffer> {
  const [outer, inner] = shape;
  if (shape.length < 3 || outer === 1 || inner === 1) return data.slice();
  const features = elementCount(shape) / (outer * inner);
  const result = new Float32Array(data.length);
  for (let n = 0; n < outer; n++) {
    for (let m = 0; m < inner; m++) {
      const from = (n * inner + m) * features;
      const to = (m * outer + n) * features;
      for (let k = 0; k < features; k++) result[to + k] = data[from + k];
    }
  }
  return result;
}
