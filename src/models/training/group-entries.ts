import { IDLE, type AgendaEntries, type AgendaSteps, type ModelEntries } from '../execution/agenda.ts';
import type { Compiled } from '../execution/compiled.ts';
import type { Program } from '../execution/program.ts';
import type { Callback } from './callbacks/callback.ts';
import type { Engine } from './engine/engine.ts';
import { haveSameMarks, takeRows, type RowsOfBatches } from './engine/rows.ts';
import type { Run } from './engine/run.ts';
import type { StateRange } from './engine/state-ranges.ts';

/** A model of a group. */
export interface GroupMember {
  engine: Engine;
  compiled: Compiled;
  run: Run;
  callbacks: readonly Callback[];
  /** Whether the model is to make no further updates. */
  isStopped: () => boolean;
}

/** Consecutive batches that each model of a group takes. */
export interface GroupBatches extends Omit<RowsOfBatches, 'samples'> {
  /** The numbers of the samples that each model takes: the same array where they are the same. */
  samples: readonly Uint32Array[];
  /** Temporary slots. Default: the range of each model's run. */
  range?: StateRange;
}

/** The parts of models in the next updates, and how many these are. */
export type GroupEntries = Pick<AgendaEntries, 'count' | 'models'>;

/**
 * Makes the agenda entries of a group's next updates, and counts them as updates of each model that is running. Models whose
 * samples and resets do not differ share their rows, and if no model differs, all are a single part.
 *
 * @returns fewer updates than there are batches if a learning rate cannot be used in one of them
 * @throws ValueError if that is the first one, before anything is counted
 */
export function takeEntries(
  members: readonly GroupMember[],
  isRunning: readonly boolean[],
  program: Program,
  batches: GroupBatches,
): GroupEntries {
  const running = members.filter((_, index) => isRunning[index]);
  const samples = batches.samples.filter((_, index) => isRunning[index]);
  const steps = program.mode === 'train' ? stepsOf(running, batches.count) : [];
  const count = Math.min(batches.count, ...steps.map(({ sizes }) => sizes.length));
  const rows = takeRowsOfAll(running, { ...batches, count, samples });
  const seeds = steps.map((_, index) => {
    const { engine, compiled } = running[index];
    return engine.countUpdates(compiled, program, count);
  });
  const isSame = (_: unknown, index: number) => rows[index] === rows[0] && steps[index] === steps[0];
  if (!program.agenda.hasSeeds && running.length === members.length && members.every(isSame)) {
    return { count, models: [{ ...rows[0], steps: steps[0] }] };
  }
  let next = 0;
  const partOf = (index: number): ModelEntries => ({ ...rows[index], steps: steps[index], seeds: seeds[index] });
  return { count, models: members.map((_, index) => (isRunning[index] ? partOf(next++) : IDLE)) };
}

/** The steps of each model, the same object for models whose steps do not differ from those of the first. */
function stepsOf(members: readonly GroupMember[], count: number): AgendaSteps[] {
  const [{ compiled: first }] = members;
  const steps = first.nextSteps(count);
  return members.map(({ compiled }, index) =>
    index === 0 || compiled.hasStepsOf(first) ? steps : compiled.nextSteps(count),
  );
}

/** The rows of each model, the same object for models whose samples and resets do not differ from those of the first. */
function takeRowsOfAll(members: readonly GroupMember[], { samples, range, ...batches }: GroupBatches): ModelEntries[] {
  const ranges = members.map(({ engine, run }) => engine.slotsOf(range ?? run.range));
  const isLikeFirst = ranges.map((own, index) => samples[index] === samples[0] && haveSameMarks(own, ranges[0]));
  const like = takeRows(
    { ...batches, samples: samples[0] },
    ranges.filter((_, index) => isLikeFirst[index]),
  );
  return ranges.map((own, index) =>
    isLikeFirst[index] ? like : takeRows({ ...batches, samples: samples[index] }, [own]),
  );
}
