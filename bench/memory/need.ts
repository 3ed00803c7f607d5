import { featuresOfLayers, type Work } from '../works/work.ts';

/**
 * Bytes of the float32 tensors that a work cannot do without:
 *
 * - the weights; to train their gradient and Adam's two moments beside them;
 * - the samples of a batch as they are given, and the targets or the results;
 * - of each step the gates, h and c, which to train are kept for the way back. To predict, the gates are those of the
 *   product with all samples at once, and only the last h and c count.
 */
export function neededBytes(work: Work): number {
  const { kind, batch, steps, features, units, models = 1 } = work;
  if (kind === 'product') return 4 * (batch * features + features * units + batch * units);
  const isTraining = kind === 'train';
  const cells = batch * units;
  const layers = featuresOfLayers(work);
  const head = isTraining ? units + 1 : 0;
  const weights = layers.reduce((sum, inner) => sum + 4 * units * (inner + 1 + units), head);
  const gates = layers.length * 4 * steps * cells;
  const states = layers.length * 2 * cells * (isTraining ? steps + 1 : 1);
  const data = batch * steps * features + (isTraining ? batch : cells);
  return 4 * (models * ((isTraining ? 4 : 1) * weights + gates + states) + data);
}
