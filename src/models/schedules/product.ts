import type { Plan } from '../../runtime/plan.ts';
import type { Matrix } from './matrix.ts';
import { productTile, type ProductTile } from './product-tiles.ts';

interface Product {
  a: Matrix;
  b: Matrix;
  /** Where the product goes; elements of its tensor between its rows and columns stay as they are. */
  out: Matrix;
  /** Whether b has one row more, to be added to every row of the product. Default: false. */
  addBias?: boolean;
  /** Default: chosen by shape. */
  tile?: ProductTile;
}

/** Adds out = a · b to a plan. */
export function recordProduct(plan: Plan, { a, b, out, addBias = false, tile }: Product): void {
  const sizes = { ROWS: out.rows, INNER: a.columns, COLUMNS: out.columns };
  (tile ?? productTile(sizes)).add(
    plan,
    { a: a.tensor, b: b.tensor, out: out.tensor },
    {
      ...sizes,
      A_FIRST: a.first,
      A_ROW: a.rowStride,
      A_COLUMN: a.columnStride,
      B_FIRST: b.first,
      B_ROW: b.rowStride,
      B_COLUMN: b.columnStride,
      OUT_FIRST: out.first,
      OUT_ROW: out.rowStride,
      OUT_COLUMN: out.columnStride,
      ADD_BIAS: Number(addBias),
    },
  );
}
