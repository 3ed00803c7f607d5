import type { Piece } from '../../runtime/readback.ts';
import type { Network } from '../network/network.ts';
import { piecesOf, TracedSteps } from '../training/traced-steps.ts';
import type { Push } from './push.ts';
import type { BoundUpdate } from './pushed-sequence.ts';

type Numbers = Float32Array<ArrayBuffer>;

/** How many outputs a step has, and whether there are outputs of each step or of the last one of a chunk. */
export function outputsOf({ outputShape }: Network): { outputs: number; areOfEachStep: boolean } {
  return { outputs: outputShape.at(-1)!, areOfEachStep: outputShape.length === 2 };
}

/** The input of an update, time-major [steps, rows, features], with zeros in empty rows. */
export function inputOf(update: BoundUpdate): Numbers {
  const { rows, steps, bound } = update;
  const input = new Float32Array(bound.source.x.size);
  const features = input.length / (steps * rows);
  forPushes(update, ({ chunk }, row, from, to, at) => {
    for (let step = from; step < to; step++) {
      const target = ((at + step - from) * rows + row) * features;
      input.set(chunk.data.subarray(step * features, (step + 1) * features), target);
    }
  });
  return input;
}

/** The memory of an update's outputs, without empty rows if it has a single step, and of its steps if they are looked at. */
export function outputPieces({ parts, bound }: BoundUpdate, network: Network): Piece[] {
  const { output } = bound.source;
  const { outputs } = outputsOf(network);
  const isOneStep = output.size === bound.program.rows * outputs;
  const bytes = isOneStep ? 4 * parts.length * outputs : output.byteLength;
  return [{ ...output.piece, bytes }, ...(bound.program.traced ?? []).flatMap(piecesOf)];
}

/** Hands what an update has computed, time-major, to the pushes that it belongs to. @param numbers those of `outputPieces` */
export function takeOutputs(update: BoundUpdate, [all, ...pieces]: readonly Numbers[], network: Network): void {
  takeSteps(update, pieces);
  const { outputs } = outputsOf(network);
  const outputsAt = (step: number, row: number) => {
    const first = (step * update.rows + row) * outputs;
    return all.subarray(first, first + outputs);
  };
  forOutputs(update, network, (push, row, from, to, at) => {
    if (push.chunk.memory?.output) return;
    for (let step = from; step < to; step++) push.take(outputsAt(at + step - from, row), step * outputs);
  });
}

/** Hands gates and states of the steps to the pushes, if they are looked at. */
function takeSteps(update: BoundUpdate, pieces: readonly Numbers[]): void {
  let next = 0;
  update.bound.program.traced?.forEach((layer, n) => {
    const own = pieces.slice(next, (next += piecesOf(layer).length));
    forPushes(update, ({ chunk }, row, from, to, at) => {
      const taken = (chunk.traced![n] ??= new TracedSteps([chunk.steps], layer));
      taken.take(layer, { pieces: own, row, from: at, count: to - from, sample: 0, at: from });
    });
  });
}

/** Steps of a push: those from `from` to before `to`, which in a row of an update begin at step `at`. */
type Visit = (push: Push, row: number, from: number, to: number, at: number) => void;

/** Goes through the pushes that have outputs in an update. @param visit gets their steps by the numbers of their outputs */
export function forOutputs(update: BoundUpdate, network: Network, visit: Visit): void {
  const { areOfEachStep } = outputsOf(network);
  forPushes(update, (push, row, from, to, at) => {
    if (areOfEachStep) visit(push, row, from, to, at);
    else if (to === push.chunk.steps) visit(push, row, 0, 1, 0);
  });
}

/** Goes through the pushes of which an update has steps, row by row. */
export function forPushes({ parts, steps }: BoundUpdate, visit: Visit): void {
  parts.forEach(({ sequence: { pushes }, firstStep }, row) => {
    const endStep = firstStep + steps;
    for (let n = pushAt(pushes, firstStep); pushes[n]?.firstStep < endStep; n++) {
      const push = pushes[n];
      const begin = Math.max(push.firstStep, firstStep);
      const end = Math.min(push.endStep, endStep);
      visit(push, row, begin - push.firstStep, end - push.firstStep, begin - firstStep);
    }
  });
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

/** The numbers of all arrays, one array behind the other. */
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
