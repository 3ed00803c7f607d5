import { elementCount, type Shape } from '../../../runtime/shape.ts';
import { alignedElements, type Tensor } from '../../../runtime/tensor.ts';
import type { Recording } from '../../network/layers/layer.ts';

/** Tensors of one shape in one that some kernels bind whole, with gaps so that others can bind each of them. */
export interface Slabs {
  whole: Tensor;
  parts: readonly Tensor[];
  /** Elements from where one part begins to where the next one does. */
  stride: number;
}

export function makeSlabs(tensor: Recording['tensor'], label: string, count: number, shape: Shape): Slabs {
  const stride = alignedElements(elementCount(shape));
  const whole = tensor(label, [count, stride]);
  return { whole, stride, parts: partsOf(whole, shape) };
}

/** Views of this shape, one for each entry of a tensor's first dimension. */
export function partsOf(whole: Tensor, shape: Shape): Tensor[] {
  const [count] = whole.shape;
  return Array.from({ length: count }, (_, n) => whole.view(`${whole.label} ${n}`, shape, (n * whole.size) / count));
}

/** One tensor from where the first of these begins to where the last one ends, all of them parts of the same. */
export function spanOf(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  const last = parts.at(-1)!;
  return first.view(`${first.label} and on`, [offsetIn(first, last) + last.size], 0);
}

/** Elements from where one part of a tensor begins to where another does. */
export function offsetIn(first: Tensor, other: Tensor): number {
  return (other.byteOffset - first.byteOffset) / 4;
}
