/** An optimizer's step: changes weights in place by their gradients, and stores moments from step to step. */
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
  /** Where epsilon is added: to the bias-corrected moment with `'corrected'`, as in PyTorch. Default: `'raw'`, as in Keras. */
  epsilonBeside?: 'raw' | 'corrected';
  /** Divides by the largest second moment so far (Reddi et al. 2018). */
  amsgrad?: boolean;
}

export interface RmspropOptions {
  learningRate: number;
  rho?: number;
  momentum?: number;
  epsilon?: number;
  centered?: boolean;
}

/** Gradient descent: v = momentum v - rate g;  w += v, or with Nesterov momentum w += momentum v - rate g. */
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
 * Adam (Kingma & Ba 2015). Epsilon is added to the square root of the second moment before its bias correction, as at the end
 * of their section 2, or after it, as in their algorithm 1.
 */
export function adam(options: AdamOptions): Optimizer {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, epsilonBeside = 'raw', amsgrad = false } = options;
  let moments: { m: Float64Array; v: Float64Array; largest: Float64Array }[] | undefined;
  let t = 0;
  return {
    step(weights, gradients) {
      moments ??= weights.map(({ length }) => ({
        m: new Float64Array(length),
        v: new Float64Array(length),
        largest: new Float64Array(length),
      }));
      t++;
      const correction = Math.sqrt(1 - beta2 ** t);
      const rate = (learningRate * correction) / (1 - beta1 ** t);
      const rawEpsilon = epsilonBeside === 'raw' ? epsilon : epsilon * correction;
      for (const [n, weight] of weights.entries()) {
        const { m, v, largest } = moments[n];
        for (const [k, gradient] of gradients[n].entries()) {
          m[k] = beta1 * m[k] + (1 - beta1) * gradient;
          v[k] = beta2 * v[k] + (1 - beta2) * gradient ** 2;
          largest[k] = Math.max(largest[k], v[k]);
          weight[k] -= (rate * m[k]) / (Math.sqrt(amsgrad ? largest[k] : v[k]) + rawEpsilon);
        }
      }
    },
  };
}

/** RMSprop. a, s: running means of g and g²;  v = momentum v + rate g / sqrt(s - a² + epsilon), a if centered;  w -= v. */
export function rmsprop(options: RmspropOptions): Optimizer {
  const { learningRate, rho = 0.9, momentum = 0, epsilon = 1e-7, centered = false } = options;
  let memory: { mean: number; square: number; velocity: number }[][] | undefined;
  return {
    step(weights, gradients) {
      memory ??= weights.map((weight) => Array.from(weight, () => ({ mean: 0, square: 0, velocity: 0 })));
      for (const [n, weight] of weights.entries()) {
        for (const [k, g] of gradients[n].entries()) {
          const of = memory[n][k];
          of.square = rho * of.square + (1 - rho) * g ** 2;
          if (centered) of.mean = rho * of.mean + (1 - rho) * g;
          of.velocity = momentum * of.velocity + (learningRate * g) / Math.sqrt(of.square - of.mean ** 2 + epsilon);
          weight[k] -= of.velocity;
        }
      }
    },
  };
}

/** Decoupled weight decay: weights shrink before each step, w -= w · decay · rate. */
export function withWeightDecay(optimizer: Optimizer, decay: number, learningRate: number): Optimizer {
  return {
    step(weights, gradients) {
      for (const weight of weights) weight.forEach((value, k) => (weight[k] = value - value * decay * learningRate));
      optimizer.step(weights, gradients);
    },
  };
}

/** Keras' clipnorm: scales each gradient down to at most this norm. */
export function withClipnorm(optimizer: Optimizer, largest: number): Optimizer {
  return {
    step: (weights, gradients) =>
      optimizer.step(
        weights,
        gradients.flatMap((g) => clipGlobalNorm([g], largest)),
      ),
  };
}

/** Keras' clipvalue: clamps each element of a gradient between -largest and largest. */
export function withClipvalue(optimizer: Optimizer, largest: number): Optimizer {
  const clip = (g: number) => Math.min(Math.max(g, -largest), largest);
  return {
    step: (weights, gradients) =>
      optimizer.step(
        weights,
        gradients.map((gradient) => gradient.map(clip)),
      ),
  };
}

/** Gradient accumulation: a step every `count` calls, on the mean of their gradients. */
export function withAccumulation(optimizer: Optimizer, count: number): Optimizer {
  let kept: (readonly Float64Array[])[] = [];
  return {
    step(weights, gradients) {
      kept.push(gradients.map((gradient) => gradient.slice()));
      if (kept.length < count) return;
      const mean = weights.map((weight, n) =>
        weight.map((_, k) => kept.reduce((sum, list) => sum + list[n][k], 0) / count),
      );
      kept = [];
      optimizer.step(weights, mean);
    },
  };
}

/** The Euclidean norm of all gradients taken as one vector. */
export function globalNorm(gradients: readonly Float64Array[]): number {
  return Math.sqrt(gradients.reduce((sum, gradient) => sum + gradient.reduce((part, g) => part + g * g, 0), 0));
}

/** Keras' global_clipnorm: scales all gradients by one factor, so that their global norm is at most `largest`. */
export function clipGlobalNorm(gradients: readonly Float64Array[], largest: number): Float64Array[] {
  const factor = Math.min(1, largest / globalNorm(gradients));
  return gradients.map((gradient) => gradient.map((g) => g * factor));
}

/** An optimizer that sees clipped gradients. */
export function withGlobalClipnorm(optimizer: Optimizer, largest: number): Optimizer {
  return { step: (weights, gradients) => optimizer.step(weights, clipGlobalNorm(gradients, largest)) };
}

export interface StepOptions {
  learningRate: number;
  weightDecay?: number;
  clipnorm?: number;
  clipvalue?: number;
  globalClipnorm?: number;
  gradientAccumulationSteps?: number;
}

/** An optimizer with all options around its step, in Keras' order: accumulation, clipping, weight decay. */
export function withStepOptions(rule: Optimizer, options: StepOptions): Optimizer {
  const { learningRate, weightDecay, clipnorm, clipvalue, globalClipnorm, gradientAccumulationSteps } = options;
  let optimizer = rule;
  if (weightDecay) optimizer = withWeightDecay(optimizer, weightDecay, learningRate);
  if (clipnorm) optimizer = withClipnorm(optimizer, clipnorm);
  if (clipvalue) optimizer = withClipvalue(optimizer, clipvalue);
  if (globalClipnorm) optimizer = withGlobalClipnorm(optimizer, globalClipnorm);
  return gradientAccumulationSteps ? withAccumulation(optimizer, gradientAccumulationSteps) : optimizer;
}
