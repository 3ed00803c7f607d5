import type { Tensor } from '../../../runtime/tensor.ts';

/** A matrix in a tensor: where it begins, and how far apart its rows and its columns lie, all in elements. */
export interface Matrix {
  readonly tensor: Tensor;
  readonly rows: number;
  readonly columns: number;
  readonly first: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** Some columns of a matrix: `count` of them, every `stride`-th from `first` on. */
export interface ColumnChoice {
  readonly first: number;
  readonly count: number;
  readonly stride: number;
}

/** The first rows of a tensor, row after row; the tensor may be a view that begins where no binding can. */
export function matrix(tensor: Tensor, rows: number, columns: number): Matrix {
  const first = tensor.elementsBefore;
  const bound = first === 0 ? tensor : tensor.view(tensor.label, [first + tensor.size], -first);
  return { tensor: bound, rows, columns, first, rowStride: columns, columnStride: 1 };
}

export function transposed({ rows, columns, rowStride, columnStride, ...place }: Matrix): Matrix {
  return { ...place, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride };
}

/** `count` rows from row `first` on. */
export function rowsOf(whole: Matrix, first: number, count: number): Matrix {
  return { ...whole, first: whole.first + first * whole.rowStride, rows: count };
}

/** From so many rows to the next a binding can begin, however long they are. */
export const BAND_ROWS = 64;

/**
 * The same as `rowsOf`, from a multiple of BAND_ROWS on: a matrix that begins where the whole one does in its own tensor,
 * which ends with its last element. So bands of as many rows are alike.
 */
export function bandOf(whole: Matrix, first: number, count: number): Matrix {
  const { tensor, rowStride, columnStride, columns } = whole;
  const length = whole.first + (count - 1) * rowStride + (columns - 1) * columnStride + 1;
  return { ...whole, tensor: tensor.view(tensor.label, [length], first * rowStride), rows: count };
}

export function columnsOf(whole: Matrix, { first, count, stride }: ColumnChoice): Matrix {
  return {
    ...whole,
    first: whole.first + first * whole.columnStride,
    columns: count,
    columnStride: stride * whole.columnStride,
  };
}

/** One number over and over; it takes the memory of one. */
export function repeated(number: Tensor, rows: number, columns: number): Matrix {
  return { tensor: number, rows, columns, first: 0, rowStride: 0, columnStride: 0 };
}
