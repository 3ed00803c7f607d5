import { ShapeError, ValueError, type ArrayInput, type Model, type PredictOnBatchOptions } from '../index.ts';
import { show } from './reading.ts';

/** A batch of inputs and the outputs that were recorded for it elsewhere. */
export interface RecordedBatch extends PredictOnBatchOptions {
  x: ArrayInput;
  y: ArrayInput;
}

/** How far the outputs of a model are from recorded ones. */
export interface Verification {
  /** The largest absolute difference; NaN if an output is NaN where the recorded one is not. */
  worst: number;
  /** Where that is: the number of the batch, and the number of the element in its outputs. */
  at: { batch: number; element: number; got: number; expected: number };
  /** How many numbers were compared. */
  count: number;
}

/**
 * Predicts for recorded inputs, batch after batch in their order, and compares the outputs with the recorded ones. A stateful
 * model goes on from the states it has, and keeps those that it comes to: call `model.resetStates()` before if the recording
 * began with none.
 *
 * @throws ValueError (as a rejection) if nothing was recorded, ShapeError if outputs are of another size; also what
 * `model.predictOnBatch` throws
 */
export async function verifyModel(model: Model, samples: Iterable<RecordedBatch>): Promise<Verification> {
  let result: Verification | undefined;
  let batch = 0;
  for (const { x, y, ...options } of samples) {
    const { data } = await model.predictOnBatch(x, options);
    const expected = flat(y);
    if (data.length !== expected.length || data.length === 0) {
      throw new ShapeError(
        `verifyModel: y of batch ${batch} has ${expected.length} numbers, but the model gives ${data.length} for its x.`,
      );
    }
    result = worse(result, data, expected, batch++);
  }
  if (!result) throw new ValueError('verifyModel: got no samples, expected batches such as [{ x, y }].');
  return result;
}

function worse(
  before: Verification | undefined,
  outputs: ArrayLike<number>,
  expected: readonly number[],
  batch: number,
): Verification {
  let { worst, at } = before ?? { worst: -1, at: { batch, element: 0, got: 0, expected: 0 } };
  for (let element = 0; element < expected.length; element++) {
    const got = outputs[element];
    const difference = Object.is(got, expected[element]) ? 0 : Math.abs(got - expected[element]);
    // Once a difference is NaN, none is worse.
    if (Number.isNaN(worst) || difference <= worst) continue;
    worst = difference;
    at = { batch, element, got, expected: expected[element] };
  }
  return { worst, at, count: (before?.count ?? 0) + expected.length };
}

/** The numbers of an array of any form, in their order. @throws ValueError */
function flat(array: unknown): number[] {
  if (typeof array === 'number' || typeof array === 'bigint') return [Number(array)];
  const isObject = typeof array === 'object' && array !== null;
  if (isObject && 'data' in array) return flat(array.data);
  if (isObject && 'length' in array) return Array.from(array as ArrayLike<unknown>).flatMap(flat);
  throw new ValueError(`verifyModel: y holds ${show(array)}, expected numbers.`);
}
