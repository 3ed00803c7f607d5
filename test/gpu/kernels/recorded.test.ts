import { describe, expect, test } from 'vitest';
import { binaryCrossentropy } from '../../../src/shaders/losses/binary-crossentropy.ts';
import { categoricalAccuracy } from '../../../src/shaders/metrics/categorical-accuracy.ts';
import { categoricalCrossentropy } from '../../../src/shaders/losses/categorical-crossentropy.ts';
import { metric } from '../../../src/shaders/metrics/metric.ts';
import { regressionLoss } from '../../../src/shaders/losses/regression-loss.ts';
import { expectRecorded } from '../../golden/expect-recorded.ts';
import { kerasFigures, laidOut, type KerasFigure } from '../../golden/keras-losses.ts';
import { swapOuter } from '../../reference/arrays.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { update } from './updates.ts';

describe('a loss or metric is that of Keras', () => {
  /** Bindings and constants that all kernels share. */
  const shared = (figure: KerasFigure) => {
    const { samples, steps, features, targets, weights } = laidOut(figure);
    const timeMajor = (data: number[], size: number) => swapOuter(data, [samples, steps, size]);
    return {
      output: timeMajor(figure.y_pred.data, features),
      bindings: {
        update: update({ row_count: samples }),
        target_value: timeMajor(figure.y_true.data, targets),
        weights: timeMajor(weights, 1),
        journal: unwritten(figure.isMetric ? 2 : 1),
      },
      constants: { STEPS: steps, ROWS: samples, FEATURES: features, COLUMNS: 2, COLUMN: 0, THREADS: 8, WEIGHTED: 1 },
    };
  };
  const binary = (FROM_LOGITS: number, SMOOTHING: number) => (figure: KerasFigure) => {
    const { output, bindings, constants } = shared(figure);
    const written = { prediction: unwritten(output.length), gradient: unwritten(output.length) };
    const all = { ...constants, FROM_LOGITS, SMOOTHING };
    return runKernel(binaryCrossentropy, { ...bindings, ...written, output }, all);
  };
  const categorical = (FROM_LOGITS: number, SPARSE: number, SMOOTHING: number) => (figure: KerasFigure) => {
    const { output, bindings, constants } = shared(figure);
    const written = { prediction: unwritten(output.length), gradient: unwritten(output.length) };
    const all = { ...constants, FROM_LOGITS, SPARSE, SMOOTHING };
    return runKernel(categoricalCrossentropy, { ...bindings, ...written, output }, all);
  };
  const regression = (KIND: number) => (figure: KerasFigure) => {
    const { output: prediction, bindings, constants } = shared(figure);
    const all = { ...bindings, prediction, gradient: unwritten(prediction.length) };
    return runKernel(regressionLoss, all, { ...constants, KIND, DELTA: 1 });
  };
  const elements = (METRIC: number, THRESHOLD: number) => (figure: KerasFigure) => {
    const { output: prediction, bindings, constants } = shared(figure);
    return runKernel(metric, { ...bindings, prediction }, { ...constants, METRIC, THRESHOLD });
  };
  const classes = (SPARSE: number) => (figure: KerasFigure) => {
    const { output: prediction, bindings, constants } = shared(figure);
    return runKernel(categoricalAccuracy, { ...bindings, prediction }, { ...constants, SPARSE });
  };

  type Run = (figure: KerasFigure) => Promise<Record<'journal', Float32Array>>;
  const losses: Record<string, Run> = {
    BinaryCrossentropy: binary(0, 0),
    'BinaryCrossentropy(from_logits)': binary(1, 0),
    'BinaryCrossentropy(label_smoothing=0.1)': binary(0, 0.1),
    CategoricalCrossentropy: categorical(0, 0, 0),
    'CategoricalCrossentropy(from_logits)': categorical(1, 0, 0),
    'CategoricalCrossentropy(unnormalised preds)': categorical(0, 0, 0),
    'CategoricalCrossentropy(label_smoothing=0.1)': categorical(0, 0, 0.1),
    SparseCategoricalCrossentropy: categorical(0, 1, 0),
    'SparseCategoricalCrossentropy(from_logits)': categorical(1, 1, 0),
    MeanSquaredError: regression(0),
    MeanAbsoluteError: regression(1),
    Huber: regression(2),
  };
  const metrics: Record<string, Run> = {
    BinaryAccuracy: elements(0, 0.5),
    'BinaryAccuracy(threshold=0.495)': elements(0, 0.495),
    MeanAbsoluteError: elements(1, 0),
    MeanSquaredError: elements(2, 0),
    CategoricalAccuracy: classes(0),
    SparseCategoricalAccuracy: classes(1),
  };

  test.each(kerasFigures)('$name, metric: $isMetric, weights $sample_weight.shape', async (figure) => {
    const { journal } = await (figure.isMetric ? metrics : losses)[figure.name](figure);
    const seen = figure.isMetric ? journal[0] / journal[1] : journal[0] / figure.y_pred.shape[0];
    const close = { atol: 1e-6, rtol: 1e-6, reason: 'a float32 mean' };
    expectRecorded([seen], [figure.value], { ...close, what: `Keras, ${figure.name}` });
    expect(figure.y_pred.data.length).toBeGreaterThan(0);
  });
});
