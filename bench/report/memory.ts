import type { Memory } from '../memory/index.ts';
import { table } from './table.ts';
import { bytes, ratio } from './words.ts';

/** What the library holds for each work, and whether that grows. */
export function memorySection({ holdings, growth }: Memory): string {
  const lines = holdings.map(({ work, needed, held, sending }) => [
    work.title,
    bytes(needed),
    bytes(held),
    ratio(held / needed),
    bytes(sending),
  ]);
  const parts = [explanation, table(['buffers of lstm-webgpu', 'needed', 'held', 'held / needed', 'besides'], lines)];
  if (growth) {
    const [[before, after], [heapBefore, heapAfter]] = [growth.buffers, growth.heap];
    parts.push(
      `Over ${growth.updates.toLocaleString('en')} updates of the smallest model the buffers went from ${before.count} ` +
        `with ${bytes(before.bytes)} to ${after.count} with ${bytes(after.bytes)}, and the JavaScript heap after garbage ` +
        `collection from ${bytes(heapBefore)} to ${bytes(heapAfter)}.`,
    );
  }
  return parts.join('\n\n');
}

const explanation = `Needed: weights, for training with their gradient and Adam's two moments; the samples of a batch with targets or results; and
of each step the gates, h and c that the backward pass reads, or to predict the gates of all samples and the last h and c. Held: the most
at once, counted where the device makes and destroys buffers. Besides: what updates on their way and losses on their way back take, which
is the same for a small model and a large one.`;
