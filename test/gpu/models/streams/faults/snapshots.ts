import type { Stream, StreamSnapshot } from '../../../../../src/index.ts';
import { compare } from './compare.ts';
import { copyOf, type PlainState } from './plain-model.ts';
import type { Kept, OpenStream, Subject } from './subject.ts';

/** The digest of weights, by these as a text, and the other way round. */
const digests = new Map<string, string>();

/** What a stream tells of itself, at the moment of a call. */
export const factsOf = ({ name, steps, resets }: Stream) => ({ name, steps, resets });

/** Compares a snapshot with the plain model, which keeps what it knows of that moment. */
export function checkSaved(
  subject: Subject,
  stream: OpenStream,
  facts: ReturnType<typeof factsOf>,
  kept: Kept,
  saved: StreamSnapshot,
): void {
  for (const key of ['name', 'steps', 'resets'] as const)
    if (saved[key] !== facts[key]) throw new Error(`its ${key} is ${saved[key]}, expected ${facts[key]}`);
  const expected = subject.plain.snapshotOf(stream.state);
  if (saved.states.length !== expected.length) throw new Error(`it has ${saved.states.length} states`);
  expected.forEach((state, n) => compare(saved.states[n].data, state));
  kept.state = copyOf(stream.state);
  if (kept.changes === undefined) return;
  kept.weights = textOf(subject);
  for (const [from, to] of [
    [kept.weights, saved.fingerprint.weights],
    [saved.fingerprint.weights, kept.weights],
  ]) {
    const known = digests.get(from);
    if (known !== undefined && known !== to)
      throw new Error(`the digest of the weights is ${saved.fingerprint.weights}`);
    digests.set(from, to);
  }
}

/** The state with which a restored stream begins. One whose states are all zero has no output yet. */
export function restored(state: PlainState, { states, steps, resets }: StreamSnapshot): PlainState {
  const isZero = states.every(({ data }) => data.every((value) => value === 0));
  // Steps of a push that was refused later are counted at the moment of the snapshot.
  const copy = { ...copyOf(state), steps, resets };
  return isZero ? { ...copy, last: undefined } : copy;
}

/** The weights as a text; those of the plain model are the same to the bit when they have just been read. */
export function textOf({ plain }: Subject): string {
  return plain.weights.map((weight) => Float32Array.from(weight).join()).join();
}
