import { describe, expect, test } from 'vitest';
import { binaryCrossentropy } from '../../../src/shaders/binary-crossentropy.ts';
import { categoricalAccuracy } from '../../../src/shaders/categorical-accuracy.ts';
import { categoricalCrossentropy } from '../../../src/shaders/categorical-crossentropy.ts';
import { metric } from '../../../src/shaders/metric.ts';
import { regressionLoss } from '../../../src/shaders/regression-loss.ts';
import { stepWeights } from '../../../src/shaders/step-weights.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { meanLoss, meanLossGradient } from '../../reference/losses.ts';
import {
  positionLosses,
  predictionOf,
  type PositionLoss,
  type PositionLossName,
} from '../../reference/position-losses.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { update } from './updates.ts';

type Random = ReturnType<typeof rng>;

const shapes = [
  { steps: 1, rows: 1, features: 1, filled: 1, threads: 1 },
  { steps: 1, rows: 5, features: 1, filled: 5, threads: 8 },
  { steps: 1, rows: 5, features: 3, filled: 2, threads: 4 },
  { steps: 7, rows: 3, features: 2, filled: 3, threads: 64 },
  { steps: 7, rows: 3, features: 2, filled: 1, threads: 2 },
  { steps: 4, rows: 33, features: 5, filled: 32, threads: 256 },
];
type Shape = (typeof shapes)[number];

const weightings = [
  { isWeighted: false, over: shapes },
  { isWeighted: true, over: shapes.slice(2, 4) },
];

/** A journal of which the kernels write one number or two, and must leave the others as they are. */
const journalOf = { rows: 4, columns: 4, row: 2, column: 1, untouched: 7e7 };

const constantsOf = ({ steps, rows, features, threads }: Shape, isWeighted: boolean) => ({
  STEPS: steps,
  ROWS: rows,
  FEATURES: features,
  THREADS: threads,
  COLUMNS: journalOf.columns,
  COLUMN: journalOf.column,
  WEIGHTED: Number(isWeighted),
});

const journal = () => new Float32Array(journalOf.rows * journalOf.columns).fill(journalOf.untouched);

/** The numbers noted; fails if another one changed. */
function noted(written: Float32Array, count: number): number[] {
  const place = journalOf.row * journalOf.columns + journalOf.column;
  const others = written.filter((_, index) => index < place || index >= place + count);
  expect(others).toEqual(new Float32Array(others.length).fill(journalOf.untouched));
  return [...written.subarray(place, place + count)];
}

const frame = ({ filled }: Shape) => update({ rowCount: filled, journalRow: journalOf.row });

/** Numbers of each position of a time-major array: [steps * rows][size]. */
const positions = (data: Float32Array, size: number): number[][] =>
  Array.from({ length: data.length / size }, (_, n) => [...data.subarray(n * size, (n + 1) * size)]);

/** Random outputs, targets and weights, some of them 0; rows without a sample hold what must not be looked at. */
function setUp(shape: Shape, draw: (random: Random) => number, sparse: boolean, isWeighted: boolean) {
  const { steps, rows, features, filled } = shape;
  const random = rng(randomSeed());
  const isFilled = (position: number) => position % rows < filled;
  const fill = (size: number, value: () => number) =>
    Float32Array.from({ length: steps * rows * size }, (_, n) => (isFilled(Math.floor(n / size)) ? value() : NaN));
  const output = fill(features, () => draw(random));
  const target = fill(sparse ? 1 : features, () => random.integer(0, sparse ? features - 1 : 1));
  const weight = fill(1, () => (isWeighted ? random.integer(0, 2) * random.uniform(0.2, 2) : 1));
  return { output, target, weight, weights: weight.map((value, n) => (isFilled(n) ? value : 0)) };
}

/** How far WGSL lets a logarithm of a number around 1 be off. */
const LOG_ERROR = 2 ** -21;

const close = { atol: 1e-6, rtol: 5e-6, reason: 'exponentials and sums in float32' };

interface LossCase {
  draw: (random: Random) => number;
  constants: { FROM_LOGITS?: number; SMOOTHING?: number; SPARSE?: number; KIND?: number };
  prediction?: keyof typeof predictionOf;
}

