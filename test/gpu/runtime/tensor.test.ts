import { describe, expect, onTestFinished, test } from 'vitest';
import { watchBuffers } from '../../../bench/memory/buffers.ts';
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

  test('lives on in its parts, until the last is disposed', async () => {
    const buffers = watchBuffers(gpu.device, (label) => label === 'halves');
    onTestFinished(() => buffers.stop());
    const tensor = Tensor.create(gpu, 'halves', [128]);
    const [first, second] = [tensor.part('first', [64], 0), tensor.part('second', [64], 64)];
    tensor.write(Float32Array.of(5, 6), 64);
    tensor.dispose();
    expect(await read(second, 0, 2)).toEqual([5, 6]);
    first.dispose();
    first.dispose();
    expect(await read(second, 0, 2)).toEqual([5, 6]);
    expect(buffers.live().count).toBe(1);
    second.dispose();
    expect(buffers.live().count).toBe(0);
  });

  test('is joined of those that lie one behind the other, and of no others', async () => {
    const all = Tensor.create(gpu, 'thirds', [3, 64]);
    const [first, second, third] = [0, 1, 2].map((n) => all.part(`part ${n}`, [64], 64 * n));
    const joined = Tensor.joined('joined', [second, third])!;
    all.write(Float32Array.from({ length: 3 * 64 }, (_, n) => 1 + Math.floor(n / 64)));
    expect(joined.shape).toEqual([2, 64]);
    expect(await read(joined)).toEqual([...Array<number>(64).fill(2), ...Array<number>(64).fill(3)]);
    const others = [
      [third, second],
      [first, third],
      [first, Tensor.create(gpu, 'elsewhere', [64])],
    ];
    for (const list of others) expect(Tensor.joined('joined', list)).toBeUndefined();
    for (const part of [all, first, second, third]) part.dispose();
    expect(await read(joined, 0, 1)).toEqual([2]);
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
