import type { Chain } from './chain.ts';
import { sizesOf } from './chain.ts';
import type { GraphNode } from './graph-node.ts';
import { sizeOf, type Size, type Sizes, type Value, type Zeros } from './values.ts';

/** The most sizes of a computed shape: no array has more dimensions, and lists that double must end somewhere. */
const MAX_SIZES = 16;

const ZEROS: Zeros = { kind: 'zeros' };

/** Operators that compute shapes, and zeros of such shapes, as exporters write them for batches of any size. */
export const SIZE_OPS: Readonly<Record<string, (chain: Chain, node: GraphNode) => Value>> = {
  Constant: (_chain, node) => {
    const value = node.tensor('value');
    if (value) return value;
    const name = node.outputs[0] ?? '';
    if (node.has('value_int')) {
      return { kind: 'constant', name, shape: [], isInteger: true, data: [node.int('value_int', 0)] };
    }
    if (node.has('value_float')) {
      return { kind: 'constant', name, shape: [], isInteger: false, data: [node.float('value_float', 0)] };
    }
    const data = node.ints('value_ints');
    if (data) return { kind: 'constant', name, shape: [data.length], isInteger: true, data };
    return node.refuse('has none of the attributes value, value_int, value_ints and value_float');
  },

  Shape: (chain, node) => ({ kind: 'sizes', sizes: chain.flow(node, 0).axes.map(sizeOf), isScalar: false }),

  ConstantOfShape: (chain, node) => {
    chain.value(node, 0);
    if (!isZero(node.tensor('value') ?? ZEROS)) node.refuse('fills an array with another number than 0');
    return ZEROS;
  },

  Expand: (chain, node) => {
    chain.value(node, 1);
    if (!isZero(chain.value(node, 0))) node.refuse('repeats an array that is not 0');
    return ZEROS;
  },
};

/** Whether all numbers of a value are known to be 0. */
export function isZero(value: Value): boolean {
  if (value.kind === 'zeros') return true;
  return value.kind === 'constant' && Array.prototype.every.call(value.data, (number: number) => number === 0);
}

/** The sizes that an operator makes of computed sizes; undefined if it does not take any. */
export function computeSizes(chain: Chain, node: GraphNode, given: Sizes): Sizes | undefined {
  const { sizes } = given;
  const list = (result: readonly Size[]): Sizes => {
    if (result.length > MAX_SIZES) node.refuse(`computes ${result.length} sizes, expected at most ${MAX_SIZES}`);
    return { kind: 'sizes', sizes: result, isScalar: false };
  };
  switch (node.op) {
    case 'Identity':
      return given;
    case 'Cast':
      node.int('to', 0);
      return given;
    case 'Unsqueeze':
    case 'Squeeze':
      node.ints('axes');
      chain.numbers(node, 1);
      if (sizes.length !== 1) node.refuse(`takes ${sizes.length} sizes, expected one`);
      return { ...given, isScalar: node.op === 'Squeeze' };
    case 'Concat':
      node.int('axis', 0);
      return list(
        node.inputs.flatMap((_, index) => {
          const part = sizesOf(chain.value(node, index));
          return part ? part.sizes : node.refuse(`joins sizes with something else, input ${index}`);
        }),
      );
    case 'Gather': {
      node.int('axis', 0);
      const indices = sizesOf(chain.value(node, 1));
      const picked = indices?.sizes.map((index) => (typeof index === 'number' ? sizes.at(index) : undefined));
      if (!indices || !picked?.every((size) => size !== undefined)) node.refuse('takes a size that is not there');
      return { ...list(picked), isScalar: indices.isScalar };
    }
    case 'Slice': {
      const [start, end, step] = sliceOf(chain, node);
      if (step !== 1) node.refuse(`takes every ${step}th size, expected 1`);
      return list(sizes.slice(start, end));
    }
  }
  return undefined;
}

/** The start, end and step of a slice along one dimension, and that dimension. */
export function sliceOf(chain: Chain, node: GraphNode): [start: number, end: number, step: number, axis: number] {
  const [starts, ends] = [node.ints('starts') ?? chain.numbers(node, 1), node.ints('ends') ?? chain.numbers(node, 2)];
  const axes = node.ints('axes') ?? chain.numbers(node, 3) ?? [0];
  const steps = chain.numbers(node, 4) ?? [1];
  if ([starts, ends, axes, steps].some((list) => list?.length !== 1)) {
    node.refuse('slices several dimensions at once, expected one');
  }
  return [starts![0], ends![0], steps[0], axes[0]];
}
