import { show } from '../reading.ts';
import type { Chain } from './chain.ts';
import { sizesOf } from './chain.ts';
import type { GraphNode } from './graph-node.ts';
import { computeSizes, sliceOf } from './read-sizes.ts';
import { FLOAT, INT32, INT64, transposed } from './tensors.ts';
import { sizeOf, type Axis, type Flow, type Value } from './values.ts';

type Layout = (chain: Chain, node: GraphNode, flow: Flow) => Flow;

/** The operators that only move or pick numbers, as they act on a flow. `readLayout` takes other values through them. */
const LAYOUT_OPS: Readonly<Record<string, Layout>> = {
  Identity: (_chain, _node, flow) => flow,

  Transpose: (_chain, node, flow) => ({ ...flow, axes: permuted(node, flow.axes) }),

  Squeeze: (chain, node, flow) => {
    const axes = axesOf(chain, node, flow);
    if (axes?.length !== 1) return node.refuse('does not say which one dimension it removes', 'Give it axes.');
    return withoutAxis(chain, node, flow, axes[0]);
  },

  Unsqueeze: (chain, node, flow) => {
    const axes = axesOf(chain, node, flow, 1);
    const taken = chain.take(node, flow);
    if (axes?.length !== 1 || taken.axes.length !== 2)
      return node.refuse('adds dimensions to what is not one vector a sample');
    const options = { n: 1 };
    const time: Axis = { role: 'time', size: 1 };
    return chain.add(
      { type: 'repeatVector', options, weights: [], path: node.layerPath },
      taken,
      taken.axes.toSpliced(axes[0], 0, time),
    );
  },

  Tile: (chain, node, flow) => {
    const repeats = chain.numbers(node, 1);
    const last = chain.layers.at(-1);
    const time = flow.axes.findIndex(({ role }) => role === 'time');
    const repeatsTime = repeats?.length === flow.axes.length && repeats.every((n, axis) => axis === time || n === 1);
    if (
      !chain.isNewest(flow) ||
      last?.type !== 'repeatVector' ||
      last.options.n !== 1 ||
      !repeatsTime ||
      repeats[time] < 1
    ) {
      return node.refuse('repeats something else than one vector a sample along a new dimension');
    }
    last.options.n = repeats[time];
    return chain.changed(flow, flow.axes.with(time, { role: 'time', size: repeats[time] }));
  },

  Reshape: (chain, node, flow) => {
    if (node.int('allowzero', 0) !== 0) node.refuse('has allowzero 1, expected 0');
    return { ...flow, axes: reshaped(chain, node, flow.axes) };
  },

  Flatten: (_chain, node, flow) => {
    if (node.int('axis', 1) !== 1 || flow.axes.length !== 2) node.refuse('flattens more than one vector a sample');
    return flow;
  },

  Cast: (_chain, node, flow) => {
    const to = node.int('to', 0);
    const isSame = flow.isInteger ? to === INT32 || to === INT64 : to === FLOAT;
    if (!isSame)
      node.refuse(
        `converts to data type number ${to}, expected none but FLOAT for numbers and INT32 or INT64 for indices`,
      );
    return flow;
  },

  Gather: (chain, node, flow) => {
    const axis = normalized(node, node.int('axis', 0), flow.axes.length);
    const indices = sizesOf(chain.value(node, 1));
    const index = indices?.sizes[0];
    if (!indices?.isScalar || typeof index !== 'number')
      return node.refuse('takes several steps or directions, expected one');
    if (isTime(flow, axis)) return lastStep(chain, node, flow, axis, index);
    const part = index < 0 ? index + (flow.finals?.length ?? 1) : index;
    const { role, size } = flow.axes[axis];
    if (role !== 'directions' || part < 0 || part >= size!)
      node.refuse(`takes number ${index} of a dimension of ${role ?? 'any size'}`);
    if (!flow.finals && size !== 1) node.refuse('takes one of two directions');
    return { ...flow, axes: flow.axes.toSpliced(axis, 1), finals: flow.finals && [flow.finals[part]] };
  },

  Slice: (chain, node, flow) => {
    const [start, end, step, given] = sliceOf(chain, node);
    const axis = normalized(node, given, flow.axes.length);
    const { role, size = Infinity } = flow.axes[axis];
    if (role === 'directions' && flow.finals && step === 1) {
      const finals = flow.finals.slice(start, end);
      return { ...flow, finals, axes: flow.axes.with(axis, { role, size: finals.length }) };
    }
    // An end before the first step takes all of them: -size - 1, or a huge negative number where the size is not known.
    const isWhole = (start === -1 || (start >= size - 1 && start >= 0)) && end < Math.max(-size, -(2 ** 24));
    if (step !== -1 || !isWhole || !isTime(flow, axis))
      node.refuse('cuts out a part, expected all steps in reverse order');
    if (chain.mask === 'on') node.refuse('reverses the steps of sequences that have sequence_lens');
    if (!chain.isNewest(flow)) node.refuse('reverses an array that is not the newest');
    chain.assign(node, flow.axes[axis], 'time');
    return { ...flow, isReversed: !flow.isReversed };
  },

  Concat: (chain, node) => {
    const parts = node.inputs.map((_, index) => chain.flow(node, index));
    const axis = normalized(node, node.int('axis', 0), parts[0].axes.length);
    const { role } = parts[0].axes[axis];
    const isSame = parts.every(
      ({ axes, finals }) =>
        finals &&
        axes.length === parts[0].axes.length &&
        axes.every((other, n) => other.role === parts[0].axes[n].role),
    );
    if (!isSame || (role !== 'directions' && role !== 'features')) node.refuse('joins arrays that are not last states');
    const size = parts.reduce((sum, { axes }) => sum + axes[axis].size!, 0);
    return {
      ...parts[0],
      finals: parts.flatMap(({ finals }) => finals!),
      axes: parts[0].axes.with(axis, { role, size }),
    };
  },
};

