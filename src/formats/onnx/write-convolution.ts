import { convolvedSteps, keepsSteps, reachOf, type Windows } from '../convolved-steps.ts';
import { withAxesReversed } from '../weight-layouts.ts';
import type { AttributeValue, Dimension, GraphBuilder, Options, Passing } from './graph-builder.ts';

/** Adds a Conv, which takes and gives [batch, features, steps], and a Transpose on either side of it. */
export function writeConvolution(builder: GraphBuilder, name: string, options: Options, input: Passing): Passing {
  const windows = options as unknown as Windows;
  const { kernelSize, strides = 1, dilationRate = 1 } = windows;
  const filters = options.filters as number;
  const inputs = [
    builder.node(name, 'Transpose', [input.name], { perm: { ints: [0, 2, 1] } }, 'featuresFirst'),
    writeKernel(builder, name, kernelSize, input.features, filters),
  ];
  if (options.useBias !== false) {
    const bias = builder.weight(name, [filters]);
    inputs.push(builder.floats(`${name}/bias`, bias.shape, bias.data));
  }
  const convolved = builder.node(name, 'Conv', inputs, {
    kernel_shape: { ints: [kernelSize] },
    strides: { ints: [strides] },
    dilations: { ints: [dilationRate] },
    ...paddingOf(windows),
  });
  const output = builder.node(name, 'Transpose', [convolved], { perm: { ints: [0, 2, 1] } }, 'stepsFirst');
  return { ...input, name: output, features: filters, steps: stepsBehind(name, windows, input.steps) };
}

/** [kernelSize, features, filters] as [filters, features, kernelSize]. */
function writeKernel(
  builder: GraphBuilder,
  name: string,
  kernelSize: number,
  features: number,
  filters: number,
): string {
  const { shape, data } = builder.weight(name, [kernelSize, features, filters]);
  return builder.floats(`${name}/kernel`, shape.toReversed(), withAxesReversed(data, shape));
}

/** With strides `same` depends on how many steps there are, which only `auto_pad` can say. */
function paddingOf(windows: Windows): Record<string, AttributeValue> {
  const { strides = 1, padding = 'valid' } = windows;
  if (padding === 'same' && strides > 1 && windows.kernelSize > 1) return { auto_pad: 'SAME_UPPER' };
  const missing = padding === 'valid' ? 0 : reachOf(windows) - 1;
  const front = padding === 'causal' ? missing : Math.floor(missing / 2);
  return { pads: { ints: [front, missing - front] } };
}

/** The steps behind a convolution: a number of their own where they are not those in front of it. */
function stepsBehind(name: string, windows: Windows, steps: Dimension | undefined): Dimension | undefined {
  if (typeof steps === 'number') return convolvedSteps(windows, steps);
  return keepsSteps(windows) ? steps : `${name}/steps`;
}
