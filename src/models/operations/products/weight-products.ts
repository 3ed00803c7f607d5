import type { Plan } from '../../../runtime/plan.ts';
import type { Decision, TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import type { Shape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { columnsOf, matrix, repeated, rowsOf, transposed, type ColumnSelection, type Matrix } from './matrix.ts';
import { productTask, recordProduct, type Product } from './product.ts';
import type { ProductTile } from './product-tiles.ts';

/** The plan and the tensors with which a layer's products are recorded. */
interface ProductRecording {
  readonly plan: Plan;
  /** The layer's matrices of weights, and the tensors that take their gradients. */
  readonly weights: readonly Tensor[];
  readonly gradients: readonly Tensor[];
  tensor: (label: string, shape: Shape, data?: Float32Array<ArrayBuffer>) => Tensor;
  decide: (part: string, task: TuningTask<ProductTile>) => Pick<Decision<ProductTile>, 'candidate' | 'throughput'>;
}

/** The rows of a layer's input, their features, and the columns of the layer's weights. */
interface ProductShape {
  rows: number;
  features: number;
  width: number;
}

/** The matrices of which the gradient of a layer's weights is the product; each has as many rows as the input. */
interface GradientFactors {
  input: Tensor;
  /** The gradient of the input product, with a column for each column of the weights. */
  d: Tensor;
  hasBias: boolean;
  /** The states that entered the recurrent product, and the gradient of that product if it has a bias of its own. */
  recurrent?: { hidden: Tensor; units: number; d?: Tensor };
}

/**
 * The products of a layer's input and its weights, over all columns or some. The weights are one matrix: the rows of the
 * kernel, then the bias and, in a recurrent layer, a bias of the recurrent product if there is one, and the recurrent kernel.
 */
export class WeightProducts {
  readonly #all: ColumnSelection;

  constructor(
    private readonly recording: ProductRecording,
    private readonly shape: ProductShape,
  ) {
    this.#all = { first: 0, count: shape.width, stride: 1 };
  }

  /** out = input · kernel + bias. */
  forward(input: Tensor, out: Tensor, columns = this.#all): void {
    const { rows, features } = this.shape;
    const [a, b] = [matrix(input, rows, features), this.#kernel(columns)];
    this.#record('input product', { a, b, out: this.#columns(out, columns), addBias: true });
  }

  /** dx = d · kernelᵀ. */
  inputGradient(d: Tensor, dx: Tensor, columns = this.#all): void {
    const { rows, features } = this.shape;
    const b = transposed(this.#kernel(columns));
    this.#record('gradient of the input', { a: this.#columns(d, columns), b, out: matrix(dx, rows, features) });
  }

  /** The gradient of all weights over all rows at once: [input, 1]ᵀ · d, and under it [1, hidden]ᵀ · d. */
  weightGradient({ input, d, hasBias, recurrent }: GradientFactors, columns = this.#all): void {
    const { tensor, gradients } = this.recording;
    const { rows, features, width } = this.shape;
    const gradient = columnsOf(matrix(gradients[0], gradients[0].size / width, width), columns);
    const b = this.#columns(d, columns);
    const add = (what: string, factors: Matrix, b: Matrix, firstRow: number) => {
      const a = transposed(factors);
      this.#record(`gradient of the ${what}`, { a, b, out: rowsOf(gradient, firstRow, a.rows) });
    };

    add('kernel', matrix(input, rows, features), b, 0);
    const recurrentD = recurrent?.d && this.#columns(recurrent.d, columns);
    // A layer without a bias still has a row for it, whose gradient must be zero.
    const factor = tensor('bias factor', [1], new Float32Array([Number(hasBias)]));
    const biasFactors = repeated(factor, rows, 1);
    add('bias', biasFactors, b, features);
    if (recurrentD) add('bias', biasFactors, recurrentD, features + 1);
    if (!recurrent) return;
    const { hidden, units } = recurrent;
    add('recurrent kernel', matrix(hidden, rows, units), recurrentD ?? b, gradient.rows - units);
  }

  #record(part: string, product: Product): void {
    recordProduct(
      this.recording.plan,
      product,
      this.recording.decide(part, productTask(this.recording.plan.gpu, product)),
    );
  }

  #kernel(columns: ColumnSelection): Matrix {
    const { features, width } = this.shape;
    return columnsOf(matrix(this.recording.weights[0], features, width), columns);
  }

  #columns(values: Tensor, columns: ColumnSelection): Matrix {
    const { rows, width } = this.shape;
    return columnsOf(matrix(values, rows, width), columns);
  }
}
