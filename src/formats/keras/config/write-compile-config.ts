import { ValueError, type MetricName, type MetricOptions } from '../../../index.ts';
import type { CompileContents, ModelContents } from '../../contents.ts';
import { show } from '../../reading.ts';
import { LOSSES, METRIC_NAMES, METRICS, OPTIMIZERS } from './compile-table.ts';
import { snakeCase } from './objects.ts';
import { writeOptions } from './options.ts';
import { outputShape } from './shapes.ts';
import { written, type Writing } from './values.ts';

/**
 * Writes what a model was compiled with as Keras 3.15 does into `config.json`, as `compile_config`. `jsonText` makes its text.
 *
 * @throws ValueError with what to do if a part of it has no counterpart in Keras
 */
export function writeCompileConfig(where: string, contents: ModelContents): object {
  const { compile } = contents;
  if (!compile) return {};
  const writing: Writing = { where, target: 'keras' };
  const metrics = (list: CompileContents['metrics']) =>
    list.length === 0 ? null : list.map((metric) => writeMetric(writing, metric, contents, compile.loss.name));
  return {
    optimizer: writeOptimizer(writing, compile.optimizer),
    loss: writeLoss(writing, compile.loss),
    loss_weights: null,
    metrics: metrics(compile.metrics),
    weighted_metrics: metrics(compile.weightedMetrics),
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}

function writeOptimizer(writing: Writing, { name, options }: CompileContents['optimizer']): object {
  if (!Object.hasOwn(OPTIMIZERS, name))
    throw new ValueError(`${writing.where}: Keras has no optimizer ${show(name)} of this library.`);
  const { className, options: rows } = OPTIMIZERS[name];
  const where = `${writing.where}: optimizer ${name}`;
  return written(writing, 'keras.optimizers', className, writeOptions(options, rows, { ...writing, where }));
}

/** A loss by its name, or with options if it has others than the defaults. */
function writeLoss(writing: Writing, { name, options }: CompileContents['loss']): unknown {
  const where = `${writing.where}: loss ${name}`;
  if (options.clipped === true) {
    throw new ValueError(
      `${where}: clipped is true, which is no option of Keras: it computes the loss so on PyTorch and JAX, and never on ` +
        `TensorFlow. Compile with ${name}() before you save, or save the model without its training.`,
    );
  }
  const { className, options: rows } = LOSSES[name];
  const isPlain = rows.every(({ own, standard }) => own === undefined || (options[own] ?? standard) === standard);
  if (isPlain) return snakeCase(name);
  return written(writing, 'keras.losses', className, writeOptions(options, rows, { ...writing, where }));
}

function writeMetric(
  writing: Writing,
  given: MetricName | MetricOptions,
  contents: ModelContents,
  loss: string,
): unknown {
  const options: MetricOptions = typeof given === 'string' ? { metric: given } : given;
  const names = Object.entries(METRIC_NAMES);
  const [kerasName] = names.find(([, own]) => own === options.metric)!;
  if (options.name === undefined && options.threshold === undefined) return kerasName;
  const metric = resolved(options.metric, contents, loss);
  const { className, options: rows } = METRICS[metric];
  const config = { name: kerasName, ...options };
  return written(writing, 'keras.metrics', className, writeOptions({ ...config }, rows, writing));
}

/** The metric that a short name stands for: Keras has no class for that. */
function resolved(metric: MetricName, { inputShape, layers }: ModelContents, loss: string): string {
  if (metric === 'mae') return 'meanAbsoluteError';
  if (metric === 'mse') return 'meanSquaredError';
  if (metric !== 'accuracy' && metric !== 'acc') return metric;
  const shape = layers.reduce((input, layer) => outputShape(layer, input), inputShape);
  if (shape.at(-1) === 1) return 'binaryAccuracy';
  return loss === 'sparseCategoricalCrossentropy' ? 'sparseCategoricalAccuracy' : 'categoricalAccuracy';
}