const ofLogits = (random: Random) => 3 * random.normal();
const ofProbabilities = (random: Random) => random.uniform(0.01, 0.99);
const binary = (FROM_LOGITS: number, SMOOTHING: number): LossCase => ({
  draw: FROM_LOGITS ? ofLogits : ofProbabilities,
  constants: { FROM_LOGITS, SMOOTHING },
  prediction: FROM_LOGITS ? 'sigmoid' : undefined,
});
const categorical = (FROM_LOGITS: number, SPARSE: number, SMOOTHING: number): LossCase => ({
  draw: FROM_LOGITS ? ofLogits : ofProbabilities,
  constants: { FROM_LOGITS, SPARSE, SMOOTHING },
  prediction: FROM_LOGITS ? 'softmax' : undefined,
});
const regression = (KIND: number): LossCase => ({ draw: (random) => 1.5 * random.normal(), constants: { KIND } });

const cases: Record<PositionLossName, LossCase> = {
  binaryCrossentropy: binary(0, 0),
  'binaryCrossentropy from logits': binary(1, 0),
  'binaryCrossentropy, smoothed': binary(0, 0.1),
  'binaryCrossentropy from logits, smoothed': binary(1, 0.1),
  categoricalCrossentropy: categorical(0, 0, 0),
  'categoricalCrossentropy from logits': categorical(1, 0, 0),
  'categoricalCrossentropy, smoothed': categorical(0, 0, 0.1),
  'categoricalCrossentropy from logits, smoothed': categorical(1, 0, 0.1),
  sparseCategoricalCrossentropy: categorical(0, 1, 0),
  'sparseCategoricalCrossentropy from logits': categorical(1, 1, 0),
  meanSquaredError: regression(0),
  meanAbsoluteError: regression(1),
  huber: regression(2),
};

type Arrays = Record<'output' | 'target' | 'weight', Float32Array>;

/** Runs the kernel of a loss. */
async function run(
  { constants }: Pick<LossCase, 'constants'>,
  shape: Shape,
  { output, target, weight }: Arrays,
  isWeighted: boolean,
): Promise<{ prediction?: Float32Array; gradient: Float32Array; journal: Float32Array }> {
  const { FROM_LOGITS = 0, SMOOTHING = 0, SPARSE, KIND } = constants;
  const shared = { update: frame(shape), target_value: target, weights: weight, journal: journal() };
  const written = { gradient: unwritten(output.length) };
  const sizes = constantsOf(shape, isWeighted);
  if (KIND !== undefined) {
    return runKernel(regressionLoss, { ...shared, ...written, prediction: output }, { ...sizes, KIND, DELTA: 1 });
  }
  const bindings = { ...shared, ...written, output, prediction: unwritten(output.length) };
  if (SPARSE === undefined) return runKernel(binaryCrossentropy, bindings, { ...sizes, FROM_LOGITS, SMOOTHING });
  return runKernel(categoricalCrossentropy, bindings, { ...sizes, FROM_LOGITS, SMOOTHING, SPARSE });
}

describe.each(Object.entries(cases))('%s', (name, lossCase) => {
  const loss: PositionLoss = positionLosses[name as PositionLossName];
  describe.each(weightings)('weighted: $isWeighted', ({ isWeighted, over }) => {
    test.each(over)('$steps steps, $filled of $rows rows, $features features, $threads threads', async (shape) => {
      const { steps, features, filled } = shape;
      const arrays = setUp(shape, lossCase.draw, loss.sparse ?? false, isWeighted);
      const result = await run(lossCase, shape, arrays, isWeighted);
      const outputs = positions(arrays.output, features);
      const targets = positions(arrays.target, loss.sparse ? 1 : features);
      const { weights } = arrays;

      // The journal takes the sum over samples, so that means over many batches weigh each sample alike.
      const values = outputs.map((output, n) => (weights[n] === 0 ? 0 : weights[n] * loss.value(output, targets[n])));
      const total = values.reduce((sum, value) => sum + value, 0) / steps;
      expectClose(noted(result.journal, 1), [total], {
        ...close,
        atol: 1e-6 + 2 * filled * LOG_ERROR,
        reason: 'one logarithm, 2^-21 off at most, in each loss, and weights up to 4',
        what: 'sum of losses',
      });
      const gradient = outputs.flatMap((output, n) =>
        weights[n] === 0
          ? output.map(() => 0)
          : loss.gradient(output, targets[n]).map((slope) => (weights[n] * slope) / (steps * filled)),
      );
      expectClose(result.gradient, gradient, { ...close, what: 'gradient' });

      const places = outputs.flatMap((_, n) => (Number.isNaN(arrays.output[n * features]) ? [] : [n]));
      const { prediction } = lossCase;
      const predicted = positions(result.prediction ?? arrays.output, features);
      expectClose(
        places.flatMap((n) => predicted[n]),
        places.flatMap((n) => (prediction ? predictionOf[prediction](outputs[n]) : outputs[n])),
        { ...close, what: 'prediction' },
      );
    });
  });
});

