import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { randomSeed } from '../../../harness/random.ts';
import { requestGpu, type Gpu } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { worst } from './faults/compare.ts';
import { NETWORK_KINDS } from './faults/network-kinds.ts';
import { OPERATIONS, run, type Operation, type OperationKind, type Wait } from './faults/operations.ts';
import { checkSlots } from './faults/stream-operations.ts';
import type { SubjectOptions } from './faults/subject.ts';
import { isAlive, World } from './faults/world.ts';

/** How many calls are made in all. In the long mode devices are lost among them. */
const WANTED = Number(import.meta.env.VITE_FAULT_CALLS ?? 500);
const isLong = WANTED > 500;
/** The path of a failure within its seed, as fast-check prints it. */
const PATH: string | undefined = import.meta.env.VITE_TEST_PATH;

const MOST_OPERATIONS = 150;

/** A failure is made smaller for so many milliseconds at most. */
const SHRINKING_MS = isLong ? 120_000 : 20_000;

const operation: fc.Arbitrary<Operation> = fc.record({
  kind: weighted<OperationKind>(
    Object.entries(OPERATIONS).map(([kind, { weight }]) => [kind as OperationKind, weight]),
  ),
  subject: fc.nat(1),
  // Mostly one of a few, so that calls of the same stream meet.
  pick: fc.oneof({ weight: 2, arbitrary: fc.integer({ min: -2, max: 1 }) }, { weight: 1, arbitrary: fc.nat(99) }),
  steps: fc.oneof(
    { weight: 5, arbitrary: fc.constant(1) },
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60, max: 140 }) },
  ),
  seed: fc.nat(),
  wait: weighted<Wait>([
    ['nothing', 60],
    ['microtask', 10],
    ['task', 8],
    ['result', 12],
    ['all', 5],
  ]),
});

const subjects: fc.Arbitrary<SubjectOptions[]> = fc.array(
  fc.record({
    // Kernels of more kinds take seconds to compile.
    kind: fc.nat(isLong ? NETWORK_KINDS.length - 1 : 2),
    slots: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 30, max: 70 })),
    initial: fc.integer({ min: 1, max: 70 }),
    evicts: fc.boolean(),
    batchSize: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
  }),
  { minLength: 2, maxLength: 2 },
);

function weighted<T>(list: readonly (readonly [T, number])[]): fc.Arbitrary<T> {
  return fc.oneof(
    ...list.map(([value, weight]) => ({ arbitrary: fc.constant(value), weight: Math.ceil(10 * weight) })),
  );
}

let made = 0;
const counts = new Map<string, number>();
/** The GPU of the long mode, in which devices are lost. */
let ownGpu: Gpu | undefined;

/** The GPU of the next run. */
async function gpuOfRun(): Promise<Gpu> {
  if (!isLong) return gpu;
  if (!ownGpu || !isAlive(ownGpu)) ownGpu = await requestGpu({ tuning: 'off' });
  return ownGpu;
}

const property = fc.asyncProperty(
  subjects,
  fc.array(operation, { minLength: 1, maxLength: MOST_OPERATIONS, size: 'max' }),
  async (options, list) => {
    const world = await World.make(await gpuOfRun(), isLong, options);
    try {
      await run(world, list);
      await world.finish((subject) => checkSlots(world, subject));
      made += world.calls;
      for (const { kind } of list) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    } finally {
      if (isLong) ownGpu = world.gpu;
      await world.dispose();
    }
  },
);

afterAll(() => {
  ownGpu?.dispose();
  if (!isLong) return;
  const kinds = [...counts].map(([kind, count]) => `${kind} ${count}`).join(', ');
  console.log(`${made} calls (${kinds}); worst errors: ${worst.outputs} of outputs, ${worst.weights} of weights`);
});

test(
  'any calls of streams and models, in any order, awaited or not, give what a plain model gives',
  { timeout: 100 * Math.max(WANTED, 600) },
  async () => {
    // The seeds of fast-check are 32-bit integers with a sign.
    const seed = randomSeed() | 0;
    if (PATH) return fc.assert(property, { seed, path: PATH, endOnFailure: true });
    for (let n = 0; made < WANTED; n++) {
      await fc.assert(property, { seed: (seed + n) | 0, numRuns: 4, interruptAfterTimeLimit: SHRINKING_MS });
      if (isLong && n % 20 === 0) console.log(`${made} calls`);
    }
    expect(made).toBeGreaterThanOrEqual(WANTED);
  },
);
