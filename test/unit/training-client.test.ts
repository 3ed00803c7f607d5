import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type * as Client from '../../demo/training/client.ts';
import type { Order, Reply } from '../../demo/training/protocol.ts';

/** A worker that does nothing but keep what it was sent; its test answers for it. */
class SilentWorker extends EventTarget {
  readonly orders: Order[] = [];
  isTerminated = false;

  constructor() {
    super();
    workers.push(this);
  }

  postMessage(order: Order): void {
    this.orders.push(order);
  }

  terminate(): void {
    this.isTerminated = true;
  }

  reply(reply: Reply): void {
    this.dispatchEvent(new MessageEvent('message', { data: reply }));
  }
}

let workers: SilentWorker[];
let client: typeof Client;

beforeEach(async () => {
  workers = [];
  vi.stubGlobal('Worker', SilentWorker);
  vi.resetModules();
  client = await import('../../demo/training/client.ts');
});
afterEach(() => vi.unstubAllGlobals());

const run = (signal?: AbortSignal) => client.runJob('clock', { seed: 1 }, { signal });

test('each job hears its own replies, from one worker', async () => {
  const heard: unknown[] = [];
  const first = client.runJob('clock', { seed: 1 }, { hear: (news) => heard.push(news) });
  const second = run();
  const [worker] = workers;
  expect(worker.orders).toMatchObject([{ id: 0 }, { id: 1 }]);
  worker.reply({ id: 0, news: 'half' });
  worker.reply({ id: 1, error: 'no' });
  worker.reply({ id: 0, result: 'done' });
  await expect(first).resolves.toBe('done');
  await expect(second).rejects.toThrow('no');
  expect(heard).toEqual(['half']);
  expect(workers).toHaveLength(1);
});

test('the worker is busy until the last job is over', async () => {
  expect(client.isBusy()).toBe(false);
  const first = run();
  const second = run();
  workers[0].reply({ id: 0, result: 'done' });
  await first;
  expect(client.isBusy()).toBe(true);
  workers[0].reply({ id: 1, error: 'no' });
  await expect(second).rejects.toThrow('no');
  expect(client.isBusy()).toBe(false);
});

test('a signal stops the job that goes on, and says nothing of those that are over', async () => {
  const stopping = new AbortController();
  const over = run(stopping.signal);
  workers[0].reply({ id: 0, result: 'done' });
  await over;
  const stopped = run(stopping.signal);
  stopping.abort();
  expect(workers[0].orders.slice(2)).toEqual([{ id: 1, stop: true }]);
  workers[0].reply({ id: 1, stopped: true });
  await expect(stopped).rejects.toBeInstanceOf(client.Stopped);
});

test('a job whose signal is aborted already is not begun', async () => {
  await expect(run(AbortSignal.abort())).rejects.toBeInstanceOf(client.Stopped);
  expect(workers).toHaveLength(0);
});

test.each([
  ['could not be loaded', (worker: SilentWorker) => worker.dispatchEvent(new Event('error'))],
  ['lacks code that could not be loaded', (worker: SilentWorker) => worker.reply({ id: 1, lacksCode: true })],
])('a worker that %s ends all jobs, and the next job gets another one', async (_why, fail) => {
  const lost = [run(), run()];
  fail(workers[0]);
  for (const job of lost)
    await expect(job).rejects.toThrow('could not be loaded: check the connection, then press again.');
  expect(workers[0].isTerminated).toBe(true);

  const next = run();
  workers[1].reply({ id: 2, result: 'done' });
  await expect(next).resolves.toBe('done');
});

test('a job hears what it is told while it runs', () => {
  let say: (message: unknown) => void = () => {};
  void client.runJob('clock', { seed: 1 }, { begun: (tell) => (say = tell) });
  say('wait');
  expect(workers[0].orders).toMatchObject([
    { id: 0, name: 'clock' },
    { id: 0, message: 'wait' },
  ]);
});
