import { DeviceLostError, requestGpu, type Gpu } from '../../src/index.ts';
import type { JobContext } from './jobs/job-context.ts';
import type { Order, Reply } from './protocol.ts';

// All that trains runs on this thread of its own, so that the page answers meanwhile. Orders are carried out one after another.

type LoadedJobs = Readonly<Record<string, () => Promise<(context: JobContext<unknown>, options: never) => unknown>>>;

let gpu: Promise<Gpu> | undefined;
let last: Promise<void> = Promise.resolve();
const stops = new Map<number, AbortController>();
/** The order that is being carried out. */
let current: { id: number; context?: JobContext<unknown> } | undefined;

/** Does the jobs that the page orders, which are loaded by their names. */
export function serve(jobs: LoadedJobs): void {
  addEventListener('message', ({ data: order }: MessageEvent<Order>) => {
    if ('stop' in order) return stop(order.id);
    if ('message' in order) return pass(order);
    const stopping = new AbortController();
    stops.set(order.id, stopping);
    last = last.then(() => carryOut(jobs, order, stopping.signal)).finally(() => stops.delete(order.id));
  });
}

const send = (reply: Reply): void => postMessage(reply);

function stop(id: number): void {
  stops.get(id)?.abort();
  // One that waits for its turn need not wait to be told that it is stopped.
  if (id !== current?.id && stops.has(id)) send({ id, stopped: true });
}

/** Gives a message to its job, unless that is over or has not begun. */
function pass({ id, message }: Extract<Order, { message: unknown }>): void {
  if (current?.id === id) current.context?.onMessage?.(message);
}

async function carryOut(
  jobs: LoadedJobs,
  { id, name, options }: Extract<Order, { name: string }>,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  current = { id };
  try {
    const tell = (news: unknown): void => send({ id, news });
    const job = await jobs[name]().catch(() => undefined);
    if (!job) return send({ id, lacksCode: true });
    current.context = { gpu: await device(), signal, tell };
    const result = await job(current.context, options as never);
    send({ id, result });
  } catch (error) {
    if (signal.aborted) send({ id, stopped: true });
    else send({ id, error: wordsFor(error) });
  } finally {
    current = undefined;
  }
}

function wordsFor(error: unknown): string {
  // The message of the library is for programmers, who can ask for a new one.
  if (error instanceof DeviceLostError) return 'The browser lost the GPU. Press again to begin anew.';
  return error instanceof Error ? error.message : String(error);
}

/** The GPU, which is asked for anew after the system took it away. */
function device(): Promise<Gpu> {
  if (!gpu) {
    gpu = requestGpu();
    const forget = (): void => void (gpu = undefined);
    gpu.then(({ lost }) => lost.then(forget), forget);
  }
  return gpu;
}
