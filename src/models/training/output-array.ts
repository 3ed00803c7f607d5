import { ValueError } from '../../runtime/errors.ts';
import { show } from '../../runtime/options.ts';
import { elementCount, type Shape } from '../../runtime/shape.ts';
import type { NumberArray } from '../../runtime/numbers.ts';

/** Numbers in nested arrays, as deep as their shape has dimensions. */
export type NestedNumbers = readonly (number | NestedNumbers)[];

/**
 * Numbers that a model gives out, one behind the other in row-major order, with their shape: [samples, outputs], or
 * [samples, timesteps, outputs].
 */
export class OutputArray implements NumberArray {
  constructor(
    readonly data: Float32Array<ArrayBuffer>,
    readonly shape: Shape,
  ) {}

  /**
   * The numbers as nested arrays, copied: `[[0.1, 0.9], [0.7, 0.3]]`. For outputs with timesteps name the type:
   * `toNested<number[][][]>()`.
   */
  toNested<Nested extends NestedNumbers = number[][]>(): Nested {
    return nested(this.data, this.shape) as Nested;
  }

  /**
   * The outputs of one sample, [outputs], or those of its steps one behind the other, [timesteps, outputs]: a part of `data`,
   * not a copy.
   *
   * @throws ValueError if there is no such sample
   */
  row(sample: number): Float32Array<ArrayBuffer> {
    const [samples, ...inner] = this.shape;
    if (!Number.isInteger(sample) || sample < 0 || sample >= samples) {
      throw new ValueError(
        `prediction.row: there is no sample ${show(sample)}, expected a number from 0 to ${samples - 1}.`,
      );
    }
    const size = elementCount(inner);
    return this.data.subarray(sample * size, (sample + 1) * size);
  }

  /**
   * The index of the largest output of each sample, [samples], the first one of equals: the class that is most likely. For
   * outputs with timesteps it is nested, [samples, timesteps]: name the type, `argmax<number[][]>()`.
   */
  argmax<Nested extends NestedNumbers = number[]>(): Nested {
    const outputs = this.shape.at(-1)!;
    const largest = Array.from({ length: this.data.length / outputs }, (_, row) => {
      let best = row * outputs;
      for (let index = best + 1; index < (row + 1) * outputs; index++) {
        if (this.data[index] > this.data[best]) best = index;
      }
      return best - row * outputs;
    });
    return nested(largest, this.shape.slice(0, -1)) as Nested;
  }
}

function nested(data: Float32Array | number[], [size, ...inner]: Shape): NestedNumbers {
  if (inner.length === 0) return Array.from(data);
  const stride = data.length / size;
  return Array.from({ length: size }, (_, n) => nested(data.slice(n * stride, (n + 1) * stride), inner));
}
