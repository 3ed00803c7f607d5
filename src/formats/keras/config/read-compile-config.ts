import type { MetricName, MetricOptions } from '../../../index.ts';
import type { CompileContents, ScheduleContents } from '../../contents.ts';
import type { JsonValue } from '../../reading.ts';
import { LOSS_NAMES, LOSSES, METRIC_NAMES, METRICS, OPTIMIZERS, type CompileClass } from './compile-table.ts';
import { fieldOf, nameOf, objectOf, optionalField, snakeCase } from './objects.ts';
import { readOptions } from './options.ts';
import { originOf, type Origin } from './program.ts';

/** The fields with a meaning here. */
const FIELDS = [
  'optimizer',
  'optimizer_config',
  'loss',
  'loss_weights',
  'metrics',
  'weighted_metrics',
  'sample_weight_mode',
];
/** The fields about how Keras runs a model, which have no effect here. */
const WITHOUT_EFFECT = ['run_eagerly', 'steps_per_execution', 'jit_compile', 'auto_scale_loss', 'from_serialized'];

/**
 * Reads what a model was compiled with: the `compile_config` of Keras 3, or the `training_config` of older files and of
 * TensorFlow.js.
 *
 * @param version as in `readModelConfig`
 * @returns `undefined` if the model was not compiled
 * @throws ValueError with the option and the place in the file if a part of it has no counterpart here
 */
export function readCompileConfig(config: JsonValue, version: string | undefined): CompileContents | undefined {
  if (config.isNull || config.keys().length === 0) return undefined;
  const origin = originOf(config, version);
  config.onlyKeys([...FIELDS, ...WITHOUT_EFFECT]);
  const weights = optionalField(config, 'loss_weights');
  if (weights) for (const weight of weights.isList ? weights.list() : [weights]) weight.oneOf([1]);
  optionalField(config, 'sample_weight_mode')?.oneOf(['temporal'], 'Weights are of samples or of steps here.');
  return {
    optimizer: readOptimizer(optionalField(config, 'optimizer_config') ?? fieldOf(config, 'optimizer'), origin),
    loss: readLoss(onlyOutput(fieldOf(config, 'loss')), origin),
    metrics: readMetrics(fieldOf(config, 'metrics'), origin),
    weightedMetrics: readMetrics(fieldOf(config, 'weighted_metrics'), origin),
  };
}

/** Options of optimizers without effect here. */
const NO_EFFECT = ['decay', 'is_legacy_optimizer', 'jit_compile', 'dynamic'];

function readOptimizer(field: JsonValue, origin: Origin): CompileContents['optimizer'] {
  const { className, config } = field.isObject ? objectOf(field) : { className: field.text(), config: undefined };
  const name = className.toLowerCase() === 'momentum' ? 'sgd' : className.toLowerCase();
  if (!Object.hasOwn(OPTIMIZERS, name)) {
    const place = field.isObject ? fieldOf(field, 'class_name') : field;
    return place.fail(
      `one of ${Object.values(OPTIMIZERS)
        .map((each) => each.className)
        .join(', ')}`,
    );
  }
  const rows = OPTIMIZERS[name].options;
  const standard = rows.find(({ own }) => own === 'learningRate')!.standard as number;
  if (!config) return { name, options: { learningRate: standard } };
  const { learningRate = standard, ...options } = readOptions(config, rows, origin, NO_EFFECT);
  const rate = learningRate as number | ScheduleContents;
  const decay = optionalField(config, 'decay');
  // TensorFlow.js calls rho the decay of the mean of squares.
  if (decay && name === 'rmsprop' && origin.program === 'tfjs')
    return { name, options: { ...options, rho: decay.number(), learningRate: rate } };
  return { name, options: { ...options, learningRate: decay ? withDecay(rate, decay) : rate } };
}

/** Keras 1 and 2 divide the rate by 1 + decay · iterations. */
function withDecay(rate: number | ScheduleContents, decay: JsonValue): number | ScheduleContents {
  const decayRate = decay.number();
  if (decayRate === 0) return rate;
  if (typeof rate !== 'number') return decay.fail('0 beside a schedule of the learning rate');
  return { kind: 'inverseTimeDecay', options: { initialLearningRate: rate, decaySteps: 1, decayRate } };
}

