import type { Inputs } from '../../works/inputs.ts';
import type { Work } from '../../works/work.ts';
import { PlainLstm } from './lstm.ts';

/**
 * The last hidden state of the first sample alone: rows of a batch know nothing of each other, and all of a large batch
 * would take minutes.
 */
export function firstRow({ steps, features, units, layers = 1 }: Work, inputs: Inputs): Float32Array {
  let x: Float32Array = inputs.x(1).subarray(0, steps * features);
  const last = new Float32Array(units);
  for (let layer = 0; layer < layers; layer++) {
    const [kernel, recurrentKernel, bias] = inputs.weights.slice(3 * layer).map(({ data }) => data);
    const shape = { batch: 1, steps, features: x.length / steps, units };
    const lstm = new PlainLstm(shape, { kernel, recurrentKernel, bias });
    lstm.forward(x, 0, false, last);
    x = lstm.sequence(0);
  }
  return last;
}
