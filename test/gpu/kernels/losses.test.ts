import { describe, expect, test } from 'vitest';
import { binaryCrossentropy } from '../../../src/shaders/binary-crossentropy.ts';
import { meanSquaredError } from '../../../src/shaders/mean-squared-error.ts';
import { metric } from '../../../src/shaders/metric.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { activations } from '../../reference/activations.ts';
import { swapOuter } from '../../reference/arrays.ts';
import { binaryAccuracy, meanLoss, meanLossGradient, type LossName } from '../../reference/losses.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { update } from './updates.ts';

const shapes = [
  { steps: 1, rows: 1, features: 1, filled: 1, threads: 1 },
  { steps: 1, rows: 5, features: 1, filled: 5, threads: 8 },
  { steps: 1, rows: 5, features: 3, filled: 2, threads: 4 },
  { steps: 7, rows: 3, features: 2, filled: 3, threads: 64 },
  { steps: 7, rows: 3, features: 2, filled: 1, threads: 2 },
  { steps: 4, rows: 33, features: 5, filled: 32, threads: 256 },
];
type Shape = (typeof shapes)[number];

/** A journal of which the kernels write one number, and must leave the others as they are. */
const journalOf = { rows: 4, columns: 3, row: 2, column: 1, untouched: 7e7 };

const constantsOf = ({ steps, rows, features, threads }: Shape) => ({
  STEPS: steps,
  ROWS: rows,
  FEATURES: features,
  THREADS: threads,
  COLUMNS: journalOf.columns,
  COLUMN: journalOf.column,
});

const journal = () => new Float32Array(journalOf.rows * journalOf.columns).fill(journalOf.untouched);

/** The number noted; fails if another one changed. */
function noted(written: Float32Array): number {
  const place = journalOf.row * journalOf.columns + journalOf.column;
  const others = written.filter((_, index) => index !== place);
  expect(others).toEqual(new Float32Array(others.length).fill(journalOf.untouched));
  return written[place];
}

/** Random outputs and targets, time-major as kernels see them; and batch-major, of the filled rows alone, for the twin. */
function setUp({ steps, rows, features, filled }: Shape, draw: (random: ReturnType<typeof rng>) => number) {
  const random = rng(randomSeed());
  const size = steps * rows * features;
  const output = Float32Array.from({ length: size }, () => draw(random));
  const target = Float32Array.from({ length: size }, () => random.integer(0, 1));
  const ofSamples = (data: Float32Array) =>
    swapOuter(data, [steps, rows, features]).subarray(0, filled * steps * features);
  // The rows behind the filled ones hold whatever was there before.
  const timeMajorGradient = (gradient: Float64Array) => {
    const batchMajor = new Float64Array(size);
    batchMajor.set(gradient);
    return swapOuter(batchMajor, [rows, steps, features]);
  };
  return { size, output, target, ofSamples, timeMajorGradient };
}

/** How far WGSL lets a logarithm of a number around 1 be off. */
const LOG_ERROR = 2 ** -21;

const close = { atol: 1e-6, rtol: 5e-6, reason: 'exponentials and sums in float32' };
const closeSum = ({ filled }: Shape) => ({
  ...close,
  atol: 1e-6 + filled * LOG_ERROR,
  reason: 'one logarithm, 2^-21 off at most, in each loss',
});

interface LossCase {
  name: LossName;
  draw: (random: ReturnType<typeof rng>) => number;
  run: (
    shape: Shape,
    output: Float32Array,
    target: Float32Array,
  ) => Promise<{
    prediction?: Float32Array;
    gradient: Float32Array;
    journal: Float32Array;
  }>;
}

const frame = ({ filled }: Shape) => update({ rowCount: filled, journalRow: journalOf.row });

const crossentropy =
  (FROM_LOGITS: 0 | 1): LossCase['run'] =>
  (shape, output, target) =>
    runKernel(
      binaryCrossentropy,
      {
        update: frame(shape),
        output,
        target_value: target,
        prediction: unwritten(output.length),
        gradient: unwritten(output.length),
        journal: journal(),
      },
      { ...constantsOf(shape), FROM_LOGITS },
    );

