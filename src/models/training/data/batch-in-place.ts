import type { Piece } from '../../../runtime/readback.ts';
import { elementCount, type Shape } from '../../../runtime/shape.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { mapChannels, namesOf, type Channels, type Outputs } from '../../execution/channels.ts';
import type { Program, Run } from '../../execution/program.ts';
import type { NumberArray } from '../../network/arrays.ts';
import type { Feed, SampleData } from './dataset.ts';

/**
 * One batch to predict, written where the program reads it and read where the program leaves its results. No data set
 * lies between, and nothing is gathered from one: for a single step that would take longer than the step.
 */
export class BatchInPlace implements Feed {
  readonly run: Run;
  /** Where its outputs are. */
  readonly pieces: readonly Piece[];
  readonly #inputs: Channels<Tensor>;
  readonly #outputs: Outputs<Tensor>;

  /**
   * @param slots of its own; default: those of the network
   * @param accepted settles when the device has accepted these
   */
  constructor(
    readonly program: Program,
    readonly slots?: StateSlots,
    accepted?: Promise<void>,
  ) {
    const run = program.attach({ slots });
    const ready = Promise.all([program.accepted, accepted, run.ready]);
    ready.catch(() => {});
    this.run = { ...run, ready };
    const { inputs, outputs } = program.batch!;
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.pieces = Object.values(mapChannels(outputs, pieceOf));
  }

  /** For the queue it is a data set with room for one batch, so that each goes in a submit of its own. */
  get dataset(): Feed['dataset'] {
    return this;
  }

  get capacity(): number {
    return this.program.rows;
  }

  /** The outputs read, with rows first again. */
  rowsFirst(pieces: readonly ArrayBuffer[]): Outputs<NumberArray> {
    let next = 0;
    return mapChannels(this.#outputs, ({ shape }) => {
      const data = new Float32Array(pieces[next++]);
      const [steps, rows, ...features] = shape;
      return features.length === 0
        ? { data, shape }
        : { data: swapped(data, shape), shape: [rows, steps, ...features] };
    });
  }

  write(_first: number, data: SampleData): void {
    // Initial states are the first rows of the tensors in which the program keeps those of all steps.
    for (const name of namesOf(data)) this.#inputs[name]!.write(data[name]!);
  }

  /** Its memory is the program's. */
  readonly byteLength = 0;

  dispose(): void {}
}

/** Copies samples, whose arrays the caller may use again, into the order in which they are written. */
export function stepsFirst(channels: Channels<NumberArray>): SampleData {
  return mapChannels(channels, ({ data, shape }) => swapped(data, shape));
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
