/** Steps of one stream that follow each other, from pushes that were made in one go. */
export interface Sequence {
  readonly slot: number;
  readonly steps: number;
  /** Whether its gates and states are to be looked at, so that only such ones share an update. Default: false. */
  readonly isTraced?: boolean;
}

/** The part of a sequence that an update computes. */
export interface Part<S extends Sequence> {
  readonly sequence: S;
  readonly firstStep: number;
}

/** An update that continues many streams by the same number of steps, a row each. */
export interface StreamUpdate<S extends Sequence> {
  /** The rows of its program, of which those behind the parts are empty. */
  readonly rows: number;
  readonly steps: number;
  readonly isTraced: boolean;
  readonly parts: readonly Part<S>[];
}

/** The most rows and steps of an update, so that its dispatches stay short. */
const [MAX_ROWS, MAX_STEPS] = [1024, 64];

/** Fewer rows are not shared among two updates, whose dispatches would take longer than empty rows do. */
const FREE_ROWS = 32;

/**
 * Cuts sequences into updates. Their sizes are powers of two, so that a few programs serve all lengths and numbers of streams:
 * the longest parts go first, and sequences that need a part of the same length share it.
 *
 * @param sequences those of a slot in their order
 */
export function cut<S extends Sequence>(sequences: readonly S[]): StreamUpdate<S>[] {
  const streams = new Map<number, Cursor<S>>();
  for (const sequence of sequences) {
    const stream = streams.get(sequence.slot);
    if (stream) stream.sequences.push(sequence);
    else streams.set(sequence.slot, { sequences: [sequence], next: 0, firstStep: 0 });
  }
  const updates: StreamUpdate<S>[] = [];
  while (streams.size > 0) {
    const steps = Math.max(...Array.from(streams.values(), nextSteps));
    const isTraced = [...streams.values()].some((stream) => nextSteps(stream) === steps && isTracedNext(stream));
    const parts: Part<S>[] = [];
    for (const [slot, stream] of streams) {
      if (nextSteps(stream) !== steps || isTracedNext(stream) !== isTraced) continue;
      parts.push({ sequence: stream.sequences[stream.next], firstStep: stream.firstStep });
      advance(stream, steps);
      if (stream.next === stream.sequences.length) streams.delete(slot);
    }
    // In the order of their slots rows have states that lie one behind the other, which can be copied at once.
    parts.sort((a, b) => a.sequence.slot - b.sequence.slot);
    // The steps of all layers stay on the GPU until they are read.
    const mostRows = isTraced ? MAX_ROWS / steps : MAX_ROWS;
    updates.push(...inRows(parts, mostRows).map((update) => ({ ...update, steps, isTraced })));
  }
  return updates;
}

/** Where a stream stands among its sequences. */
interface Cursor<S extends Sequence> {
  readonly sequences: S[];
  next: number;
  firstStep: number;
}

function nextSteps({ sequences, next, firstStep }: Cursor<Sequence>): number {
  return Math.min(MAX_STEPS, powerBelow(sequences[next].steps - firstStep));
}

function isTracedNext({ sequences, next }: Cursor<Sequence>): boolean {
  return sequences[next].isTraced ?? false;
}

function advance(stream: Cursor<Sequence>, steps: number): void {
  stream.firstStep += steps;
  if (stream.firstStep < stream.sequences[stream.next].steps) return;
  stream.firstStep = 0;
  stream.next++;
}

/** Shares parts among updates with few empty rows. */
export function inRows<P>(parts: readonly P[], mostRows = MAX_ROWS): { rows: number; parts: readonly P[] }[] {
  const updates: { rows: number; parts: readonly P[] }[] = [];
  for (let first = 0; first < parts.length;) {
    const count = Math.min(mostRows, parts.length - first);
    const below = powerBelow(count);
    // With the power of two above at most a quarter of the rows are empty.
    const isFull = count === below || (below >= FREE_ROWS && count <= 1.5 * below);
    const rows = isFull ? below : 2 * below;
    updates.push({ rows, parts: parts.slice(first, first + rows) });
    first += rows;
  }
  return updates;
}

/** The largest power of two that is not above a number. */
function powerBelow(value: number): number {
  return 2 ** Math.floor(Math.log2(value));
}