const losses: LossCase[] = [
  { name: 'binaryCrossentropyFromLogits', draw: (random) => 3 * random.normal(), run: crossentropy(1) },
  { name: 'binaryCrossentropy', draw: (random) => random.uniform(0.01, 0.99), run: crossentropy(0) },
  {
    name: 'meanSquaredError',
    draw: (random) => random.normal(),
    run: (shape, prediction, target) =>
      runKernel(
        meanSquaredError,
        {
          update: frame(shape),
          prediction,
          target_value: target,
          gradient: unwritten(prediction.length),
          journal: journal(),
        },
        constantsOf(shape),
      ),
  },
];

describe.each(losses)('$name', ({ name, draw, run }) => {
  test.each(shapes)('$steps steps, $filled of $rows rows, $features features, $threads threads', async (shape) => {
    const { output, target, ofSamples, timeMajorGradient } = setUp(shape, draw);
    const result = await run(shape, output, target);
    const [outputs, targets] = [ofSamples(output), ofSamples(target)];

    // The journal takes the sum over samples, so that means over many batches weigh each sample alike.
    const sum = meanLoss(name, outputs, targets) * shape.filled;
    expectClose([noted(result.journal)], [sum], { ...closeSum(shape), what: 'sum of losses' });
    expectClose(result.gradient, timeMajorGradient(meanLossGradient(name, outputs, targets)), {
      ...close,
      what: 'gradient',
    });
    if (!result.prediction) return;
    const predictions = name === 'binaryCrossentropy' ? outputs : outputs.map(activations.sigmoid.value);
    expectClose(ofSamples(result.prediction), predictions, { ...close, what: 'prediction' });
  });
});

describe('binary cross-entropy at the ends', () => {
  const shape: Shape = { steps: 1, rows: 1, features: 1, filled: 1, threads: 1 };

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
    const { journal: written, gradient } = await crossentropy(1)(shape, Float32Array.of(z), Float32Array.of(y));
    const loss = meanLoss('binaryCrossentropyFromLogits', [z], [y]);
    const precise = { rtol: 5e-6, reason: 'small losses keep their digits: log(1 + x) is a series there' };
    expectClose([noted(written)], [loss], { ...precise, atol: loss < 0.01 ? 1e-13 : LOG_ERROR, what: 'loss' });
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
    const { journal: written, gradient } = await crossentropy(0)(shape, Float32Array.of(p), Float32Array.of(y));
    const expected = meanLoss('binaryCrossentropy', [p], [y]);
    expectClose([noted(written)], [expected], { ...closeSum(shape), what: 'loss' });
    expect([...gradient]).toEqual([0]);
  });
});

describe('metric', () => {
  const metrics: { name: string; METRIC: number; of: (p: Float64Array, y: Float64Array) => number }[] = [
    { name: 'binary accuracy', METRIC: 0, of: binaryAccuracy },
    { name: 'mean absolute error', METRIC: 1, of: (p, y) => meanLoss('meanAbsoluteError', p, y) },
    { name: 'mean squared error', METRIC: 2, of: (p, y) => meanLoss('meanSquaredError', p, y) },
  ];
  const run = async (shape: Shape, prediction: Float32Array, target: Float32Array, METRIC: number) => {
    const bindings = { update: frame(shape), prediction, target_value: target, journal: journal() };
    return noted((await runKernel(metric, bindings, { ...constantsOf(shape), METRIC })).journal);
  };

  describe.each(metrics)('$name', ({ METRIC, of }) => {
    test.each(shapes)('$steps steps, $filled of $rows rows, $features features, $threads threads', async (shape) => {
      const { output, target, ofSamples } = setUp(shape, (random) => random.uniform(0, 1));
      const expected = of(ofSamples(output), ofSamples(target)) * shape.filled;
      expectClose([await run(shape, output, target, METRIC)], [expected], { ...close, what: 'sum over samples' });
    });
  });

  test('takes a prediction of exactly 0.5 for 0', async () => {
    const shape: Shape = { steps: 1, rows: 2, features: 1, filled: 2, threads: 2 };
    expect(await run(shape, Float32Array.of(0.5, 0.5), Float32Array.of(0, 0), 0)).toBe(2);
  });
});
