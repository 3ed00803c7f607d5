import type { Work } from '../../works/work.ts';
import type { Task } from '../contender.ts';
import { drawClass } from './draw-class.ts';

/** The seed of the draws of each stream, all of which are numbered from 0 in every run. */
export const seedOf = (row: number): number => row;

/** What streams are given before they feed themselves, and to compare what they have come to: a class each, one-hot, [B, I]. */
export function firstInputs({ batch, features }: Work): Float32Array<ArrayBuffer> {
  const x = new Float32Array(batch * features);
  for (let row = 0; row < batch; row++) x[row * features + (row % features)] = 1;
  return x;
}

/**
 * Streams that feed themselves through JavaScript, step by step, as the rows of a batch.
 *
 * @param step goes on by one-hot inputs, [B, I], and gives the probabilities of the next classes, [B, I]
 */
export async function stepwise(
  work: Work,
  step: (x: Float32Array<ArrayBuffer>) => Promise<Float32Array>,
): Promise<Pick<Task, 'run' | 'result'>> {
  const { batch, features } = work;
  const x = new Float32Array(batch * features);
  let probabilities = await step(firstInputs(work));
  let drawn: Float32Array;
  return {
    async run(times) {
      drawn = new Float32Array(batch * times);
      for (let time = 0; time < times; time++) {
        x.fill(0);
        for (let row = 0; row < batch; row++) {
          const index = drawClass(probabilities, row * features, features, seedOf(row), time);
          drawn[row * times + time] = index;
          x[row * features + index] = 1;
        }
        probabilities = await step(x);
      }
    },
    result: async () => [drawn, await step(firstInputs(work))],
  };
}
