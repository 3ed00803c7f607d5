import type {
  LayerState,
  MetricName,
  MetricOptions,
  OptimizerState,
  RandomState,
  SampleShape,
  Shape,
} from '../index.ts';

/**
 * All that a file can tell of a model, in this library's words. Whoever reads a format makes it, and whoever writes one is
 * given it; models are made of it, and it of models, in one place each (`build-model.ts`, `contents-of-model.ts`).
 */
export interface ModelContents {
  /** The shape of one sample, without the batch; `null` timesteps: any number. */
  readonly inputShape: SampleShape;
  /** How many sequences a stateful model keeps states for. */
  readonly batchSize?: number;
  /** How many streams it has slots for at first, and at most. */
  readonly slots?: { readonly initial: number; readonly max: number };
  readonly layers: readonly LayerContents[];
  /** All weights in the order and layout of `getWeights`. Absent if the file holds the architecture alone. */
  readonly weights?: readonly ArrayContents[];
  /** The options of `compile`. Absent if it was not, or the format cannot tell. */
  readonly compile?: CompileContents;
  /** The optimizer's memory. Only beside `compile`. */
  readonly optimizerState?: OptimizerState;
  readonly randomState?: RandomState;
  /** The states of the slots. */
  readonly states?: readonly LayerState[];
  /** The epoch of a `fit` that is to be gone on with, and how many of its batches are done, if a backup made the file. */
  readonly position?: TrainingPosition;
}

export interface TrainingPosition {
  readonly epoch: number;
  readonly batch: number;
}

/** A layer: the function that makes it, and the options to call it with, as `model.layers` lists them. */
export interface LayerContents {
  /** The name of that function, such as `'lstm'` or `'dense'`. */
  readonly type: string;
  /** With `name` if it has one. That of `bidirectional` has the inner layer as `layer: { type, options }`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** An array of a file, row-major. */
export interface ArrayContents {
  /** The name in the file, for error messages. */
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array<ArrayBuffer>;
}

export interface CompileContents {
  readonly optimizer: {
    /** `'adam'`, `'adamw'`, `'rmsprop'` or `'sgd'`. */
    readonly name: string;
    readonly options: Readonly<Record<string, unknown>> & { readonly learningRate: number | ScheduleContents };
  };
  readonly loss: { readonly name: string; readonly options: Readonly<Record<string, unknown>> };
  readonly metrics: readonly (MetricName | MetricOptions)[];
  readonly weightedMetrics: readonly (MetricName | MetricOptions)[];
}

/** A schedule of the learning rate: the function that makes it, and its options. */
export interface ScheduleContents {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Files by their names, such as those of a zip archive or the shards of a TensorFlow.js model. */
export type Files = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
