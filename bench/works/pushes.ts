import type { Work } from './work.ts';

/** One step of so many streams, whose states are their own. */
export const pushes: readonly Work[] = [1, 64, 1024, 4096].map((streams) => ({
  id: `push-${streams}`,
  title: `a step of ${streams.toLocaleString('en')} stream${streams === 1 ? '' : 's'}: I 8, H 128, 2 outputs`,
  kind: 'push',
  batch: streams,
  steps: 1,
  features: 8,
  units: 128,
  outputs: 2,
  stateful: true,
}));
