import { readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';

const FOLDER = new URL('../../golden/files/', import.meta.url);

/** HDF5 files that Keras wrote; those in archives are taken out of them. */
export const HDF5_FIXTURES = ['post_model', 'deep', 'func'].flatMap((model) => [
  `keras3_${model}.h5`,
  `keras3_${model}.keras`,
]);

/** The bytes of a recorded file; of a `.keras` archive those of the weights in it. */
export async function fixture(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await fixtureFile(name);
  return name.endsWith('.keras') ? new Uint8Array(unzipSync(bytes)['model.weights.h5']) : bytes;
}

export async function fixtureFile(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(new URL(name, FOLDER)));
}
