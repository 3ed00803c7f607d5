import { expect, test } from 'vitest';
import { readTorch, readTorchWeights } from '../../../src/formats/torch/read-state-dict.ts';
import { ofBackward, torchBidirectionals } from '../../golden/bidirectional.ts';
import type { GoldenTensor } from '../../golden/tensor.ts';
import { kerasWeights, torchLstms, type TorchLstm } from '../../golden/torch-lstm.ts';
import { torchFiles, torchModules } from '../../golden/torch-modules.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { contentsOf } from '../../reference/drawn-contents.ts';
import { stackOf } from '../../reference/drawn-twin.ts';
import type { DrawnModel } from '../../reference/drawn-model.ts';
import { fixtureFile } from './fixtures.ts';

type Params = TorchLstm['params'];

/** Float32 numbers rounded to the nearest of bfloat16, half to even. */
function bfloat16({ data, shape }: GoldenTensor): GoldenTensor {
  const bits = new Uint32Array(Float32Array.from(data).buffer);
  const rounded = bits.map((each) => (each + 0x7fff + ((each >>> 16) & 1)) & 0xffff0000);
  return { shape, data: [...new Float32Array(rounded.buffer)] };
}

const float32 = ({ data, shape }: GoldenTensor) => ({ shape, data: [...Float32Array.from(data)] });

/** The recorded weights in the library's order: those of both directions of each level. */
function expectedWeights(params: Params, levels: number, directions: number): ArrayLike<number>[] {
  const sides = directions === 2 ? [params, ofBackward(params)] : [params];
  return Array.from({ length: levels }, (_, level) =>
    sides.flatMap((side) => {
      const { kernel, recurrentKernel, bias } = kerasWeights(side, level);
      return [kernel, recurrentKernel, bias];
    }),
  ).flat();
}

const runs = [...torchLstms, ...torchBidirectionals];
const files = torchFiles.flatMap(({ files: names, ...rest }) => names.map((name) => [name, rest] as const));

test.each(files)('%s has the weights that were recorded', async (name, { run, layers, features }) => {
  const { params } = runs.find((one) => one.name === run)!;
  const round = name.includes('bf16') ? bfloat16 : float32;
  const given = Object.fromEntries(Object.entries(params).map(([key, array]) => [key, round(array)]));
  const directions = layers[0].type === 'bidirectional' ? 2 : 1;
  const expected = expectedWeights(given, layers.length, directions).map((numbers) => [...Float32Array.from(numbers)]);
  const weights = await readTorchWeights('test', await fixtureFile(name), { layers, inputShape: [null, features] });
  expect(weights.map(({ data }) => [...data])).toEqual(expected);
});

test.each(torchModules.map((one) => [one.file, one] as const))(
  '%s gives the outputs that were recorded',
  async (file, one) => {
    const [rows, steps] = one.x.shape;
    const { layers, features } = one;
    const drawn = { layers, features, rows, steps, loss: 'meanSquaredError' } as unknown as DrawnModel;
    const twin = stackOf(drawn);
    const zeros = twin.weights.map(({ length }) => new Float64Array(length));
    const weights = await readTorchWeights('test', await fixtureFile(file), contentsOf(drawn, zeros, steps));
    twin.setWeights(weights.map(({ data }) => data));
    const { values } = twin.forward({ x: Float32Array.from(one.x.data), shape: one.x.shape });
    expectClose(values, one.y.data, { atol: 4e-7, rtol: 0, what: file, reason: 'PyTorch computes in float32' });
  },
);

test.each([
  ['torch_post_i1_h10_b1_t20.safetensors', '"lstm" (LSTM, 1 to 10)'],
  [
    'torch_two_layer_bidir_i3_h5_b4_t6.safetensors',
    '"lstm_l0" (bidirectional LSTM, 3 to 5), "lstm_l1" (bidirectional LSTM, 10 to 5)',
  ],
  ['torch_gru_tagger.safetensors', '"module.embed" (weight [7, 4])'],
])('%s is no whole model, and is told to hold weights alone', async (name, modules) => {
  const error = await readTorch('loadModel', await fixtureFile(name)).catch((thrown: Error) => thrown);
  expect((error as Error).message).toMatch(/^loadModel: a state_dict holds weights alone, here of /);
  expect((error as Error).message).toContain(modules);
});
