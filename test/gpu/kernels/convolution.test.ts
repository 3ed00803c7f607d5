import { expect, test } from 'vitest';
import { gatherWindows } from '../../../src/shaders/convolution/window-gather.ts';
import { sumWindows } from '../../../src/shaders/convolution/window-sum.ts';
import { PART_SIZES } from '../../../src/shaders/convolution/windows.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { windowsOf } from '../../reference/convolution.ts';
import { runKernel, unwritten } from '../run-kernel.ts';

const shapes = [
  { steps: 1, rows: 1, features: 1, kernelSize: 1, strides: 1, padding: 'valid', dilationRate: 1 },
  { steps: 7, rows: 3, features: 2, kernelSize: 3, strides: 1, padding: 'valid', dilationRate: 2 },
  { steps: 9, rows: 2, features: 5, kernelSize: 4, strides: 3, padding: 'valid', dilationRate: 1 },
  { steps: 8, rows: 2, features: 3, kernelSize: 2, strides: 3, padding: 'same', dilationRate: 1 },
  { steps: 5, rows: 33, features: 1, kernelSize: 4, strides: 2, padding: 'same', dilationRate: 1 },
  { steps: 4, rows: 2, features: 65, kernelSize: 3, strides: 1, padding: 'same', dilationRate: 3 },
  { steps: 6, rows: 3, features: 4, kernelSize: 3, strides: 1, padding: 'causal', dilationRate: 2 },
  { steps: 6, rows: 1, features: 2, kernelSize: 5, strides: 4, padding: 'causal', dilationRate: 1 },
] as const;

const cases = (['scalars', 'vectors'] as const).flatMap((parts) =>
  shapes.map((shape) => ({ ...shape, features: shape.features * PART_SIZES[parts], parts })),
);

test.each(cases)('windows of $kernelSize of $steps steps, $padding, strides $strides, $parts', async (shape) => {
  const { parts, steps, rows, features, kernelSize, strides, dilationRate } = shape;
  const { count, first } = windowsOf(shape, steps);
  const constants = {
    STEPS: steps,
    ROWS: rows,
    PARTS: features / PART_SIZES[parts],
    WINDOWS: count,
    TAPS: kernelSize,
    STRIDE: strides,
    DILATION: dilationRate,
    PADDING: -first,
  };
  const random = rng(randomSeed());
  const input = random.array(steps * rows * features, 1);
  /** The place in the input of each number of the windows; `undefined` for padding. */
  const sources = Array.from({ length: count * rows * kernelSize * features }, (_, index) => {
    const [feature, tap] = [index % features, Math.floor(index / features) % kernelSize];
    const position = Math.floor(index / (features * kernelSize));
    const step = first + strides * Math.floor(position / rows) + dilationRate * tap;
    return step < 0 || step >= steps ? undefined : (step * rows + (position % rows)) * features + feature;
  });

  const { windows } = await runKernel(gatherWindows[parts], { input, windows: unwritten(sources.length) }, constants);
  expect([...windows]).toEqual(sources.map((at) => (at === undefined ? 0 : input[at])));

  const windows_gradient = random.array(sources.length, 1);
  const sums = new Float64Array(input.length);
  sources.forEach((at, index) => {
    if (at !== undefined) sums[at] += windows_gradient[index];
  });
  const bindings = { windows_gradient, input_gradient: unwritten(input.length) };
  const { input_gradient } = await runKernel(sumWindows[parts], bindings, constants);
  expectClose(input_gradient, sums, { atol: 1e-6, rtol: 1e-6, what: 'sum of windows', reason: 'up to 5 roundings' });
});
