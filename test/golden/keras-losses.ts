import file from './keras_losses_metrics.json';
import type { GoldenTensor } from './tensor.ts';

/** A loss or metric of Keras, called on arrays: binary cross-entropy is the clipped one unless it says from_logits. */
export interface KerasFigure {
  name: string;
  /** Metrics divide by the sum of weights, losses by the number of elements. */
  isMetric: boolean;
  y_true: GoldenTensor;
  y_pred: GoldenTensor;
  /** [samples], or one a step. */
  sample_weight: GoldenTensor | null;
  value: number;
}

interface Recorded extends Omit<KerasFigure, 'name' | 'isMetric'> {
  loss?: string;
  metric?: string;
}

/** Left out, since they are not built: sums instead of means, classes to ignore, and some metrics. */
const NOT_BUILT = [
  'BinaryCrossentropy(reduction=sum)',
  'SparseCategoricalCrossentropy(ignore_class=1)',
  'RootMeanSquaredError',
  'Precision',
  'Recall',
  'AUC',
];

const recorded = [...file.losses, ...file.metrics] as unknown as Recorded[];

export const kerasFigures: readonly KerasFigure[] = recorded
  .map((figure) => ({ ...figure, name: figure.loss ?? figure.metric ?? '', isMetric: figure.metric !== undefined }))
  .filter(({ name }) => !NOT_BUILT.includes(name));

/** The figure as samples, steps and features, with a weight for each step; all arrays batch-major. */
export function laidOut({ y_true, y_pred, sample_weight }: KerasFigure) {
  const [samples] = y_pred.shape;
  const steps = y_pred.shape.length === 3 ? y_pred.shape[1] : 1;
  const features = y_pred.shape.at(-1)!;
  const perSample = sample_weight === null ? 0 : sample_weight.data.length / samples;
  const weights = Array.from({ length: samples * steps }, (_, n) =>
    sample_weight === null ? 1 : sample_weight.data[perSample === 1 ? Math.floor(n / steps) : n],
  );
  return { samples, steps, features, targets: y_true.data.length / (samples * steps), weights };
}
