import { describe, expect, test } from 'vitest';
import { LimitError } from '../../../src/runtime/errors.ts';
import { Tensor } from '../../../src/runtime/tensor.ts';
import { countGpuCalls } from '../count-calls.ts';
import { gpu } from '../gpu.ts';

const read = async (tensor: Tensor, ...range: number[]) => [...(await tensor.read(...range))];

describe('a tensor', () => {
  test('is zero at first', async () => {
    expect(await read(Tensor.create(gpu, 'fresh', [2, 3]))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('is written and read in parts', async () => {
    const tensor = Tensor.create(gpu, 'parts', [6]);
    tensor.write(Float32Array.of(1, 2, 3, 4, 5, 6));
    tensor.write(Float32Array.of(30, 40), 2);
    expect(await read(tensor)).toEqual([1, 2, 30, 40, 5, 6]);
    expect(await read(tensor, 1, 4)).toEqual([2, 30, 40]);
    expect(await read(tensor, 3, 3)).toEqual([]);
  });

  test('shares its numbers with its views', async () => {
    const tensor = Tensor.create(gpu, 'whole', [130]);
    const view = tensor.view('part', [2], 128);
    view.write(Float32Array.of(7, 8));
    expect(await read(tensor, 127)).toEqual([0, 7, 8]);
    expect(await read(view)).toEqual([7, 8]);
    view.dispose();
    expect(await read(tensor, 128)).toEqual([7, 8]);
  });

  test('too large for the device is refused, with the size that fits', () => {
    const limit = gpu.device.limits.maxStorageBufferBindingSize;
    const rows = Math.floor(limit / 4 / 1024) + 1;
    const create = () => Tensor.create(gpu, 'samples', [rows, 1024]);
    expect(create).toThrow(LimitError);
    expect(create).toThrow(`samples: shape [${rows}, 1024] needs ${rows * 4096} bytes`);
    expect(create).toThrow(`With at most ${rows - 1} in its first dimension it fits`);
    const wide = () => Tensor.create(gpu, 'samples', [2, 1024 * rows]);
    expect(wide).toThrow(`With at most ${Math.floor(limit / 4)} numbers it fits`);
  });
});

describe('reading back', () => {
  test('sees what came before it and not what comes after', async () => {
    const tensor = Tensor.create(gpu, 'order', [1]);
    const results = [1, 2, 3].map((value) => {
      tensor.write(Float32Array.of(value));
      return read(tensor);
    });
    tensor.write(Float32Array.of(4));
    expect(await Promise.all(results)).toEqual([[1], [2], [3]]);
  });

  test('uses its staging buffers again', async () => {
    const tensor = Tensor.create(gpu, 'again', [100]);
    await Promise.all([tensor.read(), tensor.read(0, 10)]);
    const calls = countGpuCalls();
    for (let round = 0; round < 5; round++) await Promise.all([tensor.read(), tensor.read(50)]);
    expect(calls().createBuffer).toBe(0);
    expect(calls().mapAsync).toBe(10);
  });
});