describe('binary cross-entropy at the ends', () => {
  const shape: Shape = { steps: 1, rows: 1, features: 1, filled: 1, threads: 1 };
  const of = (FROM_LOGITS: number, output: number, target: number) =>
    run(
      { constants: { FROM_LOGITS } },
      shape,
      { output: Float32Array.of(output), target: Float32Array.of(target), weight: Float32Array.of(NaN) },
      false,
    );

  test.each([
    [100, 0],
    [100, 1],
    [-100, 0],
    [-100, 1],
    [40, 1],
    [-20, 0],
    [-1e-6, 1],
    [0, 0],
  ])('of logit %f and target %i', async (z, y) => {
    const { journal: written, gradient } = await of(1, z, y);
    const loss = meanLoss('binaryCrossentropyFromLogits', [z], [y]);
    const precise = { rtol: 5e-6, reason: 'small losses keep their digits: log(1 + x) is a series there' };
    expectClose(noted(written, 1), [loss], { ...precise, atol: loss < 0.01 ? 1e-13 : LOG_ERROR, what: 'loss' });
    const slope = meanLossGradient('binaryCrossentropyFromLogits', [z], [y]);
    expectClose(gradient, slope, { atol: 6e-8, rtol: 5e-6, what: 'gradient', reason: 'p - 1 keeps the rounding of p' });
  });

  test.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [1e-8, 1],
  ])('of probability %f, which is clipped, and target %i', async (p, y) => {
    const { journal: written, gradient } = await of(0, p, y);
    const expected = meanLoss('binaryCrossentropy', [p], [y]);
    expectClose(noted(written, 1), [expected], { ...close, atol: 1e-6 + LOG_ERROR, what: 'loss' });
    expect([...gradient]).toEqual([0]);
  });
});

test.each([0, 1])(
  'categorical cross-entropy of far-off logits and of clipped probabilities, sparse %i',
  async (SPARSE) => {
    const shape: Shape = { steps: 1, rows: 1, features: 3, filled: 1, threads: 1 };
    const target = Float32Array.from(SPARSE ? [2] : [0, 0, 1]);
    const weight = Float32Array.of(NaN);
    for (const [FROM_LOGITS, output] of [
      [1, [200, -100, -200]],
      [0, [1, 0, 0]],
    ] as const) {
      const constants = { FROM_LOGITS, SPARSE, SMOOTHING: 0 };
      const arrays = { output: Float32Array.from(output), target, weight };
      const { journal: written, gradient } = await run({ constants }, shape, arrays, false);
      const twin =
        `${SPARSE ? 'sparseCategorical' : 'categorical'}Crossentropy${FROM_LOGITS ? ' from logits' : ''}` as const;
      const loss: PositionLoss = positionLosses[twin];
      expectClose(noted(written, 1), [loss.value([...output], [...target])], { ...close, what: 'loss' });
      expectClose(gradient, loss.gradient([...output], [...target]), { ...close, what: 'gradient' });
    }
  },
);

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

describe('weights of steps', () => {
  test.each(shapes)(
    '$steps steps, $filled of $rows rows, $threads threads',
    async ({ steps, rows, filled, threads }) => {
      const random = rng(randomSeed());
      const mask = Float32Array.from({ length: steps * rows }, () => random.integer(0, 1));
      const sample_weights = random.array(steps * rows, 1);
      const counts = (n: number) => mask[n] * Number(n % rows < filled);
      const valid = mask.reduce((sum, _, n) => sum + counts(n), 0);
      for (const [WEIGHTED, NORMALIZED] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ]) {
        const { weights } = await runKernel(
          stepWeights,
          { update: update({ rowCount: filled }), mask, sample_weights, weights: unwritten(steps * rows) },
          { STEPS: steps, ROWS: rows, THREADS: threads, WEIGHTED, NORMALIZED },
        );
        const scale = NORMALIZED ? (steps * filled) / (valid + 1e-7) : 1;
        const expected = [...mask.keys()].map((n) => counts(n) * scale * (WEIGHTED ? sample_weights[n] : 1));
        expectClose(weights, expected, { atol: 0, rtol: 1e-6, what: 'weights', reason: 'a product and a quotient' });
      }
    },
  );
});