/** The operators that only move or pick numbers. */
export const LAYOUT_OP_NAMES: readonly string[] = Object.keys(LAYOUT_OPS);

/** The value that a layout operator makes of its input, whatever kind that is. */
export function readLayout(chain: Chain, node: GraphNode): Value {
  const value = chain.value(node, 0);
  const sizes = sizesOf(value);
  const computed = sizes && computeSizes(chain, node, sizes);
  if (computed) return computed;
  if (value.kind === 'flow') return LAYOUT_OPS[node.op](chain, node, value);
  // Here initial states are given to each layer, so it does not matter how a graph cuts them out of one array.
  if ((value.kind === 'given' || value.kind === 'zeros') && node.op !== 'Tile') return passedOn(chain, node, value);
  if (node.op === 'Identity') return value;
  if (value.kind === 'constant' && value.shape.length === 2 && node.op === 'Transpose') {
    if (String(node.ints('perm') ?? [1, 0]) !== '1,0') node.refuse('has another perm than [1, 0]');
    return transposed(value);
  }
  node.refuse('takes a constant', 'Fold constants when the model is exported.');
}

function passedOn(chain: Chain, node: GraphNode, value: Value): Value {
  const options = ['axes', 'perm', 'starts', 'ends'];
  for (const name of options) node.ints(name);
  for (const name of ['axis', 'to', 'allowzero', 'num_outputs']) node.int(name, 0);
  node.inputs.forEach((_, index) => {
    const other = chain.optional(node, index);
    if (node.op === 'Concat' && other?.kind !== value.kind) node.refuse('joins initial states of different kinds');
  });
  return value;
}

function permuted(node: GraphNode, axes: readonly Axis[]): Axis[] {
  const perm = node.ints('perm') ?? axes.map((_, n) => axes.length - 1 - n);
  const isPermutation = perm.length === axes.length && axes.every((_, n) => perm.includes(n));
  if (!isPermutation) node.refuse(`has perm ${show(perm)} for ${axes.length} dimensions`);
  return perm.map((n) => axes[n]);
}

/** The dimensions that a node names, counted from the first. */
function axesOf(chain: Chain, node: GraphNode, { axes }: Flow, more = 0): number[] | undefined {
  const given = node.ints('axes') ?? chain.numbers(node, 1);
  return given?.map((axis) => normalized(node, axis, axes.length + more));
}

export function normalized(node: GraphNode, axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (index < 0 || index >= rank) node.refuse(`has axis ${axis}, and its input ${rank} dimensions`);
  return index;
}

/** Whether a dimension is that of the steps. In samples of which no layer has said so it is the second of three. */
function isTime({ axes }: Flow, axis: number): boolean {
  const { role } = axes[axis];
  return role === 'time' || (role === undefined && axes.length === 3 && axis === 1);
}

function withoutAxis(chain: Chain, node: GraphNode, flow: Flow, axis: number): Flow {
  const { role, size } = flow.axes[axis];
  if (size !== 1) node.refuse(`removes a dimension of size ${size ?? 'any'}, expected 1`);
  if (role === 'directions') return { ...flow, axes: flow.axes.toSpliced(axis, 1) };
  if (isTime(flow, axis)) return lastStep(chain, node, flow, axis, -1);
  node.refuse(`removes the dimension of ${role ?? 'the batch'}`);
}

function lastStep(chain: Chain, node: GraphNode, flow: Flow, axis: number, index: number): Flow {
  const { size = Infinity } = flow.axes[axis];
  const isLast = flow.isReversed ? index === 0 || index === -size : index === -1 || index === size - 1;
  if (!isLast && size !== 1) node.refuse(`takes step ${index}, expected the last one that the layer has computed`);
  const taken = chain.take(node, { ...flow, axes: flow.axes.toSpliced(axis, 1) });
  if (chain.mask === 'on') node.refuse('takes the last step of sequences that have sequence_lens', 'Take Y_h instead.');
  chain.mask = 'off';
  chain.assign(node, flow.axes[axis], 'time');
  const layer = { type: 'lastStep', options: {}, weights: [], path: node.layerPath };
  return chain.add(layer, { ...taken, isReversed: false }, taken.axes);
}

/** The dimensions after a Reshape, which may only drop single directions and merge two with their features. */
function reshaped(chain: Chain, node: GraphNode, axes: readonly Axis[]): readonly Axis[] {
  const target = sizesOf(chain.value(node, 1))?.sizes;
  if (!target) node.refuse('has a shape that is not known');
  const sizes = target.map((size, n) => (size === 0 && n < axes.length ? sizeOf(axes[n]) : size));
  const fits = (result: readonly Axis[]) =>
    result.length === sizes.length &&
    sizes.filter((size) => size === -1).length <= 1 &&
    result.every((axis, n) => sizes[n] === -1 || sizes[n] === sizeOf(axis));
  const merged = axes.flatMap((axis, n) => {
    if (axis.role === 'directions' && (axis.size === 1 || axes[n + 1]?.role === 'features')) return [];
    const count = axis.role === 'features' && axes[n - 1]?.role === 'directions' ? axes[n - 1].size! : 1;
    return count === 1 ? [axis] : [{ role: axis.role, size: count * axis.size! }];
  });
  const result = [axes, merged].find(fits);
  const text = sizes.map((size) => (typeof size === 'number' ? size : (size.role ?? 'any'))).join(', ');
  return (
    result ??
    node.refuse(`makes the shape [${text}]`, 'It may only merge directions with features, and drop a single direction.')
  );
}
