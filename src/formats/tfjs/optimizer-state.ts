import { UnsupportedError, ValueError, type OptimizerState } from '../../index.ts';
import type { ArrayContents, CompileContents } from '../contents.ts';
import { show } from '../reading.ts';
import { sameShape, shapeText } from '../shape.ts';
import type { StoredWeight } from './shards.ts';

/** The moments in the order in which TensorFlow.js writes them: the ends of their names, and their names here. */
const MOMENTS: Readonly<Record<string, readonly (readonly [end: string, own: string])[]>> = {
  adam: [
    ['m', 'momentum'],
    ['v', 'velocity'],
  ],
  rmsprop: [
    ['rms', 'velocity'],
    ['momentum', 'momentum'],
  ],
  sgd: [['momentum', 'momentum']],
};

/**
 * Reads what the optimizer remembers: how many updates there have been, and its moments of all weights, one kind after
 * the other.
 *
 * @param weights those of the model, to which the moments belong
 * @param stored the arrays of the file that belong to the optimizer
 * @throws ValueError if they are not those of this optimizer and these weights
 */
export function readOptimizerState(
  where: string,
  { name, options }: CompileContents['optimizer'],
  weights: readonly ArrayContents[],
  stored: readonly StoredWeight[],
): OptimizerState | undefined {
  const [iterations, ...rest] = stored;
  if (!iterations) return undefined;
  if (iterations.name !== 'iter' || iterations.data.length !== 1 || iterations.dtype !== 'int32') {
    throw new ValueError(
      `${where}: the optimizer's first weight is ${show(iterations.name)}, expected the number "iter".`,
    );
  }
  const kinds = MOMENTS[name] ?? [];
  const learningRate = options.learningRate as number;
  // An optimizer has no moments before its first update, and without a momentum never.
  const isEmpty = rest.length === 0;
  if (!isEmpty && rest.length !== kinds.length * weights.length) {
    throw new ValueError(
      `${where}: the optimizer ${name} has ${rest.length} arrays, expected ${kinds.length * weights.length} for ` +
        `${weights.length} weights.`,
    );
  }
  const moments = kinds.map(([end, own], kind) => {
    const arrays = weights.map((weight, n) => {
      const data = isEmpty
        ? new Float32Array(weight.data.length)
        : momentOf(where, rest[kind * weights.length + n], weight, end);
      return { name: weight.name, shape: weight.shape, data: name === 'sgd' ? asSteps(data, learningRate) : data };
    });
    return [own, arrays] as const;
  });
  return { iterations: iterations.data[0], learningRate, moments: Object.fromEntries(moments) };
}

function momentOf(where: string, { name, shape, data }: StoredWeight, weight: ArrayContents, end: string) {
  if (name.endsWith(`/${end}`) && sameShape(shape, weight.shape)) return data;
  throw new ValueError(
    `${where}: the optimizer has ${show(name)} ${shapeText(shape)}, ` +
      `expected ${show(`…/${end}`)} ${shapeText(weight.shape)} for ${show(weight.name)}.`,
  );
}

/** The momentum of Keras, a sum of steps, from that of TensorFlow.js, a sum of gradients. */
function asSteps(data: Float32Array<ArrayBuffer>, learningRate: number): Float32Array<ArrayBuffer> {
  return data.map((value) => 0 - learningRate * value);
}

/** The difference that the default epsilon of Adam, 1e-7, makes at the first update, which is the largest of all updates. */
const MAX_EXCESS = excessOf(1e-7, 0.999, 1);

/**
 * How much larger the divisor of Adam is here than in TensorFlow.js, which divides by √v̂ + ε where Keras divides by
 * √v̂ + ε / √(1 - β₂ᵗ). In both v̂ is the corrected mean of squares, so no state and no constant option makes them the same.
 */
function excessOf(epsilon: number, beta2: number, update: number): number {
  return epsilon * (1 / Math.sqrt(1 - beta2 ** update) - 1);
}

const ADVICE = 'Save the model without includeOptimizer, and compile it here.';

/**
 * @param iterations how many updates there have been
 * @throws UnsupportedError if an optimizer of this name computes something else in TensorFlow.js
 */
export function assertSameOptimizer(
  where: string,
  { name, options }: CompileContents['optimizer'],
  iterations: number,
): void {
  const place = `${where}: trainingConfig.optimizer_config.config`;
  if (name === 'rmsprop' && options.centered === true) {
    throw new UnsupportedError(
      `${place}.centered is true. The centered RMSProp of TensorFlow.js subtracts its epsilon, which Keras adds. ${ADVICE}`,
    );
  }
  if (name !== 'adam') return;
  const { epsilon = 1e-7, beta2 = 0.999 } = options as { epsilon?: number; beta2?: number };
  const excess = excessOf(epsilon, beta2, iterations + 1);
  if (excess <= MAX_EXCESS) return;
  throw new UnsupportedError(
    `${place}.epsilon is ${epsilon} after ${iterations} updates. TensorFlow.js adds it to the corrected root, Keras to ` +
      `the one before, so that it would count ${excess.toPrecision(2)} more here. ${ADVICE}`,
  );
}
