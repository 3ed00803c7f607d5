import { ValueError } from '../../index.ts';
import type { Files } from '../contents.ts';
import { fromFloat16s } from '../float16.ts';
import { show } from '../reading.ts';
import type { LayersModelJson, WeightSpec } from './manifest.ts';

/** A weight with its numbers. */
export interface StoredWeight extends WeightSpec {
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * Reads the weights out of the files that the manifest names.
 *
 * @throws ValueError unless the files have as many bytes as the weights need
 */
export function readShards(where: string, { groups }: LayersModelJson, files: Files): StoredWeight[] {
  return groups.flatMap(({ paths, specs }) => {
    const shards = paths.map((path) => fileNamed(where, path, files));
    const size = shards.reduce((sum, { length }) => sum + length, 0);
    const needed = specs.reduce((sum, { bytes }) => sum + bytes, 0);
    if (size !== needed) {
      throw new ValueError(
        `${where}: ${paths.map(show).join(', ').slice(0, 200)} have ${size} bytes, expected ${needed} for the weights in ` +
          `them. Are the files complete, and of this model?`,
      );
    }
    const all = new Uint8Array(size);
    let end = 0;
    for (const shard of shards) {
      all.set(shard, end);
      end += shard.length;
    }
    let begin = 0;
    return specs.map((spec) => ({ ...spec, data: numbersOf(spec, all.slice(begin, (begin += spec.bytes))) }));
  });
}

function fileNamed(where: string, path: string, files: Files): Uint8Array {
  const file = files.get(path);
  if (file) return file;
  throw new ValueError(`${where}: it names the file ${show(path)}, which is not given.`);
}

function numbersOf(
  { dtype, quantization }: WeightSpec,
  { buffer }: Uint8Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  if (!quantization) return dtype === 'int32' ? Float32Array.from(new Int32Array(buffer)) : new Float32Array(buffer);
  if (quantization.dtype === 'float16') return fromFloat16s(new Uint16Array(buffer));
  const { min, scale } = quantization;
  const stored = quantization.dtype === 'uint8' ? new Uint8Array(buffer) : new Uint16Array(buffer);
  const numbers = new Float32Array(stored.length);
  stored.forEach((value, n) => (numbers[n] = value * scale + min));
  return numbers;
}
