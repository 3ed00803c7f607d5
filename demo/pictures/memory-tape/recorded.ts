import { weightsOf, type Snapshot } from '../../network/weights.ts';
import tape from '../../recorded/tape-weights.json';

/** Weights are recorded as whole numbers of this size, to which no picture is sensitive. */
const UNIT = 1 / 1000;

/** The weights at some moments of a training that was recorded, the first before it. */
export const recorded: readonly Snapshot[] = tape.snapshots.map(({ seen, thousandths }) => ({
  seen,
  weights: weightsOf(thousandths.split(' ').map((number) => Number(number) * UNIT)),
}));
