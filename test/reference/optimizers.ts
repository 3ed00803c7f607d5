/** Changes weights in place, given their gradients; keeps its own memory of earlier steps. */
export interface Optimizer {
  step(weights: readonly Float64Array[], gradients: readonly Float64Array[]): void;
}

export interface SgdOptions {
  learningRate: number;
  momentum?: number;
  nesterov?: boolean;
}

export interface AdamOptions {
  learningRate: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
  /** `'corrected'`: beside the corrected moment, as in PyTorch. Default: `'raw'`, as in Keras. */
  epsilonBeside?: 'raw' | 'corrected';
}

/** v = momentum v - rate g;  w += v, or with Nesterov's look ahead w += momentum v - rate g. */
export function sgd({ learningRate, momentum = 0, nesterov = false }: SgdOptions): Optimizer {
  let velocity: Float64Array[] | undefined;
  return {
    step(weights, gradients) {
      velocity ??= weights.map((weight) => new Float64Array(weight.length));
      for (const [n, weight] of weights.entries()) {
        for (const [k, gradient] of gradients[n].entries()) {
          const moved = momentum * velocity[n][k] - learningRate * gradient;
          velocity[n][k] = moved;
          weight[k] += nesterov ? momentum * moved - learningRate * gradient : moved;
        }
      }
    },
  };
}

/**
 * Kingma & Ba 2015. Epsilon stands beside the square root of the second moment before the moment's bias is corrected, as
 * at the end of their section 2, or after it, as in their algorithm 1.
 */
export function adam(options: AdamOptions): Optimizer {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, epsilonBeside = 'raw' } = options;
  let moments: { m: Float64Array; v: Float64Array }[] | undefined;
  let t = 0;
  return {
    step(weights, gradients) {
      moments ??= weights.map(({ length }) => ({ m: new Float64Array(length), v: new Float64Array(length) }));
      t++;
      const correction = Math.sqrt(1 - beta2 ** t);
      const rate = (learningRate * correction) / (1 - beta1 ** t);
      const rawEpsilon = epsilonBeside === 'raw' ? epsilon : epsilon * correction;
      for (const [n, weight] of weights.entries()) {
        const { m, v } = moments[n];
        for (const [k, gradient] of gradients[n].entries()) {
          m[k] = beta1 * m[k] + (1 - beta1) * gradient;
          v[k] = beta2 * v[k] + (1 - beta2) * gradient ** 2;
          weight[k] -= (rate * m[k]) / (Math.sqrt(v[k]) + rawEpsilon);
        }
      }
    },
  };
}

/** The Euclidean norm of all gradients taken as one vector. */
export function globalNorm(gradients: readonly Float64Array[]): number {
  return Math.sqrt(gradients.reduce((sum, gradient) => sum + gradient.reduce((part, g) => part + g * g, 0), 0));
}

/** Shortens all gradients by one factor, so that their global norm is `largest` at most. */
export function clipGlobalNorm(gradients: readonly Float64Array[], largest: number): Float64Array[] {
  const factor = Math.min(1, largest / globalNorm(gradients));
  return gradients.map((gradient) => gradient.map((g) => g * factor));
}

/** An optimizer that sees clipped gradients. */
export function withGlobalClipnorm(optimizer: Optimizer, largest: number): Optimizer {
  return { step: (weights, gradients) => optimizer.step(weights, clipGlobalNorm(gradients, largest)) };
}
