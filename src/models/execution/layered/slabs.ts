import { elementCount, type Shape } from '../../../runtime/shape.ts';
import { alignedElements, type Tensor } from '../../../runtime/tensor.ts';
import type { Recording } from '../../network/layers/layer.ts';

/** A tensor made of parts of one shape. Some kernels bind it whole; gaps align each part so that others can bind it alone. */
export interface Slabs {
  whole: Tensor;
  parts: readonly Tensor[];
  /** The distance between the beginnings of two neighbouring parts, in elements. */
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

/** A view of the memory from the beginning of the first part to the end of the last one. */
export function spanOf(parts: readonly Tensor[]): Tensor {
  const [first] = parts;
  const last = parts.at(-1)!;
  return first.view(`${first.label} and on`, [offsetIn(first, last) + last.size], 0);
}

/** The distance from the beginning of one part of a tensor to that of another, in elements. */
export function offsetIn(first: Tensor, other: Tensor): number {
  return (other.byteOffset - first.byteOffset) / 4;
}
