import { ValueError } from '../../runtime/errors.ts';
import { oneOf } from '../../runtime/options.ts';
import type { Network } from '../network/network.ts';
import { whyNotWavefront } from './wavefront/stacks.ts';

/** How updates are cut into dispatches: see `SequentialOptions`. */
const SCHEDULES = ['auto', 'resident', 'layered', 'fused', 'stepped', 'wavefront'] as const;
export type Schedule = (typeof SCHEDULES)[number];

/** @throws ValueError unless there is such a schedule */
export function checkSchedule(where: string, given: Schedule): Schedule {
  if ((given as string) === 'persistent') {
    throw new ValueError(`${where}: schedule is "persistent", which has been renamed to "fused".`);
  }
  return oneOf(where, 'schedule', given, SCHEDULES);
}

/** @throws ValueError if the schedule is wavefront, and this network has no stack of layers that one can compute */
export function assertScheduleFits(where: string, schedule: Schedule, { layers, precision }: Network): void {
  const unsupportedReason = schedule === 'wavefront' ? whyNotWavefront(layers, precision) : undefined;
  if (unsupportedReason === undefined) return;
  throw new ValueError(
    `${where}: schedule is "wavefront", which takes two or more lstm layers with the same units and activations, one ` +
      `behind the other, but ${unsupportedReason}. Leave schedule out.`,
  );
}
