import { bestWithoutMemory } from '../../experiments/judging/best-without-memory.ts';
import { TEST_SEQUENCES } from '../../experiments/data/sequences.ts';
import { WINDOWS_PER_SEQUENCE } from '../../experiments/data/prepare-sequences.ts';
import { statefulWindows } from '../../experiments/definitions/stateful-windows.ts';
import { LEARNED } from '../learned.ts';
import type { SettingId } from '../../training/jobs/seeds.ts';

/** How many networks are trained that differ only in the weights they begin with. */
export interface Setting {
  id: SettingId;
  name: string;
  /** For a button. */
  short: string;
}

export const SETTINGS: readonly Setting[] = [
  { id: 'keras1', name: 'settings of 2016, never reset', short: '2016' },
  { id: 'keras3', name: 'settings of today, never reset', short: 'today' },
  { id: 'reset', name: 'settings of today, reset at each sequence', short: 'today, reset' },
];

export const EPOCHS = statefulWindows.defaultEpochs;
/** The epochs that the axis names. */
export const TICKS = Array.from({ length: EPOCHS }, (_, index) => index + 1).filter(
  (epoch) => epoch === 1 || epoch % 5 === 0,
);

export const TEST_WINDOWS = TEST_SEQUENCES * WINDOWS_PER_SEQUENCE;

/** The test accuracy that the post printed after its last epoch. */
export const POST = statefulWindows.post.testAccuracy!;

/** The test accuracy of the best network that sees each window by itself. */
export const WITHOUT_MEMORY = bestWithoutMemory(WINDOWS_PER_SEQUENCE).accuracy;

/** For each setting and network, how many test windows it answered right after each epoch. */
export type Runs = Readonly<Record<SettingId, readonly (readonly number[])[]>>;

export interface SeedsState {
  /** The setting whose networks are drawn as lines. */
  shown: SettingId | 'all';
  /** The epoch after which networks are counted, from 1. */
  epoch: number;
}

export const FIRST: SeedsState = { shown: 'all', epoch: EPOCHS };

export const notation = {
  read(text: string): SeedsState | undefined {
    const [, shown, epoch] = /^(all|keras1|keras3|reset)\.(\d{1,2})$/.exec(text) ?? [];
    const number = Number(epoch);
    return number >= 1 && number <= EPOCHS ? { shown: shown as SeedsState['shown'], epoch: number } : undefined;
  },
  write: ({ shown, epoch }: SeedsState): string => `${shown}.${epoch}`,
};

/** The settings whose lines are drawn. */
export function settingsOf(shown: SeedsState['shown']): readonly Setting[] {
  return SETTINGS.filter(({ id }) => shown === 'all' || shown === id);
}

/** The test accuracy of a network after an epoch; after its last one if it was trained for fewer. */
export function accuracyAfter(right: readonly number[], epoch: number): number | undefined {
  const index = Math.min(epoch, right.length) - 1;
  return index < 0 ? undefined : right[index] / TEST_WINDOWS;
}

/** How many of how many networks have learned the task. */
export interface Share {
  learned: number;
  networks: number;
}

/** @param epoch after which they are counted */
export function shareLearned(lines: Runs[SettingId], epoch: number): Share {
  const count = lines.filter((right) => (accuracyAfter(right, epoch) ?? 0) >= LEARNED).length;
  return { learned: count, networks: lines.filter((right) => right.length > 0).length };
}
