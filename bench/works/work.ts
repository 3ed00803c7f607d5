/** Something to be timed: a row of the table. */
export interface Work {
  id: string;
  /** For people: `'train B 64, T 20, I 8, H 64'`. */
  title: string;
  /**
   * - `train`: an LSTM with a dense sigmoid head, Adam and binary cross-entropy; one update.
   * - `infer`: the last hidden state of an LSTM for one batch.
   * - `stream`: one step of an LSTM that continues from the step before.
   * - `push`: one step of `batch` streams, each with a state of its own, through an LSTM and a linear dense head.
   * - `generate`: one step of `batch` streams that feed themselves: for each a class is drawn from the softmax outputs of an
   *   LSTM with a dense head, and is the next input, one-hot.
   * - `product`: [batch, features] times [features, units].
   */
  kind: 'train' | 'infer' | 'stream' | 'push' | 'generate' | 'product';
  batch: number;
  steps: number;
  features: number;
  units: number;
  /** Whether rows of a batch continue those of the batch before. */
  stateful: boolean;
  /** LSTM layers one behind the other. Default: 1. */
  layers?: number;
  /** Outputs of the dense head of a `push`, or of a `generate`, which has as many features. */
  outputs?: number;
  /** How many steps of a `generate` are asked for in one call, by those who can. */
  stepsOfCall?: number;
  /** So many models, each with weights of its own, go through the same batches; a piece is one update of all. Default: 1. */
  models?: number;
  /** So many updates are one piece. Default: 1. */
  updates?: number;
  /** Too large for a plain loop: only the first row of its output is compared, and trained weights are not. */
  isLarge?: boolean;
}

export function sequences(
  kind: 'train' | 'infer',
  batch: number,
  steps: number,
  features: number,
  units: number,
  layers = 1,
): Work {
  return {
    id: `${kind}-${batch}x${steps}-${features}-${units}${layers > 1 ? `-${layers}` : ''}`,
    title: `${kind}: B ${batch}, T ${steps}, I ${features}, H ${units}${layers > 1 ? `, ${layers} layers` : ''}`,
    kind,
    batch,
    steps,
    features,
    units,
    layers,
    stateful: false,
  };
}

/** What goes into each LSTM layer of a work. */
export function featuresOfLayers({ features, units, layers = 1 }: Work): number[] {
  return Array.from({ length: layers }, (_, layer) => (layer === 0 ? features : units));
}

/**
 * Multiplications and additions in the products of one piece: forward of an LSTM 8 · B · T · H · (I + H). Training has three
 * such products where inference has one: forward, the gradient of what goes in, and that of the weights. That is the usual
 * count, although nobody needs the gradient of the samples themselves.
 */
export function operations(work: Work): number {
  const { kind, batch, steps, features, units, outputs = 0, updates = 1, models = 1 } = work;
  if (kind === 'product') return 2 * batch * features * units;
  const inner = featuresOfLayers(work).reduce((sum, size) => sum + size + units, 0);
  const forward = 8 * batch * steps * units * inner + 2 * batch * units * outputs;
  return kind === 'train' ? 3 * forward * updates * models : forward;
}

/** What so many pieces of a work are called. */
export function pieces({ kind, updates = 1 }: Work, times: number): string {
  const [one, several] = names[kind];
  const count = times * updates;
  return `${count.toLocaleString('en')} ${count === 1 ? one : several}`;
}

const names = {
  train: ['update', 'updates'],
  infer: ['batch', 'batches'],
  stream: ['step', 'steps'],
  push: ['push', 'pushes'],
  generate: ['step', 'steps'],
  product: ['product', 'products'],
} as const;
