import type { Plan } from '../../../runtime/plan.ts';
import type { Decision, TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import type { Shape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { columnsOf, matrix, type ColumnSelection, type Matrix } from './matrix.ts';
import { productTask, recordProduct, type Product } from './product.ts';
import type { ProductTile } from './product-tiles.ts';

/** The plan and the tensors with which a layer's products are recorded. */
export interface ProductRecording {
  readonly plan: Plan;
  /** The layer's matrices of weights, and the tensors that take their gradients. */
  readonly weights: readonly Tensor[];
  readonly gradients: readonly Tensor[];
  tensor: (label: string, shape: Shape, data?: Float32Array<ArrayBuffer>) => Tensor;
  decide: (part: string, task: TuningTask<ProductTile>) => Pick<Decision<ProductTile>, 'candidate' | 'throughput'>;
}

/** The rows of a layer's input, their features, and the columns of the layer's weights. */
export interface ProductShape {
  rows: number;
  features: number;
  width: number;
}

/**
 * The products of a layer's input and its weights, over all columns or some. The weights are one matrix: the rows of the
 * kernel, then the bias and, in a recurrent layer, a bias of the recurrent product if there is one, and the recurrent kernel.
 */
export class WeightProducts {
  protected readonly all: ColumnSelection;

  constructor(
    protected readonly recording: ProductRecording,
    protected readonly shape: ProductShape,
  ) {
    this.all = { first: 0, count: shape.width, stride: 1 };
  }

  /** out = input · kernel + bias. */
  forward(input: Tensor, out: Tensor, columns = this.all): void {
    const { rows, features } = this.shape;
    const [a, b] = [matrix(input, rows, features), this.kernel(columns)];
    this.record('input product', { a, b, out: this.columns(out, columns), addBias: true });
  }

  protected record(part: string, product: Product): void {
    recordProduct(
      this.recording.plan,
      product,
      this.recording.decide(part, productTask(this.recording.plan.gpu, product)),
    );
  }

  protected kernel(columns: ColumnSelection): Matrix {
    const { features, width } = this.shape;
    return columnsOf(matrix(this.recording.weights[0], features, width), columns);
  }

  protected columns(values: Tensor, columns: ColumnSelection): Matrix {
    const { rows, width } = this.shape;
    return columnsOf(matrix(values, rows, width), columns);
  }
}
