import { SlotsFullError, type Stream } from '../../../../../src/index.ts';
import { checkSaved, factsOf } from './snapshots.ts';
import type { OpenStream, Subject } from './subject.ts';
import type { World } from './world.ts';

interface Beginning {
  isTraced?: boolean;
  /** The stream that it goes on from, which must not be evicted. */
  source?: OpenStream;
}

/** Makes a call that opens a stream. If all slots are taken, it evicts one or is refused. */
export function opening(
  world: World,
  subject: Subject,
  what: string,
  act: () => Stream,
  { isTraced, source }: Beginning = {},
): OpenStream | undefined {
  const { open, options, capacity } = subject;
  const isFull = open.length === capacity;
  const evictable = open.filter((stream) => stream !== source);
  const mayEvict = isFull && options.evicts && evictable.length > 0;
  const facts = new Map(open.map(({ stream }) => [stream, factsOf(stream)]));
  const opened = world.call(subject, what, act, isFull && !mayEvict ? SlotsFullError : undefined);
  const gone = open.filter(({ stream }) => !stream.isOpen);
  if (gone.length !== (opened && mayEvict ? 1 : 0)) throw new Error(`${what} has closed ${gone.length} streams`);
  if (!opened) return undefined;
  for (const victim of gone) {
    const older = evictable.find(({ lastUse }) => lastUse! < victim.lastUse!);
    if (victim === source || older)
      throw new Error(`${what} has evicted ${victim.stream.name}, and ${older?.stream.name} was not used for longer`);
    subject.remove(victim);
    const kept = subject.keep();
    const arrived = subject.evict(victim.stream).then((saved) => {
      kept.snapshot = saved;
      return saved;
    });
    const check = checkSaved.bind(undefined, subject, victim, facts.get(victim.stream)!, kept);
    void world.send(subject, `the eviction for ${what}`, () => arrived, check);
    // It is a result, and no call.
    world.calls--;
  }
  return subject.add(opened.value, isTraced);
}
