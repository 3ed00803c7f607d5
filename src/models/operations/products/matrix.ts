import type { Tensor } from '../../../runtime/tensor.ts';

/** A matrix in a tensor, given by its offset and the strides of its rows and columns, all in elements. */
export interface Matrix {
  readonly tensor: Tensor;
  readonly rows: number;
  readonly columns: number;
  readonly first: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** A selection of columns: `count` of them, every `stride`-th from column `first` on. */
export interface ColumnSelection {
  readonly first: number;
  readonly count: number;
  readonly stride: number;
}

/** A row-major matrix at the start of a tensor, which may be a view that is not aligned for a binding. */
export function matrix(tensor: Tensor, rows: number, columns: number): Matrix {
  const first = tensor.elementsBefore;
  const bound = first === 0 ? tensor : tensor.view(tensor.label, [first + tensor.size], -first);
  return { tensor: bound, rows, columns, first, rowStride: columns, columnStride: 1 };
}

/** The transpose of a matrix: the same memory with the strides exchanged. */
export function transposed({ rows, columns, rowStride, columnStride, ...rest }: Matrix): Matrix {
  return { ...rest, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride };
}

/** Selects `count` rows from row `first` on. */
export function rowsOf(whole: Matrix, first: number, count: number): Matrix {
  return { ...whole, first: whole.first + first * whole.rowStride, rows: count };
}

/** Row panels begin at multiples of this many rows, so that their bindings are aligned whatever the length of a row. */
export const PANEL_ROWS = 64;

/**
 * A panel of `count` rows that begins at a multiple of PANEL_ROWS. Unlike with `rowsOf`, its tensor is a view that begins and
 * ends with the panel, so that panels of as many rows have the same constants and share a pipeline.
 */
export function panelOf(whole: Matrix, first: number, count: number): Matrix {
  const { tensor, rowStride, columnStride, columns } = whole;
  const length = whole.first + (count - 1) * rowStride + (columns - 1) * columnStride + 1;
  return { ...whole, tensor: tensor.view(tensor.label, [length], first * rowStride), rows: count };
}

/** Selects columns of a matrix. */
export function columnsOf(whole: Matrix, { first, count, stride }: ColumnSelection): Matrix {
  return {
    ...whole,
    first: whole.first + first * whole.columnStride,
    columns: count,
    columnStride: stride * whole.columnStride,
  };
}

/** A matrix whose elements are all one number, stored only once: the first element of a tensor. */
export function repeated(number: Tensor, rows: number, columns: number): Matrix {
  return { tensor: number, rows, columns, first: 0, rowStride: 0, columnStride: 0 };
}
