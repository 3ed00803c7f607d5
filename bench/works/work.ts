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

/** What one piece of the work is called. */
export function piece({ kind }: Work): string {
  return { train: 'update', infer: 'batch', stream: 'step', product: 'product' }[kind];
}
