import { describe, expect, test } from 'vitest';
import { applyMask } from '../../../src/shaders/sequences/apply-mask.ts';
import { directionMerge } from '../../../src/shaders/sequences/direction-merge.ts';
import { directionSplit } from '../../../src/shaders/sequences/direction-split.ts';
import { embeddingGradient } from '../../../src/shaders/layers/embedding-gradient.ts';
import { embeddingMask } from '../../../src/shaders/sequences/embedding-mask.ts';
import { lookUp } from '../../../src/shaders/layers/embedding.ts';
import { lastStepBackward } from '../../../src/shaders/sequences/last-step-backward.ts';
import { takeLastStep } from '../../../src/shaders/sequences/last-step.ts';
import { findMask } from '../../../src/shaders/sequences/masking.ts';
import { repeatSteps } from '../../../src/shaders/sequences/repeat-vector.ts';
import { sumSteps } from '../../../src/shaders/sequences/sum-steps.ts';
import { timeFlip } from '../../../src/shaders/sequences/time-flip.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { runKernel, unwritten } from '../run-kernel.ts';

// Kernels that move numbers or leave them out: every expectation is exact but for the sums.

const shapes = [
  { steps: 1, rows: 1, features: 1 },
  { steps: 7, rows: 3, features: 2 },
  { steps: 5, rows: 1, features: 65 },
  { steps: 3, rows: 33, features: 4 },
];

/** [T, B] of zeros and ones; the first row is all padding if there are others. */
const randomMask = (random: ReturnType<typeof rng>, steps: number, rows: number) =>
  Float32Array.from({ length: steps * rows }, (_, n) => (rows > 1 && n % rows === 0 ? 0 : random.integer(0, 1)));