/** The part of a list or an object for the one output that models have here. */
function onlyOutput(field: JsonValue): JsonValue {
  if (field.isList) {
    const [only, ...others] = field.list();
    return only && others.length === 0 ? only : field.fail('one loss');
  }
  if (!field.isObject || field.has('class_name') || field.has('className')) return field;
  const [only, ...others] = field.keys();
  return only !== undefined && others.length === 0 ? field.get(only) : field.fail('one loss');
}

function readLoss(field: JsonValue, origin: Origin): CompileContents['loss'] {
  // Keras 1 computes the entropy of a sigmoid from its output, clipped, and not from the value before it.
  const clipped = origin.program === 'keras1' ? { clipped: true } : {};
  const withClip = (name: string, options: Readonly<Record<string, unknown>>) => ({
    name,
    options: name.endsWith('rossentropy') ? { ...options, ...clipped } : options,
  });
  const given = field.isObject ? objectOf(field) : undefined;
  if (!given || given.className === 'function') return withClip(nameOf(given ? given.config : field, LOSS_NAMES), {});
  const name = classNamed(fieldOf(field, 'class_name'), LOSSES);
  return withClip(name, readOptions(given.config, LOSSES[name].options, origin));
}

function classNamed(field: JsonValue, classes: Readonly<Record<string, CompileClass>>): string {
  const known = Object.entries(classes).find(([, { className }]) => className === field.text());
  return (
    known?.[0] ??
    field.fail(
      `one of ${Object.values(classes)
        .map(({ className }) => className)
        .join(', ')}`,
    )
  );
}

/** The advice about a metric that this library does not have. */
const METRIC_HINT =
  'Compile the model in Keras without this metric and save it again, or load it without its training.';

/** A list, or one list for each output, of which models have one here. */
function readMetrics(field: JsonValue, origin: Origin): (MetricName | MetricOptions)[] {
  // TensorFlow.js writes an empty object where a model was compiled without metrics.
  if (field.isNull || (field.isObject && field.keys().length === 0)) return [];
  const entries = (field.isObject ? onlyMetrics(field) : field).list();
  const [first, ...others] = entries;
  if (first?.isList && others.length === 0) return first.list().map((metric) => readMetric(metric, origin));
  return entries.map((metric) => readMetric(metric, origin));
}

function onlyMetrics(field: JsonValue): JsonValue {
  const [only, ...others] = field.keys();
  return only !== undefined && others.length === 0 ? field.get(only) : field.fail('metrics of one output');
}

function readMetric(field: JsonValue, origin: Origin): MetricName | MetricOptions {
  if (!field.isObject) return nameOf(field, METRIC_NAMES, METRIC_HINT);
  const { className, config } = objectOf(field);
  if (className === 'function') return nameOf(config, METRIC_NAMES, METRIC_HINT);
  if (className === 'MeanMetricWrapper') return readWrapper(config);
  const known = Object.entries(METRICS).find(([, metric]) => metric.className === className);
  if (!known) {
    const names = Object.values(METRICS).map((metric) => metric.className);
    return fieldOf(field, 'class_name').fail(`one of ${names.join(', ')}`, METRIC_HINT);
  }
  const options = readOptions(config, known[1].options, origin, ['fn', 'reduction']);
  return metricWithName(known[0] as MetricName, options as Partial<MetricOptions>);
}

/** TensorFlow 2 writes a metric that was given by name as a wrapper of its function. */
function readWrapper(config: JsonValue): MetricName | MetricOptions {
  config.onlyKeys(['name', 'dtype', 'fn']);
  const fn = fieldOf(config, 'fn');
  const metric = nameOf(fn.isObject ? objectOf(fn).config : fn, METRIC_NAMES, METRIC_HINT);
  return metricWithName(metric, { name: optionalField(config, 'name')?.text() });
}

/** A metric by its name alone, if it has no other and no option. */
function metricWithName(metric: MetricName, { name, threshold }: Partial<MetricOptions>): MetricName | MetricOptions {
  const ownName = name === undefined || name === snakeCase(metric) ? {} : { name };
  if (threshold === undefined && !('name' in ownName)) return metric;
  return { metric, ...ownName, ...(threshold === undefined ? {} : { threshold }) };
}
