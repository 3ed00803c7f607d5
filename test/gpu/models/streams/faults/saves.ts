import { SnapshotError, type Stream, type StreamSnapshot } from '../../../../../src/index.ts';
import { snapshotModel, snapshotsFromBuffer, snapshotsToBuffer } from '../../../../../src/formats/index.ts';
import { pickOf, type Call } from './call.ts';
import type { Random } from './inputs.ts';
import { readWeights } from './model-operations.ts';
import { opening } from './opening.ts';
import { checkSaved, factsOf, restored, textOf } from './snapshots.ts';
import type { Kept, Taken } from './subject.ts';

export function save({ world, subject, pick }: Call): Promise<unknown> | void {
  const stream = pickOf(subject.open, pick);
  if (!stream) return;
  readWeights(world, subject);
  const [facts, kept] = [factsOf(stream.stream), subject.keep()];
  const act = async () => {
    const saved = await stream.stream.save();
    kept.snapshot = saved;
    return saved;
  };
  return world.send(subject, 'stream.save', act, (saved) => checkSaved(subject, stream, facts, kept, saved));
}

export function saveStreams({ world, subject }: Call): Promise<unknown> | void {
  readWeights(world, subject);
  const streams = subject.open.map((stream) => ({ stream, facts: factsOf(stream.stream), kept: subject.keep() }));
  const act = async () => {
    const all = await subject.model.saveStreams();
    streams.forEach(({ kept }, n) => {
      kept.snapshot = all[n];
    });
    return all;
  };
  return world.send(subject, 'model.saveStreams', act, (all) => {
    if (all.length !== streams.length) throw new Error(`${all.length} snapshots of ${streams.length} streams`);
    streams.forEach(({ stream, facts, kept }, n) => checkSaved(subject, stream, facts, kept, all[n]));
  });
}

/** Restores a stream while it is known that the weights are the same, or that it does not matter. */
export function restore({ world, subject, pick, random }: Call): void {
  const kept = pickOf(
    subject.kept.filter(({ snapshot }) => snapshot),
    pick,
  );
  if (!kept) return;
  const isSame = subject.isQuiet && kept.changes === subject.changes;
  const otherWeights = isSame && random.uniform(0, 1) < 0.7 ? 'refuse' : 'allow';
  const { model, open } = subject;
  const trace = world.isLong && random.uniform(0, 1) < 0.1;
  const snapshot = passed(kept.snapshot!, random);
  const isTaken = open.some(({ stream }) => stream.name === snapshot.name);
  const act = () => model.restoreStream(snapshot, { otherWeights, trace });
  const opened = opening(world, subject, 'model.restoreStream', act, { isTraced: trace });
  spoil(snapshot, kept);
  if (!opened) return;
  const { name, steps, resets } = opened.stream;
  if ((name === snapshot.name) === isTaken) throw new Error(`a restored stream has the name ${name}`);
  if (steps !== kept.snapshot!.steps || resets !== kept.snapshot!.resets)
    throw new Error(`a restored stream has ${steps} steps and ${resets} resets`);
  world.inOrder('model.restoreStream', () => {
    opened.state = restored(kept.state!, kept.snapshot!);
  });
}

/** Restores a stream of other weights, which is refused at once or by its first results, and then has no slot. */
export async function restoreOther({ world, subject, pick, random }: Call): Promise<void> {
  readWeights(world, subject);
  await world.settle();
  const kept = pickOf(
    subject.kept.filter(({ weights }) => weights !== undefined),
    pick,
  );
  if (!kept || !subject.isQuiet || subject.open.length === subject.capacity) return;
  const { snapshot, weights } = kept;
  const before = subject.model.streams.length;
  world.calls++;
  let failed: unknown;
  let stream: Stream | undefined;
  try {
    stream = subject.model.restoreStream(passed(snapshot!, random));
    await stream.inspect();
  } catch (error) {
    failed = error;
  }
  const isSame = weights === textOf(subject);
  if (isSame ? failed !== undefined : !(failed instanceof SnapshotError))
    throw new Error(`model.restoreStream of ${isSame ? 'the same' : 'other'} weights gave ${String(failed)}`);
  if (isSame) stream!.close();
  await world.settle();
  if (stream?.isOpen || subject.model.streams.length !== before) throw new Error('a refused stream is open');
}

/** Snapshots that are damaged, or of a model with other layers. */
export function restoreWrong({ world, subject, pick, random }: Call): void {
  const [own, other] = [subject, world.subjects.find(({ kind }) => kind !== subject.kind)].map((from) =>
    pickOf(from?.kept.filter(({ snapshot }) => snapshot) ?? [], pick),
  );
  if (!own) return;
  const { snapshot } = own;
  const [{ data, ...first }, ...rest] = snapshot!.states;
  const wrong: unknown[] = [
    undefined,
    {},
    { ...snapshot, version: 2 },
    { ...snapshot, steps: -1 },
    { ...snapshot, name: 7 },
    { ...snapshot, states: rest },
    { ...snapshot, states: [{ ...first, data: Array.from(data, () => null as unknown as number) as never }, ...rest] },
    { ...snapshot, states: [{ ...first, data: data.subarray(1) }, ...rest] },
    ...(other ? [other.snapshot] : []),
  ];
  const given = wrong[random.integer(0, wrong.length - 1)] as StreamSnapshot;
  world.refused(
    subject,
    'model.restoreStream of a wrong snapshot',
    () => subject.model.restoreStream(given),
    SnapshotError,
  );
}

/** Takes down a whole model, which may be built again once it has ended. */
export function takeDown({ world, subject }: Call): Promise<unknown> | void {
  if (!subject.isQuiet) return;
  readWeights(world, subject);
  const open = [...subject.open];
  const taken: Taken = {};
  const act = async () => {
    const saved = await snapshotModel(subject.model);
    taken.saved = saved;
    return saved;
  };
  return world.send(subject, 'snapshotModel', act, ({ streams }) => {
    const names = open.map(({ stream }) => stream.name);
    if (streams.map(({ name }) => name).join() !== names.join()) throw new Error('these are not the open streams');
    const { weights, rowStates } = subject.plain;
    taken.plain = {
      weights: weights.map((weight) => weight.slice()),
      rows: rowStates.map((state) => state.slice()),
      streams: new Map(streams.map((saved, n) => [saved.name, restored(open[n].state, saved)])),
    };
    subject.taken = taken;
  });
}

/** The same snapshot as it is, as a clone, or from bytes. */
function passed(snapshot: StreamSnapshot, random: Random): StreamSnapshot {
  const way = random.integer(0, 2);
  if (way === 0) return snapshot;
  if (way === 1) return structuredClone(snapshot);
  return snapshotsFromBuffer(snapshotsToBuffer([snapshot]))[0];
}

/** Overwrites a copy of a snapshot once a call has taken it. */
function spoil(snapshot: StreamSnapshot, { snapshot: original }: Kept): void {
  if (snapshot === original) return;
  for (const { data } of snapshot.states) data.fill(77);
}
