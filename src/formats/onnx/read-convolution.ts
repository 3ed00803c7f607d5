import type { Conv1dPadding } from '../../index.ts';
import { convolvedSteps, keepsSteps, reachOf, type Windows } from '../convolved-steps.ts';
import { show } from '../reading.ts';
import { sameShape, shapeText } from '../shape.ts';
import { withAxesReversed } from '../weight-layouts.ts';
import type { Chain } from './chain.ts';
import type { GraphNode } from './graph-node.ts';
import { ownFloats, type Constant } from './tensors.ts';
import type { Axis, Flow } from './values.ts';

/** Reads a convolution over the steps of [batch, features, steps], with weights [filters, features, kernelSize]. */
export function readConvolution(chain: Chain, node: GraphNode): Flow {
  const given = chain.flow(node, 0);
  const kernel = chain.weights(node, 1);
  const bias = chain.optional(node, 2) && chain.weights(node, 2);
  const taken = chain.take(node, given);
  const [batch, features, time] = checkedAxes(chain, node, taken, kernel);
  const [filters, , kernelSize] = kernel.shape;
  if (bias && !sameShape(bias.shape, [filters])) {
    node.refuse(`has a bias ${shapeText(bias.shape)}, expected [${filters}], one for each filter`);
  }
  const [strides, dilationRate] = [oneSize(node, 'strides', 1), oneSize(node, 'dilations', 1)];
  if (strides > 1 && dilationRate > 1) node.refuse('has both strides and dilations, which conv1d has not, as in Keras');
  const padding = paddingOf(node, { kernelSize, strides, dilationRate }, time.size);
  const windows = { kernelSize, strides, padding, dilationRate };
  chain.endMask();
  const layer = {
    type: 'conv1d',
    options: { filters, ...windows, activation: 'linear', useBias: bias !== undefined },
    weights: [libraryKernel(kernel), ...(bias ? [ownFloats(bias)] : [])],
    path: node.layerPath,
  };
  const output = [batch, { ...features, size: filters }, timeBehind(node, windows, time)];
  return chain.add(layer, taken, output);
}

function checkedAxes(
  chain: Chain,
  node: GraphNode,
  { axes, isReversed, isInteger }: Flow,
  { shape }: Constant,
): Axis[] {
  if (axes.length !== 3 || shape.length !== 3 || isInteger) {
    node.refuse(
      `convolves ${axes.length} dimensions with weights ${shapeText(shape)}`,
      'Expected are [batch, features, steps] and [filters, features, kernelSize].',
    );
  }
  if (isReversed) node.refuse('takes steps in reverse order');
  const group = node.int('group', 1);
  if (group !== 1) node.refuse(`has group ${group}, expected 1: every filter of conv1d takes all features`);
  const [batch, features, time] = axes;
  chain.assign(node, batch, 'batch');
  chain.assign(node, features, 'features');
  chain.assign(node, time, 'time');
  const [filters, width, kernelSize] = shape;
  if (features.size !== width || filters < 1 || width < 1 || kernelSize < 1) {
    node.refuse(`has weights ${shapeText(shape)} for ${features.size ?? 'any number of'} features`);
  }
  const told = node.ints('kernel_shape') ?? [kernelSize];
  if (!sameShape(told, [kernelSize])) {
    node.refuse(`has kernel_shape ${show(told)} and weights ${shapeText(shape)}, expected [${kernelSize}]`);
  }
  return [batch, features, time];
}

/** An attribute that is a list of one size. */
function oneSize(node: GraphNode, name: string, fallback: number): number {
  const list = node.ints(name) ?? [fallback];
  const [size] = list;
  if (list.length === 1 && Number.isSafeInteger(size) && size >= 1) return size;
  node.refuse(`has ${name} ${show(list)}, expected one whole number of at least 1`);
}

/** The padding of `conv1d` that takes the same windows. */
function paddingOf(node: GraphNode, windows: Windows, steps: number | undefined): Conv1dPadding {
  const how = node.string('auto_pad', 'NOTSET') || 'NOTSET';
  const given = node.ints('pads');
  if (how !== 'NOTSET' && given?.some((pad) => pad !== 0)) node.refuse(`has both auto_pad ${show(how)} and pads`);
  if (how === 'VALID') return 'valid';
  if (how === 'SAME_UPPER') return 'same';
  const missing = missingSteps(windows, steps);
  const half = missing === undefined ? 'unknown' : Math.floor(missing / 2);
  if (how === 'SAME_LOWER' && missing !== undefined && missing % 2 === 0) return 'same';
  if (how !== 'NOTSET') node.refuse(`has auto_pad ${show(how)}`, 'Expected is SAME_UPPER, VALID, or pads.');

  const [front, back] = given ?? [0, 0];
  const reach = reachOf(windows);
  if ((given ?? [0, 0]).length === 2) {
    if (front === 0 && back === 0) return 'valid';
    if (front === reach - 1 && back === 0) return 'causal';
    if (front === half && isSame(windows, steps, front + back)) return 'same';
  }
  const same =
    missing === undefined ? 'unknown for any number of steps' : show([half, missing - Math.floor(missing / 2)]);
  node.refuse(
    `has pads ${show(given)}, expected [0, 0] (valid), [${reach - 1}, 0] (causal) or those of same, here ${same}`,
  );
}

/** How many steps of zeros `same` adds, which depends on how many steps there are if the strides are more than one. */
function missingSteps(windows: Windows, steps: number | undefined): number | undefined {
  const { strides = 1 } = windows;
  const reach = reachOf(windows);
  if (strides === 1) return reach - 1;
  if (steps === undefined) return undefined;
  return Math.max(0, (Math.ceil(steps / strides) - 1) * strides + reach - steps);
}

/** Whether so many steps of zeros give as many windows as `same` does. */
function isSame(windows: Windows, steps: number | undefined, pads: number): boolean {
  const { strides = 1 } = windows;
  if (strides === 1) return pads === reachOf(windows) - 1;
  return steps !== undefined && convolvedSteps(windows, steps + pads) === Math.ceil(steps / strides);
}

/** The dimension of the steps behind a convolution; the very one in front of it where their number does not change. */
function timeBehind(node: GraphNode, windows: Windows, time: Axis): Axis {
  if (keepsSteps(windows)) return time;
  const size = time.size && convolvedSteps(windows, time.size);
  if (size === undefined || size >= 1) return { role: 'time', size };
  node.refuse(`takes ${time.size} steps, expected at least ${reachOf(windows)}, the reach of its kernel`);
}

/** [filters, features, kernelSize] as [kernelSize, features, filters]. */
function libraryKernel({ name, shape, data }: Constant) {
  return { name, shape: shape.toReversed(), data: withAxesReversed(data, shape) };
}
