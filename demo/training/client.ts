import type { Jobs } from './jobs/index.ts';
import type { Order, Reply } from './protocol.ts';

type Name = keyof Jobs;
type Options<N extends Name> = Parameters<Jobs[N]>[1];
type News<N extends Name> = Parameters<Parameters<Jobs[N]>[0]['tell']>[0];
type Result<N extends Name> = Awaited<ReturnType<Jobs[N]>>;

/** Tells a job when to end early, and hears what it tells on its way. */
export interface JobListener<Message> {
  signal: AbortSignal;
  hear: (news: Message) => void;
  /** Gets a way to say something to the job, which hears it while it runs. */
  begun?: (say: (message: unknown) => void) => void;
}

/** Ends a wait for a job that was stopped. */
export class Stopped extends Error {}

let makeWorker = (): Worker => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
let worker: Worker | undefined;
let orders = 0;
const waiting = new Map<number, (reply: Reply) => void>();

/** Gives the jobs to another worker than that of the story and of the voice: called before the first one. */
export function workIn(make: () => Worker): void {
  makeWorker = make;
}

/** Whether the worker is at a job, behind which the next one waits. */
export function isBusy(): boolean {
  return waiting.size > 0;
}

/**
 * Has the worker do a job, which loads the library with the first. Jobs are done one after another.
 *
 * @throws Stopped once `signal` is aborted; Error with the message of what went wrong
 */
export function runJob<N extends Name>(
  name: N,
  options: Options<N>,
  { signal, hear, begun }: Partial<JobListener<News<N>>> = {},
): Promise<Result<N>> {
  const id = orders++;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new Stopped());
    const stop = (): void => send({ id, stop: true });
    waiting.set(id, (reply) => {
      if ('news' in reply) return hear?.(reply.news as News<N>);
      waiting.delete(id);
      signal?.removeEventListener('abort', stop);
      if ('result' in reply) resolve(reply.result as Result<N>);
      else reject('error' in reply ? new Error(reply.error) : new Stopped());
    });
    signal?.addEventListener('abort', stop);
    send({ id, name, options });
    begun?.((message) => send({ id, message }));
  });
}

function send(order: Order): void {
  worker ??= start();
  worker.postMessage(order);
}

function start(): Worker {
  const started = makeWorker();
  // A worker that broke down or was not loaded whole does no job any more: the next one gets another worker.
  const giveUp = (error: string): void => {
    started.terminate();
    worker = undefined;
    for (const [id, hear] of waiting) hear({ id, error });
  };
  started.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
    if ('lacksCode' in data) giveUp(NOT_LOADED);
    else waiting.get(data.id)?.(data);
  });
  started.addEventListener('error', ({ message }) => giveUp(message || NOT_LOADED));
  return started;
}

const NOT_LOADED = 'The code that trains could not be loaded: check the connection, then press again.';
