/** Something to be timed: a row of the table. */
export interface Work {
  id: string;
  /** For people: `'train B 64, T 20, I 8, H 64'`. */
  title: string;
  /**
   * - `train`: an LSTM with a dense sigmoid head, Adam and binary cross-entropy; one update.
   * - `infer`: the last hidden state of an LSTM for one batch.
   * - `stream`: one step of an LSTM that continues from the step before.
   * - `product`: [batch, features] times [features, units].
   */
  kind: 'train' | 'infer' | 'stream' | 'product';
  batch: number;
  steps: number;
  features: number;
  units: number;
  /** Whether rows of a batch continue those of the batch before. */
  stateful: boolean;
}

/**
 * Multiplications and additions in the products of one piece: forward of an LSTM 8 · B · T · H · (I + H). Training has three
 * such products where inference has one: forward, the gradient of what goes in, and that of the weights. That is the usual
 * count, although nobody needs the gradient of the samples themselves.
 */
export function operations({ kind, batch, steps, features, units }: Work): number {
  if (kind === 'product') return 2 * batch * features * units;
  const forward = 8 * batch * steps * units * (features + units);
  return kind === 'train' ? 3 * forward : forward;
}

/** What one piece of the work is called. */
export function piece({ kind }: Work): string {
  return { train: 'update', infer: 'batch', stream: 'step', product: 'product' }[kind];
}
