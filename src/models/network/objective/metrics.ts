import type { SampleShape } from '../../../runtime/shape.ts';
import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, oneOf, show } from '../../../runtime/options.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { categoricalAccuracy } from '../../../shaders/metrics/categorical-accuracy.ts';
import { metric as elementMetric } from '../../../shaders/metrics/metric.ts';
import type { Loss, ReportRecording } from './losses.ts';

/** The metrics of single elements; their indices are the numbers in prelude/metrics.wgsl. */
export const ELEMENT_METRICS = ['binaryAccuracy', 'meanAbsoluteError', 'meanSquaredError'] as const;

/** Keras' short names of metrics. */
const ALIASES = { acc: 'accuracy', mae: 'meanAbsoluteError', mse: 'meanSquaredError' } as const;

const METRICS = [
  'accuracy',
  ...ELEMENT_METRICS,
  'categoricalAccuracy',
  'sparseCategoricalAccuracy',
  ...(Object.keys(ALIASES) as (keyof typeof ALIASES)[]),
] as const;

export type MetricName = (typeof METRICS)[number];

/** A metric under a name of its own, or with an option. */
export interface MetricOptions {
  metric: MetricName;
  /** The metric's key in logs. Default: its name as it was given. */
  name?: string;
  /** For binary accuracy: a prediction above the threshold counts as 1. Default: 0.5. */
  threshold?: number;
}

/** A metric: a weighted mean, whose sum over a batch and whose sum of weights each have a column in the journal. */
export interface Metric {
  /** The metric's key in logs. */
  readonly name: string;
  /** Whether sample weights count; a mask always does. */
  readonly isWeighted: boolean;
  /** The constants of `prelude/metrics.wgsl`, if the metric is a mean over single outputs. */
  readonly ofElements?: { METRIC: number; THRESHOLD: number };
  record(recording: ReportRecording, prediction: Tensor): void;
}

/**
 * As in Keras, `'accuracy'` is binary accuracy for one output, and for several categorical accuracy, of class numbers if
 * the targets are those (keras/src/trainers/compile_utils.py).
 *
 * @throws ValueError if there is no such metric, or it does not go with outputs and targets of these shapes
 */
export function metricOf(where: string, given: unknown, output: SampleShape, loss: Loss, isWeighted: boolean): Metric {
  const option = isWeighted ? 'weightedMetrics' : 'metrics';
  const options: MetricOptions =
    typeof given === 'object' && given !== null ? (given as MetricOptions) : { metric: given as MetricName };
  knownOptions(`${where}: ${option}`, options, ['metric', 'name', 'threshold']);
  const asked = oneOf(where, option, options.metric, METRICS);
  const { name = asked, threshold = 0.5 } = options;
  if (typeof name !== 'string' || name === '' || name === 'loss') {
    throw new ValueError(`${where}: ${option}: name is ${show(name)}, expected a name other than "loss".`);
  }
  if (!Number.isFinite(threshold)) {
    throw new ValueError(`${where}: ${option}: threshold is ${show(threshold)}, expected a finite number.`);
  }
  const known = resolve(asked, output, loss);
  const needsClasses = known === 'sparseCategoricalAccuracy';
  if (needsClasses !== loss.takesClasses) {
    const [needs, has] = needsClasses
      ? ['class numbers as targets', 'numbers for each output']
      : ['targets shaped as the output', 'class numbers'];
    throw new ValueError(`${where}: ${option}: "${asked}" needs ${needs}, but the targets of ${loss.name} are ${has}.`);
  }
  if (known === 'categoricalAccuracy' || known === 'sparseCategoricalAccuracy') {
    return {
      name,
      isWeighted,
      record({ plan, update, target, weights, journal, constants }, prediction) {
        const bindings = { update, prediction, target_value: target, weights, journal };
        plan.add(categoricalAccuracy, bindings, { ...constants, SPARSE: needsClasses ? 1 : 0 });
      },
    };
  }
  const ofElements = { METRIC: ELEMENT_METRICS.indexOf(known), THRESHOLD: threshold };
  return {
    name,
    isWeighted,
    ofElements,
    record({ plan, update, target, weights, journal, constants }, prediction) {
      const bindings = { update, prediction, target_value: target, weights, journal };
      plan.add(elementMetric, bindings, { ...constants, ...ofElements });
    },
  };
}

/** The metric that Keras means by a short name, or by 'accuracy'. */
function resolve(asked: MetricName, output: SampleShape, loss: Loss) {
  const known =
    asked in ALIASES ? ALIASES[asked as keyof typeof ALIASES] : (asked as Exclude<MetricName, keyof typeof ALIASES>);
  if (known !== 'accuracy') return known;
  if (output.at(-1) === 1) return 'binaryAccuracy';
  return loss.takesClasses ? 'sparseCategoricalAccuracy' : 'categoricalAccuracy';
}
