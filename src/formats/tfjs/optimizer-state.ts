import { UnsupportedError, ValueError, type OptimizerState } from '../../index.ts';
import type { ArrayContents, CompileContents } from '../contents.ts';
import { show } from '../reading.ts';
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
 * @param stored the weights of the optimizer's group
 * @throws ValueError if they are not those of the optimizer, UnsupportedError if that computes something else here
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
  if (name.endsWith(`/${end}`) && shape.join() === weight.shape.join()) return data;
  throw new ValueError(
    `${where}: the optimizer has ${show(name)} [${shape.join(', ')}], ` +
      `expected ${show(`…/${end}`)} [${weight.shape.join(', ')}] for ${show(weight.name)}.`,
  );
}

/** The momentum of TensorFlow.js is a sum of gradients, that of Keras one of steps. */
function asSteps(data: Float32Array<ArrayBuffer>, learningRate: number): Float32Array<ArrayBuffer> {
  return data.map((value) => 0 - learningRate * value);
}

/** @throws UnsupportedError if an optimizer of this name computes something else in TensorFlow.js */
export function assertSameOptimizer(where: string, { name, options }: CompileContents['optimizer']): void {
  if (name !== 'rmsprop' || options.centered !== true) return;
  throw new UnsupportedError(
    `${where}: trainingConfig.optimizer_config.config.centered is true. The centered RMSProp of TensorFlow.js ` +
      `subtracts its epsilon, which Keras adds. Save the model without includeOptimizer, and compile it here.`,
  );
}
