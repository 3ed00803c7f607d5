import { readRecord } from '../../network/recorded-weights.ts';
import type { Snapshot } from '../../network/weights.ts';
import { moments } from '../../recorded/tape-trained.json';

/** The trained network, which is all that the first sight of the tape needs. */
export const [trained]: readonly Snapshot[] = readRecord(moments);

/** The network at some moments of its training, the first before it. */
export async function loadTraining(): Promise<readonly Snapshot[]> {
  const earlier = await import('../../recorded/tape-training.json');
  return readRecord([...moments, ...earlier.moments]).reverse();
}
