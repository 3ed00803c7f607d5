import { requestGpu, type Gpu } from '../../src/index.ts';
import { jobs } from './jobs/index.ts';
import type { Order, Reply } from './protocol.ts';

/** All that trains: on a thread of its own, so that the page answers meanwhile. Orders are carried out one after another. */

let gpu: Promise<Gpu> | undefined;
let last: Promise<void> = Promise.resolve();
const stops = new Map<number, AbortController>();

addEventListener('message', ({ data: order }: MessageEvent<Order>) => {
  if ('stop' in order) return stops.get(order.id)?.abort();
  const stop = new AbortController();
  stops.set(order.id, stop);
  last = last.then(() => carryOut(order, stop.signal)).finally(() => stops.delete(order.id));
});

async function carryOut({ id, name, options }: Extract<Order, { name: string }>, signal: AbortSignal): Promise<void> {
  const send = (reply: Reply): void => postMessage(reply);
  try {
    signal.throwIfAborted();
    const tell = (news: unknown): void => send({ id, news });
    const result = await jobs[name as keyof typeof jobs]({ gpu: await device(), signal, tell }, options as never);
    send({ id, result });
  } catch (error) {
    if (signal.aborted) send({ id, stopped: true });
    else send({ id, error: error instanceof Error ? error.message : String(error) });
  }
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
