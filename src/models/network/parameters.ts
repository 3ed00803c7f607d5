import type { Gpu } from '../../runtime/gpu.ts';
import { elementCount, type Shape } from '../../runtime/shape.ts';
import type { Piece } from '../../runtime/readback.ts';
import { MovableTensor } from '../../runtime/movable-tensor.ts';
import { alignedElements, Tensor } from '../../runtime/tensor.ts';
import { toNamed, type NamedInput } from './arrays.ts';
import type { Initializer } from './initializers.ts';
import type { Random } from './random.ts';
import type { Constraint } from './optimizer/constraints.ts';
import type { Regularizer } from './objective/regularizers.ts';

/** One weight as Keras knows it, and where its rows lie in its matrix. */
export interface WeightPart {
  /** With the layer's name in front: `lstm/kernel`. */
  name: string;
  shape: Shape;
  firstRow: number;
  initializer: Initializer;
  regularizer?: Regularizer;
  constraint?: Constraint;
}

/**
 * All weights of a layer, or of one direction of it, under each other: kernel, bias row, recurrent kernel. So
 * input · kernel + bias is one product with a row of ones.
 */
export interface WeightMatrix {
  rows: number;
  columns: number;
  /**
   * Kinds of columns, such as gates, that Keras lays out in blocks and the GPU unit by unit: all kinds of the first unit,
   * then all of the second. Default: 1, where both are the same.
   */
  kinds?: number;
  /** In Keras' order. */
  parts: readonly WeightPart[];
}

/** A weight on its way in or out: row-major, in Keras' layout. */
export interface Weight {
  name: string;
  shape: Shape;
  data: Float32Array<ArrayBuffer>;
}

/** What `setWeights` accepts: names may be left out, the order is that of `getWeights`. */
export type WeightInput = NamedInput;

export interface PartInPlace extends WeightPart {
  /** Of its first element in the flat tensors. */
  offset: number;
  kinds: number;
}

/** All weights of a model in one flat tensor, so that an optimizer step is one dispatch; and their gradient, once asked for. */
export class Parameters {
  /** The memory of the values. */
  readonly storage: MovableTensor;
  /** How many weights there are, padding left out. */
  readonly count: number;
  readonly #views: PartInPlace[] = [];
  readonly #offsets: number[] = [];
  #gradient?: Tensor;

  constructor(
    private readonly gpu: Gpu,
    private readonly matrices: readonly WeightMatrix[],
  ) {
    let end = 0;
    for (const { rows, columns, parts, kinds = 1 } of matrices) {
      this.#offsets.push(end);
      for (const part of parts) this.#views.push({ ...part, kinds, offset: end + part.firstRow * columns });
      end = alignedElements(end + rows * columns);
    }
    // A binding cannot be empty, and a model may have no weights.
    end = Math.max(end, alignedElements(1));
    this.storage = new MovableTensor(gpu, 'weights', [end]);
    this.count = this.#views.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  }

  /** How many elements the flat tensors have. */
  get size(): number {
    return this.storage.size;
  }

  get values(): Tensor {
    return this.storage.tensor;
  }

  /** Of the same form as the values; a model that only predicts has none. */
  get gradient(): Tensor {
    this.#gradient ??= Tensor.planned(this.gpu, 'weight gradient', this.storage.shape);
    return this.#gradient;
  }

  /** All weights, and where they lie in the flat tensors. */
  get parts(): readonly PartInPlace[] {
    return this.#views;
  }

  /** Where a matrix begins in the flat tensors. */
  offset(matrix: number): number {
    return this.#offsets[matrix];
  }

  /** The matrices in the flat tensor of values or of gradients, each as a tensor of its own. */
  views(of: 'values' | 'gradient'): Tensor[] {
    return this.matrices.map(({ rows, columns }, index) =>
      this[of].view(`${of} of matrix ${index}`, [rows, columns], this.#offsets[index]),
    );
  }

  initialize(random: Random): void {
    for (const part of this.#views) {
      this.values.write(unitByUnit(part.initializer(part.shape, random), part), part.offset);
    }
  }

  /** Where the values or the gradient lie now. */
  piece(of: 'values' | 'gradient' = 'values'): Piece {
    const { buffer, byteOffset, byteLength } = this[of];
    return { buffer, byteOffset, bytes: byteLength };
  }

  /** Weights out of what was read from a `piece`. */
  fromBytes(bytes: ArrayBuffer): Weight[] {
    const flat = new Float32Array(bytes);
    return this.#views.map((part) => {
      const { name, shape, offset } = part;
      return { name, shape, data: inBlocks(flat.subarray(offset, offset + elementCount(shape)), part) };
    });
  }

  async read(of: 'values' | 'gradient' = 'values'): Promise<Weight[]> {
    const { buffer, byteOffset, bytes } = this.piece(of);
    return this.fromBytes(await this.gpu.readback.read(buffer, byteOffset, bytes));
  }

  /**
   * Checks weights in the order of `read` and converts them. Nothing is written.
   *
   * @returns new memory, for `put`
   * @throws ShapeError, ValueError
   */
  check(where: string, weights: readonly WeightInput[]): Float32Array<ArrayBuffer>[] {
    const data = toNamed(where, { what: 'weight', from: 'getWeights()' }, weights, this.#views);
    return this.#views.map((part, index) => unitByUnit(data[index], part));
  }

  /** Writes weights that were checked; takes effect before whatever is submitted afterwards. */
  put(checked: readonly Float32Array<ArrayBuffer>[]): void {
    this.#views.forEach(({ offset }, index) => this.values.write(checked[index], offset));
  }

  dispose(): void {
    this.storage.dispose();
    this.#gradient?.dispose();
  }
}

type Columns = Pick<PartInPlace, 'shape' | 'kinds'>;

/** From Keras' blocks of columns to the GPU's columns unit by unit. */
export function unitByUnit(data: Float32Array<ArrayBuffer>, { shape, kinds }: Columns): Float32Array<ArrayBuffer> {
  const units = shape.at(-1)! / kinds;
  return reordered(data, shape.at(-1)!, (column) => (column % kinds) * units + Math.floor(column / kinds));
}

/** And back. */
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
  return data.map((_, n) => data[n - (n % columns) + sources[n % columns]]);
}
