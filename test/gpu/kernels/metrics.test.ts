import { describe, expect, test } from 'vitest';
import { categoricalAccuracy } from '../../../src/shaders/metrics/categorical-accuracy.ts';
import { metric } from '../../../src/shaders/metrics/metric.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { runKernel } from '../run-kernel.ts';
import { close, constantsOf, frame, journal, noted, positions, setUp, weightings } from './figures.ts';
import type { Arrays, Shape } from './figures.ts';

describe('metrics', () => {
  const isRight = (p: readonly number[], y: readonly number[]) => y[0] === p.indexOf(Math.max(...p));
  const mean = (of: (p: number, y: number) => number) => (p: readonly number[], y: readonly number[]) =>
    p.reduce((sum, value, k) => sum + of(value, y[k]), 0) / p.length;
  const metrics = [
    { name: 'binary accuracy', METRIC: 0, of: mean((p, y) => Number(Number(p > 0.3) === y)) },
    { name: 'mean absolute error', METRIC: 1, of: mean((p, y) => Math.abs(p - y)) },
    { name: 'mean squared error', METRIC: 2, of: mean((p, y) => (p - y) ** 2) },
    {
      name: 'categorical accuracy',
      SPARSE: 0,
      of: (p: readonly number[], y: readonly number[]) => Number(isRight(p, [y.indexOf(Math.max(...y))])),
    },
    {
      name: 'sparse categorical accuracy',
      SPARSE: 1,
      of: (p: readonly number[], y: readonly number[]) => Number(isRight(p, y)),
    },
  ];
  const runMetric = async (
    { METRIC, SPARSE }: { METRIC?: number; SPARSE?: number },
    shape: Shape,
    { output: prediction, target, weight }: Arrays,
    isWeighted: boolean,
  ) => {
    const bindings = { update: frame(shape), prediction, target_value: target, weights: weight, journal: journal() };
    const sizes = constantsOf(shape, isWeighted);
    const { journal: written } =
      SPARSE === undefined
        ? await runKernel(metric, bindings, { ...sizes, METRIC: METRIC!, THRESHOLD: 0.3 })
        : await runKernel(categoricalAccuracy, bindings, { ...sizes, SPARSE });
    return noted(written, 2);
  };

  describe.each(metrics)('$name', ({ of, ...kind }) => {
    describe.each(weightings)('weighted: $isWeighted', ({ isWeighted, over }) => {
      test.each(over)('$steps steps, $filled of $rows rows, $features features, $threads threads', async (shape) => {
        const { steps, features } = shape;
        const sparse = kind.SPARSE === 1;
        const arrays = setUp(shape, (random) => random.uniform(0, 1), sparse, isWeighted);
        const predictions = positions(arrays.output, features);
        const targets = positions(arrays.target, sparse ? 1 : features);
        const { weights } = arrays;
        const values = predictions.map((p, n) => (weights[n] === 0 ? 0 : weights[n] * of(p, targets[n])));
        const sums = [values, [...weights]].map((list) => list.reduce((sum, value) => sum + value, 0) / steps);
        expectClose(await runMetric(kind, shape, arrays, isWeighted), sums, { ...close, what: 'sum, sum of weights' });
      });
    });
  });

  test('a prediction of exactly the threshold counts as 0', async () => {
    const shape: Shape = { steps: 1, rows: 2, features: 1, filled: 2, threads: 2 };
    const output = Float32Array.of(0.3, 0.3);
    const arrays = { output, target: Float32Array.of(0, 0), weight: Float32Array.of(NaN) };
    expect(await runMetric({ METRIC: 0 }, shape, arrays, false)).toEqual([2, 2]);
  });

  test('of equal outputs the first is the largest', async () => {
    const shape: Shape = { steps: 1, rows: 1, features: 3, filled: 1, threads: 1 };
    const arrays = { output: Float32Array.of(1, 2, 2), target: Float32Array.of(1), weight: Float32Array.of(NaN) };
    expect(await runMetric({ SPARSE: 1 }, shape, arrays, false)).toEqual([1, 1]);
  });
});
