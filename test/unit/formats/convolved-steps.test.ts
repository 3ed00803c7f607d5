import { expect, test } from 'vitest';
import { convolvedSteps, keepsSteps, reachOf } from '../../../src/formats/convolved-steps.ts';
import { conv1d, type Conv1dPadding } from '../../../src/models/network/layers/conv1d.ts';
import { randomSeed, rng } from '../../harness/random.ts';

// The formats cannot import the layer, so both compute how many steps a convolution gives.
test('the formats count steps as conv1d does', () => {
  const random = rng(randomSeed());
  for (let n = 0; n < 300; n++) {
    const isDilated = random.integer(0, 1) === 1;
    const windows = {
      kernelSize: random.integer(1, 5),
      padding: (['valid', 'same', 'causal'] as Conv1dPadding[])[random.integer(0, 2)],
      strides: isDilated ? 1 : random.integer(1, 4),
      dilationRate: isDilated ? random.integer(1, 4) : 1,
    };
    // One step is kept by any strides.
    const steps = Math.max(2, random.integer(reachOf(windows), reachOf(windows) + 20));
    const [expected] = conv1d({ filters: 1, ...windows }).build('conv1d', [steps, 1]).outputShape;
    const counted = { windows, steps, got: convolvedSteps(windows, steps), isKept: keepsSteps(windows) };
    expect(counted).toEqual({ windows, steps, got: expected, isKept: expected === steps });
  }
});

test('a sequence shorter than the reach of a kernel has no window', () => {
  const windows = { kernelSize: 3, dilationRate: 2 };
  expect(convolvedSteps(windows, reachOf(windows))).toBe(1);
  expect(convolvedSteps(windows, reachOf(windows) - 1)).toBe(0);
});
