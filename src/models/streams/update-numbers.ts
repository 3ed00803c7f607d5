import type { Piece } from '../../runtime/readback.ts';
import type { Network } from '../network/network.ts';
import type { Push } from './push.ts';
import type { BoundUpdate, PushedSequence } from './pushed-sequence.ts';

type Numbers = Float32Array<ArrayBuffer>;

/** How many outputs a step has, and whether there are outputs of each step or of the last one of a chunk. */
export function outputsOf({ outputShape }: Network): { outputs: number; areOfEachStep: boolean } {
  return { outputs: outputShape.at(-1)!, areOfEachStep: outputShape.length === 2 };
}

/** The input of an update, time-major [steps, rows, features], with zeros in empty rows. */
export function inputOf({ rows, steps, parts, bound }: BoundUpdate): Numbers {
  const input = new Float32Array(bound.source.x.size);
  const features = input.length / (steps * rows);
  parts.forEach(({ sequence, firstStep }, row) => {
    forPushes(sequence, firstStep, steps, ({ chunk }, from, to, at) => {
      for (let step = from; step < to; step++) {
        const target = ((at + step - from) * rows + row) * features;
        input.set(chunk.data.subarray(step * features, (step + 1) * features), target);
      }
    });
  });
  return input;
}

/** The memory of an update's outputs: without empty rows if it has a single step. */
export function outputPiece({ parts, bound }: BoundUpdate, network: Network): Piece {
  const { output } = bound.source;
  const { outputs } = outputsOf(network);
  const isOneStep = output.size === bound.program.rows * outputs;
  return { ...output.piece, bytes: isOneStep ? 4 * parts.length * outputs : output.byteLength };
}

/** Hands the outputs of an update, time-major, to the pushes that they belong to. */
export function takeOutputs({ rows, steps, parts }: BoundUpdate, all: Numbers, network: Network): void {
  const { outputs, areOfEachStep } = outputsOf(network);
  const outputsAt = (step: number, row: number) => {
    const first = (step * rows + row) * outputs;
    return all.subarray(first, first + outputs);
  };
  parts.forEach(({ sequence, firstStep }, row) => {
    forPushes(sequence, firstStep, steps, (push, from, to, at) => {
      if (areOfEachStep) {
        for (let step = from; step < to; step++) push.take(outputsAt(at + step - from, row), step * outputs);
      } else if (to === push.chunk.steps) {
        push.take(outputsAt(0, row), 0);
      }
    });
  });
}

/**
 * Goes through the pushes that a part of a sequence is made of.
 *
 * @param visit gets the steps of the push that belong to the part, and the step of the part at which they begin
 */
function forPushes(
  { pushes }: PushedSequence,
  firstStep: number,
  steps: number,
  visit: (push: Push, from: number, to: number, at: number) => void,
): void {
  const endStep = firstStep + steps;
  for (let n = pushAt(pushes, firstStep); pushes[n]?.firstStep < endStep; n++) {
    const push = pushes[n];
    const begin = Math.max(push.firstStep, firstStep);
    const end = Math.min(push.endStep, endStep);
    visit(push, begin - push.firstStep, end - push.firstStep, begin - firstStep);
  }
}

/** The number of the push that has a step of the sequence, by bisection, since thousands may be queued in one go. */
function pushAt(pushes: readonly Push[], step: number): number {
  let [low, high] = [0, pushes.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (pushes[middle].endStep > step) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function joined(arrays: readonly Numbers[]): Numbers {
  if (arrays.length === 1) return arrays[0];
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const array of arrays) {
    all.set(array, end);
    end += array.length;
  }
  return all;
}
