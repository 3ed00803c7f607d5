import { ValueError } from '../../runtime/errors.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { metric } from '../../shaders/metric.ts';
import type { SampleShape } from '../layers/layer.ts';
import { oneOf } from '../layers/options.ts';
import type { ReportRecording } from './losses.ts';

/** Positions are the shader's numbers. */
const KERNEL_METRICS = ['binaryAccuracy', 'meanAbsoluteError', 'meanSquaredError'] as const;

export const METRICS = ['accuracy', ...KERNEL_METRICS] as const;
export type MetricName = (typeof METRICS)[number];

export interface Metric {
  /** Its key in logs: the name the user gave. */
  readonly name: MetricName;
  /** The shader's number of it. */
  readonly number: number;
  record(recording: ReportRecording, prediction: Tensor): void;
}

/**
 * As in Keras, `'accuracy'` means binary accuracy for one output (keras/src/trainers/compile_utils.py).
 *
 * @throws ValueError if there is no such metric
 */
export function metricByName(where: string, name: unknown, outputShape: SampleShape): Metric {
  const known = oneOf(where, 'metrics', name, METRICS);
  if (known === 'accuracy' && outputShape.at(-1) !== 1) {
    throw new ValueError(
      `${where}: metrics: "accuracy" is for one output, this model has ${outputShape.at(-1)}. Use "binaryAccuracy" for ` +
        `several independent outputs of 0 or 1.`,
    );
  }
  const number = KERNEL_METRICS.indexOf(known === 'accuracy' ? 'binaryAccuracy' : known);
  return {
    name: known,
    number,
    record({ plan, update, target, journal, constants }, prediction) {
      plan.add(metric, { update, prediction, target_value: target, journal }, { ...constants, METRIC: number });
    },
  };
}
