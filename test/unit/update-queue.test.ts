import { describe, expect, test, vi } from 'vitest';
import { Acceptance } from '../../src/models/training/engine/acceptance.ts';
import { Journal } from '../../src/models/execution/journal.ts';
import { Report } from '../../src/models/training/engine/report.ts';
import type { QueuedUpdates } from '../../src/models/training/engine/queued-updates.ts';
import { UpdateQueue } from '../../src/models/training/engine/update-queue.ts';
import { DisposedError, ShaderError } from '../../src/index.ts';
import { Gpu } from '../../src/runtime/gpu.ts';
import { stubDevice } from '../harness/stub-device.ts';

function setUp() {
  const { device } = stubDevice();
  const gpu = new Gpu(device, false, { isTuning: false });
  const queue = new UpdateQueue(gpu);
  const journal = new Journal(gpu, 1);
  const agenda = { capacityFor: () => 10, write: () => {}, upload: () => {} };
  const program = { agenda, rows: 1, steps: 1, work: 1, mode: 'train' };
  const source = { capacity: 10, write: () => {} };
  // Updates of different bound programs go in submits of their own.
  const bind = (encode = () => {}) => ({
    program,
    source,
    ready: Promise.resolve(),
    encode,
    acceptance: new Acceptance(),
  });
  const push = (bound: ReturnType<typeof bind>, restoreMarks?: () => void) => {
    const report = new Report(journal, journal.take());
    const reading = journal.prepare(0, 1);
    const entries = { count: 1, models: [{ restoreMarks }] };
    queue.push({ bound, entries, report, reading } as unknown as QueuedUpdates);
    const results = [report.row(), reading.result] as const;
    // Some are looked at only after others have failed.
    for (const result of results) result.catch(() => {});
    return results;
  };
  /** Refuses the nth pair of error scopes, from 0 on. */
  const refuse = (pair: number) => {
    let pops = 0;
    // The first scope that is popped of each pair is that of validation.
    vi.spyOn(device, 'popErrorScope').mockImplementation(() =>
      Promise.resolve(pops++ === 2 * pair ? ({ message: 'refused on purpose' } as GPUError) : null),
    );
  };
  return { queue, bind, push, refuse };
}

const outcomes = async (results: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(results)).map((result) =>
    result.status === 'fulfilled' ? 'done' : (result.reason as Error).message,
  );

describe('an update that the device refuses', () => {
  test('fails its own report, also where a later submit brings that back, and not those after it', async () => {
    const { queue, bind, push, refuse } = setUp();
    const results = [push(bind()), push(bind()), push(bind())].map(([row]) => row);
    refuse(0);
    await queue.flush();
    const refused = expect.stringMatching(/^train on a batch of 1 samples.*refused on purpose/);
    expect(await outcomes(results)).toEqual([refused, 'done', 'done']);
    await expect(results[0]).rejects.toThrow(ShaderError);
  });

  test('is told to the run that queued it, once, and to no other', async () => {
    const { queue, bind, push, refuse } = setUp();
    const [one, other] = [bind(), bind()];
    refuse(0);
    for (const each of [one, other, other]) void push(each);
    await queue.flush();
    await other.acceptance.settled();
    await expect(one.acceptance.settled()).rejects.toThrow('refused on purpose');
    await one.acceptance.settled();
  });
});

describe('an update that cannot be sent', () => {
  const error = new RangeError('cannot encode');
  const failing = () => {
    throw error;
  };

  test('fails with the error, and so do all after it, but none that was sent before', async () => {
    const { queue, bind, push } = setUp();
    const [sent, thrown, after] = [bind(), bind(failing), bind()].map((each) => push(each));
    await expect(queue.flush()).rejects.toBe(error);
    expect(await outcomes(sent)).toEqual(['done', 'done']);
    expect(await outcomes([...thrown, ...after])).toEqual(Array(4).fill('cannot encode'));
    // The next one is not affected.
    const next = push(bind());
    await queue.flush();
    expect(await outcomes(next)).toEqual(['done', 'done']);
  });

  test('gives back the marks of resets that it took, and so do all after it', async () => {
    const { queue, bind, push } = setUp();
    const restored = [0, 1, 2].map(() => vi.fn<() => void>());
    [bind(), bind(failing), bind()].forEach((each, n) => void push(each, restored[n]));
    await expect(queue.flush()).rejects.toBe(error);
    expect(restored.map((mark) => mark.mock.calls.length)).toEqual([0, 1, 1]);
  });

  test('does not keep what else is queued from being done', async () => {
    const { queue, bind, push } = setUp();
    const [act, fail] = [vi.fn<() => void>(), vi.fn<(error: unknown) => void>()];
    void push(bind(failing));
    queue.inOrder(act, fail);
    queue.inOrder(act);
    await expect(queue.flush()).rejects.toBe(error);
    expect(act).toHaveBeenCalledTimes(2);
    expect(fail).not.toHaveBeenCalled();
  });
});

test('an action that throws tells who waits for it, and what comes after it is sent', async () => {
  const { queue, bind, push } = setUp();
  const error = new RangeError('cannot act');
  const throwing = () => {
    throw error;
  };
  const before = push(bind());
  const told = vi.fn<(error: unknown) => void>();
  queue.inOrder(throwing, told);
  queue.inOrder(throwing);
  const after = push(bind());
  await queue.flush();
  expect(told).toHaveBeenCalledExactlyOnceWith(error);
  expect(await outcomes([...before, ...after])).toEqual(Array(4).fill('done'));
});

test('what is queued when the queue closes fails with its error', async () => {
  const { queue, bind, push } = setUp();
  const results = push(bind());
  const [act, fail] = [vi.fn<() => void>(), vi.fn<(error: unknown) => void>()];
  queue.inOrder(act, fail);
  queue.close(new DisposedError('disposed'));
  await expect(queue.flush()).rejects.toThrow('disposed');
  expect(await outcomes(results)).toEqual(['disposed', 'disposed']);
  expect(act).not.toHaveBeenCalled();
  expect(fail).toHaveBeenCalledOnce();
});

test('rows of the journal that newer updates have overwritten are not read', async () => {
  const { device } = stubDevice();
  const journal = new Journal(new Gpu(device, false, { isTuning: false }), 1, 8);
  for (let update = 0; update < 8; update++) journal.take();
  expect(await journal.read(0, 8)).toHaveLength(8);
  journal.take();
  await expect(journal.read(0, 8)).rejects.toThrow('overwritten');
  expect(await journal.read(1, 9)).toHaveLength(8);
});
