import { atOnce } from '../../../runtime/slices.ts';
import type { Weight, WeightInput } from '../../network/parameters.ts';
import type { Engine } from './engine.ts';

/** Reads the weights as they are after the updates queued so far. */
export async function readWeights(engine: Engine): Promise<Weight[]> {
  const { parameters } = engine.network;
  const [bytes] = await engine.read(() => [parameters.piece()]);
  return parameters.fromBytes(bytes);
}

/**
 * Checks weights and copies them.
 *
 * @returns a function that writes them after the updates queued so far
 * @throws ShapeError, ValueError
 */
export function prepareWeights(where: string, engine: Engine, weights: readonly WeightInput[]): () => void {
  const { parameters } = engine.network;
  const checked = parameters.check(where, weights);
  return () => {
    parameters.version++;
    engine.queue.inOrder(() => atOnce(parameters.put(checked)));
  };
}