describe.each(shapes)('$steps steps, $rows rows, $features features', ({ steps, rows, features }) => {
  const size = steps * rows * features;
  const stride = rows * features;

  test.each([0, -1.5])('masking by %f', async (maskValue) => {
    const random = rng(randomSeed());
    const mask = randomMask(random, steps, rows);
    const input = Float32Array.from({ length: size }, (_, index) => {
      if (mask[Math.floor(index / features)] === 0) return maskValue;
      // One feature of another value is enough for a step to count.
      const [step, feature] = [Math.floor(index / features), index % features];
      return feature === step % features ? random.uniform(1, 2) : maskValue;
    });
    const constants = { SAMPLES: steps * rows, FEATURES: features };
    const found = await runKernel(
      findMask,
      { input, output: unwritten(size), mask: unwritten(mask.length) },
      { ...constants, MASK_VALUE: maskValue },
    );
    const kept = (data: Float32Array) => data.map((x, index) => (mask[Math.floor(index / features)] === 0 ? 0 : x));
    expect([...found.mask]).toEqual([...mask]);
    expect([...found.output]).toEqual([...kept(input)]);

    const gradient = random.array(size, 1);
    const masked = { mask, input: gradient, output: unwritten(size) };
    const { output } = await runKernel(applyMask, masked, { ...constants, ZEROED: 0 });
    expect([...output]).toEqual([...kept(gradient)]);
    const counted = await runKernel(applyMask, masked, { ...constants, ZEROED: 1 });
    expect(counted.output).toEqual(gradient.map((x, n) => (mask[Math.floor(n / features)] === 1 ? 0 : x)));
  });

  test('embedding', async () => {
    const random = rng(randomSeed());
    const tableRows = 5;
    const indices = Float32Array.from({ length: rows * steps }, () => random.integer(0, tableRows - 2));
    const table = random.array(tableRows * features, 1);
    const positions = { POSITIONS: rows * steps };
    const constants = { ...positions, COLUMNS: features };
    const { output } = await runKernel(lookUp, { indices, table, output: unwritten(size) }, constants);
    const expected = Array.from(
      output,
      (_, at) => table[indices[Math.floor(at / features)] * features + (at % features)],
    );
    expect([...output]).toEqual(expected);

    const { mask } = await runKernel(embeddingMask, { indices, mask: unwritten(steps * rows) }, positions);
    expect([...mask]).toEqual(Array.from(indices, (index) => (index === 0 ? 0 : 1)));

    const gradient = random.array(size, 1);
    const sums = new Float64Array(table.length);
    gradient.forEach((g, at) => (sums[indices[Math.floor(at / features)] * features + (at % features)] += g));
    const reason = 'sums of up to 100 numbers around 1';
    for (const SPAN of new Set([1, Math.min(3, features), features])) {
      const collected = await runKernel(
        embeddingGradient,
        { indices, output_gradient: gradient, gradient: unwritten(table.length) },
        { ...constants, TABLE_ROWS: tableRows, SPAN },
      );
      const what = `gradient of the table, ${SPAN} columns an invocation`;
      expectClose(collected.gradient, sums, { atol: 5e-6, rtol: 1e-6, what, reason });
      // Nobody looked up the last row.
      expect(collected.gradient.slice(-features)).toEqual(new Float32Array(features));
    }
  });

  test('repeat-vector and sum-steps', async () => {
    const random = rng(randomSeed());
    const input = random.array(stride, 1);
    const constants = { STEPS: steps, ELEMENTS: stride };
    const { output } = await runKernel(repeatSteps, { input, output: unwritten(size) }, constants);
    expect([...output]).toEqual(Array.from(output, (_, index) => input[index % stride]));

    const gradient = random.array(size, 1);
    const sums = new Float64Array(stride);
    gradient.forEach((g, index) => (sums[index % stride] += g));
    const summed = await runKernel(sumSteps, { input: gradient, output: unwritten(stride) }, constants);
    expectClose(summed.output, sums, { atol: 1e-6, rtol: 1e-6, what: 'sum over steps', reason: 'up to 7 roundings' });
  });

  test.each([0, 1])('last-step, masked %i', async (MASKED) => {
    const random = rng(randomSeed());
    const mask = randomMask(random, steps, rows);
    const input = random.array(size, 1);
    const constants = { STEPS: steps, ROWS: rows, FEATURES: features, MASKED };
    const { output } = await runKernel(takeLastStep, { mask, input, output: unwritten(stride) }, constants);
    const lastOf = (row: number) => {
      const valid = Array.from({ length: steps }, (_, t) => t).filter((t) => !MASKED || mask[t * rows + row] === 1);
      return valid.at(-1) ?? -1;
    };
    const lasts = Array.from({ length: rows }, (_, row) => lastOf(row));
    const rowOf = (index: number) => Math.floor((index % stride) / features);
    const expected = Array.from(output, (_, index) => {
      const last = lasts[rowOf(index)];
      return last < 0 ? 0 : input[last * stride + index];
    });
    expect([...output]).toEqual(expected);

    const gradient = random.array(stride, 1);
    const bindings = { mask, output_gradient: gradient, input_gradient: unwritten(size) };
    const { input_gradient } = await runKernel(lastStepBackward, bindings, constants);
    const spread = Array.from(input_gradient, (_, index) =>
      Math.floor(index / stride) === lasts[rowOf(index)] ? gradient[index % stride] : 0,
    );
    expect([...input_gradient]).toEqual(spread);
  });

  test('time-flip', async () => {
    const input = rng(randomSeed()).array(size, 1);
    const { output } = await runKernel(
      timeFlip,
      { input, output: unwritten(size) },
      { STEPS: steps, ELEMENTS: stride },
    );
    const turned = (index: number) => (steps - 1 - Math.floor(index / stride)) * stride + (index % stride);
    expect([...output]).toEqual(Array.from(output, (_, index) => input[turned(index)]));
  });

  test.each([
    { mode: 0, MASKED: 0 },
    { mode: 1, MASKED: 1 },
    { mode: 2, MASKED: 0 },
    { mode: 3, MASKED: 0 },
    { mode: 0, MASKED: 1 },
    { mode: 2, MASKED: 1 },
    { mode: 3, MASKED: 1 },
  ])('direction-merge and direction-split, mode $mode, masked $MASKED', async ({ mode, MASKED }) => {
    const random = rng(randomSeed());
    const [forward, reversed] = [random.array(size, 1), random.array(size, 1)];
    const mask = randomMask(random, steps, rows);
    const constants = { STEPS: steps, ROWS: rows, UNITS: features, MODE: mode, MASKED };
    const width = mode === 0 ? 2 : 1;
    const turned = (index: number) => (steps - 1 - Math.floor(index / stride)) * stride + (index % stride);
    const counts = (index: number) => !MASKED || mask[Math.floor(index / features)] === 1;
    const place = (index: number) => Math.floor(index / features) * width * features + (index % features);

    const { merged } = await runKernel(
      directionMerge,
      { forward, reversed, mask, merged: unwritten(width * size) },
      constants,
    );
    const gradient = random.array(width * size, 1);
    const split = await runKernel(
      directionSplit,
      {
        gradient,
        forward,
        reversed,
        mask,
        forward_gradient: unwritten(size),
        reversed_gradient: unwritten(size),
      },
      constants,
    );

    const expected = new Float64Array(width * size);
    const [df, dr] = [new Float64Array(size), new Float64Array(size)];
    for (let index = 0; index < size; index++) {
      if (!counts(index)) continue;
      const [f, r] = [forward[index], reversed[turned(index)]];
      const at = place(index);
      const g = gradient[at];
      if (mode === 0) {
        expected.set([f], at);
        expected.set([r], at + features);
        [df[index], dr[turned(index)]] = [g, gradient[at + features]];
      } else {
        expected[at] = [f + r, f * r, (f + r) / 2][mode - 1];
        [df[index], dr[turned(index)]] = [
          [g, g],
          [g * r, g * f],
          [g / 2, g / 2],
        ][mode - 1];
      }
    }
    const close = { atol: 0, rtol: 1e-6, reason: 'one rounding, two for the mean' };
    const sumClose = { ...close, atol: 2e-7, reason: 'one rounding of a sum that may cancel' };
    expectClose(merged, expected, { ...sumClose, what: 'merged' });
    expectClose(split.forward_gradient, df, { ...close, what: 'forward gradient' });
    expectClose(split.reversed_gradient, dr, { ...close, what: 'reversed gradient' });
  });
});
