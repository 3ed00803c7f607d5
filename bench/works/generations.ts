import type { Work } from './work.ts';

/** The characters of a small text. */
const CLASSES = 65;

/** One step of so many streams that feed themselves, in calls that make a thousand of them. */
export const generations: readonly Work[] = [1, 64].map((streams) => ({
  id: `generate-${streams}`,
  title: `a generated step of ${streams} stream${streams === 1 ? '' : 's'}: ${CLASSES} classes, H 128`,
  kind: 'generate',
  batch: streams,
  steps: 1,
  features: CLASSES,
  units: 128,
  outputs: CLASSES,
  stateful: true,
  stepsOfCall: 1000,
}));
