import type { Tensor } from '../../../runtime/tensor.ts';
import { columnsOf, matrix, repeated, rowsOf, transposed, type Matrix } from './matrix.ts';
import { WeightProducts } from './weight-products.ts';

/** The matrices of which the gradient of a layer's weights is the product; each has as many rows as the input. */
interface GradientFactors {
  input: Tensor;
  /** The gradient of the input product, with a column for each column of the weights. */
  d: Tensor;
  hasBias: boolean;
  /** The states that entered the recurrent product, and the gradient of that product if it has a bias of its own. */
  recurrent?: { hidden: Tensor; units: number; d?: Tensor };
}

/** The products of a layer's backward pass, with the same weights. */
export class GradientProducts extends WeightProducts {
  /** dx = d · kernelᵀ. */
  inputGradient(d: Tensor, dx: Tensor, columns = this.all): void {
    const { rows, features } = this.shape;
    const b = transposed(this.kernel(columns));
    this.record('gradient of the input', { a: this.columns(d, columns), b, out: matrix(dx, rows, features) });
  }

  /** The gradient of all weights over all rows at once: [input, 1]ᵀ · d, and under it [1, hidden]ᵀ · d. */
  weightGradient({ input, d, hasBias, recurrent }: GradientFactors, columns = this.all): void {
    const { tensor, gradients } = this.recording;
    const { rows, features, width } = this.shape;
    const gradient = columnsOf(matrix(gradients[0], gradients[0].size / width, width), columns);
    const b = this.columns(d, columns);
    const add = (what: string, factors: Matrix, b: Matrix, firstRow: number) => {
      const a = transposed(factors);
      this.record(`gradient of the ${what}`, { a, b, out: rowsOf(gradient, firstRow, a.rows) });
    };

    add('kernel', matrix(input, rows, features), b, 0);
    const recurrentD = recurrent?.d && this.columns(recurrent.d, columns);
    // A layer without a bias still has a row for it, whose gradient must be zero.
    const factor = tensor('bias factor', [1], new Float32Array([Number(hasBias)]));
    const biasFactors = repeated(factor, rows, 1);
    add('bias', biasFactors, b, features);
    if (recurrentD) add('bias', biasFactors, recurrentD, features + 1);
    if (!recurrent) return;
    const { hidden, units } = recurrent;
    add('recurrent kernel', matrix(hidden, rows, units), recurrentD ?? b, gradient.rows - units);
  }
}
