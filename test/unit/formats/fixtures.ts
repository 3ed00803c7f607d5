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

/** The recorded LSTMs of PyTorch of which there is an ONNX file, by the names of their runs. */
export const ONNX_RUNS = [
  'basic_i3_h4_b2_t5',
  'bidir_i4_h3_b2_t6',
  'init_state_i3_h4_b2_t5',
  'odd_i16_h33_b5_t11',
  'one_step_i1_h1_b1_t1',
  'packed_i3_h5_b4_t6',
  'packed_unsorted_bidir_i3_h4_b3_t5',
  'post_i1_h10_b1_t20',
];
