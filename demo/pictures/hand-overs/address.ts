import { LARGEST_SEED } from '../../experiments/data/random.ts';
import { BATCH_SIZES, PIECES_IN_ALL, type Batching, type Order } from './data.ts';

const ORDERS: readonly string[] = ['in-order', 'interleaved', 'shuffled'] satisfies Order[];

/** As `3.in-order.2` or, with resets before single pieces, `3.in-order.m000100100000`; a shuffled order has its seed behind. */
export function writeBatching({ batchSize, order, resets, seed }: Batching): string {
  const written = typeof resets === 'number' ? String(resets) : `m${resets.join('')}`;
  return [batchSize, order, written, ...(order === 'shuffled' ? [seed] : [])].join('.');
}

export function readBatching(text: string): Batching | undefined {
  const [size, order, written = '', drawn = '1'] = text.split('.');
  const batchSize = BATCH_SIZES.find((known) => String(known) === size);
  const resets = readResets(written);
  const seed = Number(drawn);
  if (!Number.isInteger(seed) || seed < 1 || seed > LARGEST_SEED) return undefined;
  if (batchSize === undefined || !isOrder(order) || resets === undefined) return undefined;
  return { batchSize, order, seed, resets };
}

function isOrder(text: string): text is Order {
  return ORDERS.includes(text);
}

function readResets(text: string): Batching['resets'] | undefined {
  if (/^[0-4]$/.test(text)) return Number(text);
  return new RegExp(`^m[01]{${PIECES_IN_ALL}}$`).test(text) ? text.slice(1).split('').map(Number) : undefined;
}
