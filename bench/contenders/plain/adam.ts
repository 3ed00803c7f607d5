import { EPSILON, LEARNING_RATE } from '../contender.ts';

/** Adam over float32 arrays, with epsilon beside the raw second moment, as in Keras. */
export class PlainAdam {
  readonly #m: Float32Array[];
  readonly #v: Float32Array[];
  #updates = 0;

  constructor(private readonly weights: readonly Float32Array[]) {
    this.#m = weights.map(({ length }) => new Float32Array(length));
    this.#v = weights.map(({ length }) => new Float32Array(length));
  }

  /** @param gradients in the order of the weights, which are changed in place */
  step(gradients: readonly Float32Array[]): void {
    this.#updates++;
    const rate = (LEARNING_RATE * Math.sqrt(1 - 0.999 ** this.#updates)) / (1 - 0.9 ** this.#updates);
    for (let n = 0; n < gradients.length; n++) {
      const [weight, gradient, m, v] = [this.weights[n], gradients[n], this.#m[n], this.#v[n]];
      for (let k = 0; k < gradient.length; k++) {
        const g = gradient[k];
        m[k] += 0.1 * (g - m[k]);
        v[k] += 0.001 * (g * g - v[k]);
        weight[k] -= (rate * m[k]) / (Math.sqrt(v[k]) + EPSILON);
      }
    }
  }
}
