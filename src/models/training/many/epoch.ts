import type { Logs } from '../../execution/logs.ts';
import type { Maybe } from '../callbacks/callback.ts';
import type { RunFeed } from '../data/dataset.ts';
import type { StateRange } from '../engine/state-ranges.ts';
import { resetsAt, type Resets } from '../reset-policy.ts';
import type { Together } from './together.ts';

export interface EpochOfManyOptions {
  feed: RunFeed;
  /** The order of the samples, for each model. */
  orders: readonly Uint32Array[];
  range: StateRange;
  resets: Resets;
  isDue: () => boolean;
  /** @param logs of each model */
  report: (batch: number, logs: readonly Logs[]) => Maybe;
  isStopped: () => boolean;
}

/** How an epoch ended: see `EpochResult`. */
interface ResultOfMany {
  /** The means of each model over the samples. */
  logs: Logs[];
  batches: number;
}

/** Goes through a data set once with all models, to train or to test. */
export async function runEpochOfMany(together: Together, options: EpochOfManyOptions): Promise<ResultOfMany> {
  const { feed, orders, range, resets, isDue, report, isStopped } = options;
  const { rows } = feed.program;
  const means = together.means();
  const read = async () => {
    const logs = await means.read();
    await feed.acceptance.settled();
    return logs;
  };
  const sampleResets = resets instanceof Uint8Array ? resets : undefined;
  const samples = orders[0].length;
  const batches = Math.ceil(samples / rows);

  let batch = 0;
  for (; batch < batches && !isStopped(); batch++) {
    if (resetsAt(resets, batch)) together.resetStates(range);
    const chosen = orders.map((order) => order.subarray(batch * rows, (batch + 1) * rows));
    means.expect(await together.push(feed, chosen, range, sampleResets), chosen[0].length);
    const isReporting = isDue();
    if (!isReporting && !means.mustRead) continue;
    await together.flush();
    await read();
    if (isReporting) await report(batch + 1, means.logs);
  }
  await together.flush();
  return { logs: await read(), batches: batch };
}
