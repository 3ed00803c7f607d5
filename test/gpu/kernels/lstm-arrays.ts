import { unitByUnit } from '../../../src/models/network/parameters.ts';
import { product, swapOuter, type Numbers } from '../../reference/arrays.ts';

/** Gates unit by unit, as the kernels of an LSTM lay them out. */
export function packedGates(data: Numbers, units: number): Float32Array<ArrayBuffer> {
  return unitByUnit(Float32Array.from(data), { shape: [4 * units], kinds: 4 });
}

interface Shape {
  batch: number;
  steps: number;
  features: number;
  units: number;
}

/** x · kernel + bias of batch-major x, as the input product leaves it to the kernels: packed, and time before rows. */
export function inputGates(
  { batch, steps, features, units }: Shape,
  x: Numbers,
  { kernel, bias }: { kernel: Numbers; bias: Numbers },
): Float32Array<ArrayBuffer> {
  const width = 4 * units;
  const products = product(x, kernel, batch * steps, features, width);
  const gates = products.map((value, index) => value + bias[index % width]);
  return packedGates(swapOuter(gates, [batch, steps, width]), units);
}
