import type { Gpu } from '../../../runtime/gpu.ts';
import type { Plan } from '../../../runtime/plan.ts';
import { costModel } from '../../../runtime/autotune/cost-model.ts';
import type { Decision, TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import { piecesInDispatch } from '../dispatch-length.ts';
import { PANEL_ROWS, panelOf, matrix, transposed, type Matrix } from './matrix.ts';
import { PRODUCT_KERNELS, tilesToTry, type ProductTile } from './product-tiles.ts';

export interface Product {
  a: Matrix;
  b: Matrix;
  /** The matrix that takes the product; elements of its tensor that are not in the matrix keep their values. */
  out: Matrix;
  /** Whether b has one more row behind the others, a bias that is added to every row of the product. Default: false. */
  addBias?: boolean;
}

/**
 * Adds out = a · b to a plan, in as many dispatches as keep each of them short.
 *
 * @param decision which tile to take and how fast it is
 */
export function recordProduct(
  plan: Plan,
  product: Product,
  { candidate, throughput }: Pick<Decision<ProductTile>, 'candidate' | 'throughput'>,
): void {
  const { a, b, out, addBias = false } = product;
  const panels = Math.ceil(out.rows / PANEL_ROWS);
  const most = piecesInDispatch(panels, a.columns * out.columns * PANEL_ROWS, throughput);
  // Row panels have equal lengths, since panels of one length share a pipeline.
  const length = PANEL_ROWS * Math.ceil(panels / Math.ceil(panels / most));
  for (let first = 0; first < out.rows; first += length) {
    const count = Math.min(length, out.rows - first);
    addProduct(plan, { a: panelOf(a, first, count), b, out: panelOf(out, first, count), addBias }, candidate);
  }
}

/** The tuning task whose candidates are the tiles for a product. */
export function productTask(gpu: Gpu, product: Product): TuningTask<ProductTile> {
  const { a, b, addBias } = product;
  const { ROWS, INNER, COLUMNS } = sizesOf(product);
  const isTransposed = ({ rowStride, columnStride }: Matrix) => rowStride < columnStride;
  const layoutOf = (factor: Matrix) => (isTransposed(factor) ? 'transposed' : 'rows');
  const work = ROWS * INNER * COLUMNS;
  return {
    key: `product ${ROWS} × ${INNER} × ${COLUMNS}, ${layoutOf(a)} · ${layoutOf(b)}${addBias ? ', bias' : ''}`,
    kernels: PRODUCT_KERNELS,
    candidates: tilesToTry(gpu, { ROWS, INNER, COLUMNS }),
    work,
    record: (candidate, { plan, tensor }) => {
      const { factors, work, numbers, throughput } = costModel(gpu).benchmark;
      const inner = Math.min(INNER, factors);
      const most = Math.min(work / (inner * COLUMNS), numbers / (inner + COLUMNS));
      const rows = Math.min(ROWS, PANEL_ROWS * Math.max(1, Math.floor(most / PANEL_ROWS)));
      const make = (label: string, rows: number, columns: number, asTranspose: boolean) =>
        asTranspose
          ? transposed(matrix(tensor(label, [columns, rows]), columns, rows))
          : matrix(tensor(label, [rows + 1, columns]), rows, columns);
      const scratch = {
        a: make('a', rows, inner, isTransposed(a)),
        b: make('b', inner, COLUMNS, isTransposed(b)),
        out: make('out', rows, COLUMNS, false),
      };
      recordProduct(plan, { ...scratch, addBias: addBias && !isTransposed(b) }, { candidate, throughput });
      return rows * inner * COLUMNS;
    },
  };
}

function sizesOf({ a, out }: Product) {
  return { ROWS: out.rows, INNER: a.columns, COLUMNS: out.columns };
}

function addProduct(plan: Plan, product: Product, tile: ProductTile): void {
  const { a, b, out, addBias = false } = product;
  tile.add(
    plan,
    { a: a.tensor, b: b.tensor, out: out.tensor },
    {
      ...sizesOf(product),
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
