import { readRecord } from '../../network/recorded-weights.ts';
import type { Snapshot } from '../../network/weights.ts';
import tape from '../../recorded/tape-weights.json';

/** The network at some moments of a training that was recorded, the first before it. */
export const recorded: readonly Snapshot[] = readRecord(tape.moments);
