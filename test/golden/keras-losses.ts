import file from './keras_losses_metrics.json';
import type { GoldenTensor } from './tensor.ts';

/** A loss or metric of Keras, called on arrays: binary cross-entropy is the clipped one unless it says from_logits. */
export interface KerasFigure {
  name: string;
  y_true: GoldenTensor;
  y_pred: GoldenTensor;
  value: number;
}

interface Recorded extends Omit<KerasFigure, 'name'> {
  loss?: string;
  metric?: string;
  sample_weight: GoldenTensor | null;
}

/** Left out: sample weights, and losses and metrics that are not built yet. */
const BUILT = [
  'BinaryCrossentropy',
  'BinaryCrossentropy(from_logits)',
  'MeanSquaredError',
  'MeanAbsoluteError',
  'BinaryAccuracy',
];

const recorded = [...file.losses, ...file.metrics] as unknown as Recorded[];

export const kerasFigures: readonly KerasFigure[] = recorded
  .map((figure) => ({ ...figure, name: figure.loss ?? figure.metric ?? '' }))
  .filter(({ name, sample_weight }) => sample_weight === null && BUILT.includes(name));
