import { digestOfNumbers } from '../../runtime/digest.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { elementCount, type Shape } from '../../runtime/shape.ts';
import type { Piece } from '../../runtime/readback.ts';
import type { Sliced } from '../../runtime/slices.ts';
import { MovableTensor } from '../../runtime/movable-tensor.ts';
import { alignedElements, Tensor } from '../../runtime/tensor.ts';
import { toNamed, type NamedInput } from './arrays.ts';
import type { Initializer } from './initializers.ts';
import type { Random } from './random.ts';
import type { Constraint } from './optimizer/constraints.ts';
import type { Regularizer } from './objective/regularizers.ts';

/** A weight of a layer as Keras names and shapes it, and its first row in the matrix that holds it. */
export interface WeightPart {
  /** The name, with the layer's in front: `lstm/kernel`. */
  name: string;
  shape: Shape;
  firstRow: number;
  initializer: Initializer;
  regularizer?: Regularizer;
  constraint?: Constraint;
}

/**
 * All weights of a layer, or of one direction of it, as a matrix: the rows of the kernel, then of the bias, then of the
 * recurrent kernel. So input · kernel + bias is one product.
 */
export interface WeightMatrix {
  rows: number;
  columns: number;
  /**
   * How many kinds of columns there are, such as gates. Keras stores the columns of each kind in a block; on the GPU they are
   * interleaved unit by unit, so that one vector load reads all kinds of a unit. Default: 1, where both layouts are the same.
   */
  kinds?: number;
  /** The weights in Keras' order. */
  parts: readonly WeightPart[];
}

/** A weight as `getWeights` returns it: row-major, in Keras' layout. */
export interface Weight {
  name: string;
  shape: Shape;
  data: Float32Array<ArrayBuffer>;
}

/** A weight as `setWeights` takes it, in the order of `getWeights`; the name may be left out. */
export type WeightInput = NamedInput;

/** A weight with its position in the flat tensors. */
export interface PlacedPart extends WeightPart {
  /** The offset of its first element in the flat tensors. */
  offset: number;
  kinds: number;
}

/** All weights of a model in one flat tensor, so that an optimizer step is one dispatch, and their gradient in another. */
export class Parameters {
  /** The memory of the values, which moves if models come to train together. */
  readonly storage: MovableTensor;
  /** How many weights there are, without padding. */
  readonly count: number;
  /** Counts the changes of the values from their first ones on, each when it takes its place among the updates. */
  version = 0;
  readonly #parts: PlacedPart[] = [];
  readonly #offsets: number[] = [];
  #gradient?: Tensor;

