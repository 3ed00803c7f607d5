import { ShapeError, ValueError } from '../../runtime/errors.ts';
import { positiveInteger } from '../../runtime/options.ts';
import { shapeText } from '../../runtime/shape.ts';
import type { Network } from '../network/network.ts';
import type { Dataset } from './data/dataset.ts';
import type { InitialState } from './data/initial-states.ts';
import type { BoundProgram, Window } from './engine/bound-program.ts';
import type { Engine } from './engine/engine.ts';
import type { ProgramKey } from '../execution/program.ts';

/**
 * Checks `truncate`, which cuts sequences into windows between which states are carried and gradients are not (truncated
 * back-propagation through time, Williams & Peng 1990).
 *
 * @returns the number of steps of a window, which without `truncate` is the whole sequence
 * @throws ValueError, ShapeError if the model cannot carry states from window to window, or has no target for each
 */
export function checkTruncate(
  where: string,
  { slots, layers, outputShape }: Network,
  truncate: number | undefined,
  steps: number,
  initialState?: InitialState,
): number {
  if (truncate === undefined) return steps;
  const length = positiveInteger(where, 'truncate', truncate);
  if (initialState !== undefined) {
    throw new ValueError(
      `${where}: initialState and truncate are both given, and a window of steps continues the one before, where an ` +
        `initial state would win. Store the states instead: model.setStates before fit.`,
    );
  }
  if (!slots) {
    throw new ValueError(
      `${where}: truncate carries states from one window of steps to the next, and no layer of this model is stateful. ` +
        `Build it with stateful: true, and give fit resetStates: 1 if every batch begins new sequences.`,
    );
  }
  const stateless = layers.find((layer) => layer.isRecurrent && !layer.isStateful);
  if (stateless) {
    throw new ValueError(`${where}: truncate needs every recurrent layer stateful, and ${stateless.name} is not.`);
  }
  const wholeSequence = layers.find((layer) => layer.needsWholeSequences);
  if (wholeSequence) {
    throw new ValueError(
      `${where}: truncate cuts sequences into windows, and ${wholeSequence.name} needs them whole. Leave truncate out.`,
    );
  }
  if (outputShape.length < 2) {
    throw new ShapeError(
      `${where}: truncate makes an update of each window of steps, which needs a target for every step, and the output ` +
        `has shape ${shapeText(outputShape)}. Give the last recurrent layer returnSequences: true.`,
    );
  }
  return Math.min(length, steps);
}

/** The keys of the programs for a training batch: one for each window of at most `length` steps, in order of time. */
export function trainingPrograms(whole: ProgramKey, length: number): ProgramKey[] {
  const isWindowed = length < whole.steps;
  return Array.from({ length: Math.ceil(whole.steps / length) }, (_, index) => {
    const steps = Math.min(length, whole.steps - index * length);
    return { ...whole, steps, isWindowed };
  });
}

/** Binds these programs, those of equal windows once, and returns the windows of a training batch. */
export function trainingWindows(engine: Engine, dataset: Dataset, keys: readonly ProgramKey[]): Window[] {
  const bySteps = new Map<number, BoundProgram>();
  const total = keys.reduce((sum, { steps }) => sum + steps, 0);
  let firstStep = 0;
  return keys.map((key) => {
    const { steps } = key;
    const bound = bySteps.get(steps) ?? engine.programs.bind(key, dataset);
    bySteps.set(steps, bound);
    const window = { bound, firstStep, share: keys.length > 1 ? steps / total : undefined };
    firstStep += steps;
    return window;
  });
}