  constructor(
    private readonly gpu: Gpu,
    private readonly matrices: readonly WeightMatrix[],
  ) {
    let end = 0;
    for (const { rows, columns, parts, kinds = 1 } of matrices) {
      this.#offsets.push(end);
      for (const part of parts) this.#parts.push({ ...part, kinds, offset: end + part.firstRow * columns });
      end = alignedElements(end + rows * columns);
    }
    // A model may have no weights, but a buffer needs a size.
    end = Math.max(end, alignedElements(1));
    Tensor.bytesOf(gpu, 'sequential: the weights of all layers together', [end]);
    this.storage = new MovableTensor(gpu, 'weights', [end]);
    this.count = this.#parts.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  }

  /** How many elements the flat tensors have. */
  get size(): number {
    return this.storage.size;
  }

  get values(): Tensor {
    return this.storage.tensor;
  }

  /** The gradient, with the layout of the values. It is made when it is first read, so a model that only predicts has none. */
  get gradient(): Tensor {
    this.#gradient ??= Tensor.planned(this.gpu, 'weight gradient', this.storage.shape);
    return this.#gradient;
  }

  /** All weights with their positions in the flat tensors. */
  get parts(): readonly PlacedPart[] {
    return this.#parts;
  }

  /** The offset of a matrix in the flat tensors, in elements. */
  offset(matrix: number): number {
    return this.#offsets[matrix];
  }

  /** The matrices in the flat tensor of values or of gradients, each as a tensor of its own. */
  views(of: 'values' | 'gradient'): Tensor[] {
    return this.matrices.map(({ rows, columns }, index) =>
      this[of].view(`${of} of matrix ${index}`, [rows, columns], this.#offsets[index]),
    );
  }

  /** Makes and writes the initial values, in pieces of work between which the caller may pause. */
  *initialize(random: Random): Sliced<void> {
    for (const part of this.#parts) yield* this.#write(part, yield* part.initializer(part.shape, random));
  }

  /** Allocates the memory of the values, zero at first. */
  allocate(): void {
    this.values.allocate();
  }

  /** The bytes of the values or of the gradient, to be read back. */
  piece(of: 'values' | 'gradient' = 'values'): Piece {
    return this[of].piece;
  }

  /** The weights from the bytes that were read from a `piece`. */
  fromBytes(bytes: ArrayBuffer): Weight[] {
    const flat = new Float32Array(bytes);
    return this.#parts.map((part) => {
      const { name, shape, offset } = part;
      return { name, shape, data: inBlocks(flat.subarray(offset, offset + elementCount(shape)), part) };
    });
  }

  /** A digest of the weights from the bytes that were read from a `piece`. */
  digest(bytes: ArrayBuffer): string {
    const flat = new Float32Array(bytes);
    return digestOfNumbers(this.#parts.map(({ shape, offset }) => flat.subarray(offset, offset + elementCount(shape))));
  }

  async read(of: 'values' | 'gradient' = 'values'): Promise<Weight[]> {
    const { buffer, byteOffset, bytes } = this.piece(of);
    return this.fromBytes(await this.gpu.readback.read(buffer, byteOffset, bytes));
  }

  /**
   * Checks weights in the order of `read` and copies them, without writing them.
   *
   * @returns new arrays, for `put`
   * @throws ShapeError, ValueError
   */
  check(where: string, weights: readonly WeightInput[]): Float32Array<ArrayBuffer>[] {
    const data = toNamed(where, { what: 'weight', from: 'getWeights()' }, weights, this.#parts);
    return data.map((values) => values.slice());
  }

  /**
   * Writes weights that `check` returned, in pieces of work between which the caller may pause. They take effect before
   * whatever is submitted afterwards.
   *
   * @param into a tensor of numbers for each weight, such as a moment of the optimizer. Default: the weights themselves
   */
  *put(checked: readonly Float32Array<ArrayBuffer>[], into = this.values): Sliced<void> {
    for (const [index, part] of this.#parts.entries()) yield* this.#write(part, checked[index], into);
  }

  *#write(part: PlacedPart, values: Float32Array<ArrayBuffer>, into = this.values): Sliced<void> {
    const columns = part.shape.at(-1)!;
    const rows = Math.max(1, Math.floor(CHUNK / columns));
    for (let first = 0; first < values.length; first += rows * columns) {
      const chunk = unitByUnit(values.subarray(first, first + rows * columns), part);
      into.write(chunk, part.offset + first);
      yield REORDERING * chunk.length;
    }
  }

  dispose(): void {
    this.storage.dispose();
    this.#gradient?.dispose();
  }
}

/** The elements that are reordered and written between two pauses. */
const CHUNK = 2 ** 16;

/** How many multiply-adds take as long as reordering an element and sending it to the GPU, at most. */
const REORDERING = 8;

type Columns = Pick<PlacedPart, 'shape' | 'kinds'>;

/** Reorders columns from Keras' blocks to the GPU's layout unit by unit. */
export function unitByUnit(data: Float32Array<ArrayBuffer>, { shape, kinds }: Columns): Float32Array<ArrayBuffer> {
  const units = shape.at(-1)! / kinds;
  return reordered(data, shape.at(-1)!, (column) => (column % kinds) * units + Math.floor(column / kinds));
}

/** Reorders columns from the GPU's layout unit by unit to Keras' blocks. */
export function inBlocks(data: Float32Array<ArrayBuffer>, { shape, kinds }: Columns): Float32Array<ArrayBuffer> {
  const units = shape.at(-1)! / kinds;
  return reordered(data, shape.at(-1)!, (column) => (column % units) * kinds + Math.floor(column / units));
}

function reordered(
  data: Float32Array<ArrayBuffer>,
  columns: number,
  from: (column: number) => number,
): Float32Array<ArrayBuffer> {
  const sources = Uint32Array.from({ length: columns }, (_, column) => from(column));
  const result = new Float32Array(data.length);
  // Plain loops, since `map` takes several times as long.
  for (let first = 0; first < data.length; first += columns) {
    for (let column = 0; column < columns; column++) result[first + column] = data[first + sources[column]];
  }
  return result;
}
