import { expect, test } from 'vitest';
import type { ArrayContents, LayerContents, ModelContents } from '../../../src/formats/contents.ts';
import { readTorch, readTorchWeights } from '../../../src/formats/torch/read-state-dict.ts';
import { numbersOf, readSafetensors } from '../../../src/formats/torch/safetensors.ts';
import { writeTorch } from '../../../src/formats/torch/write-state-dict.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { contentsOf } from '../../reference/drawn-contents.ts';
import { drawModel, type DrawnLayer, type DrawnModel, type DrawnRecurrent } from '../../reference/drawn-model.ts';
import { drawNumbers } from '../../reference/drawn-numbers.ts';
import { torchFiles } from '../../golden/torch-modules.ts';
import { fixtureFile } from './fixtures.ts';
import { weightsOf } from './weights-of.ts';

type Random = ReturnType<typeof rng>;

async function written(contents: ModelContents): Promise<Uint8Array<ArrayBuffer>> {
  const files = await writeTorch('saveModel', contents, 'a.safetensors');
  expect([...files.keys()]).toEqual(['a.safetensors']);
  return files.get('a.safetensors')!;
}

/** A drawn layer with the functions that PyTorch's modules have built in. */
function asModule(layer: DrawnLayer): DrawnLayer {
  if (layer.kind === 'bidirectional') return { ...layer, options: withBuiltIn(layer.cell, layer.options) };
  if (layer.kind !== 'lstm' && layer.kind !== 'gru' && layer.kind !== 'simpleRnn') return layer;
  return { ...layer, options: withBuiltIn(layer.kind, layer.options) };
}

function withBuiltIn(cell: string, options: DrawnRecurrent): DrawnRecurrent {
  const activation = cell === 'simpleRnn' && options.useBias ? 'relu' : 'tanh';
  return {
    ...options,
    activation,
    ...(cell !== 'simpleRnn' && { recurrentActivation: 'sigmoid' }),
    ...(cell === 'gru' && { resetAfter: true }),
  };
}

function drawContents(random: Random): ModelContents {
  const drawn = drawModel(random);
  const model: DrawnModel = { ...drawn, layers: drawn.layers.map(asModule) };
  return contentsOf(model, drawNumbers(random, model).weights, random.integer(0, 1) === 0 ? null : model.steps);
}

test('random models are read as they were written, and so are their weights alone', async () => {
  const random = rng(randomSeed());
  for (let n = 0; n < 200; n++) {
    const contents = drawContents(random);
    const file = await written(contents);
    const read = await readTorch('loadModel', file);
    expect({ ...read, weights: weightsOf(read) }).toEqual({ ...contents, weights: weightsOf(contents) });
    const weights = await readTorchWeights('loadWeights', file, contents);
    expect(weightsOf({ weights })).toEqual(weightsOf(contents));
  }
});

test('a recorded file is written again with the same names, types, shapes and numbers, but for the sums of biases', async () => {
  const { files, layers, features } = torchFiles[0];
  const recorded = await fixtureFile(files[0]);
  const architecture = { layers, inputShape: [null, features] };
  const weights = await readTorchWeights('test', recorded, architecture);
  const again = await written({ ...architecture, weights });
  const header = (file: Uint8Array) => {
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    const { __metadata__: metadata, ...arrays } = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
    return { metadata, arrays, length, data: file.subarray(8 + length) };
  };
  const [before, after] = [header(recorded), header(again)];
  expect(after.arrays).toEqual(before.arrays);
  expect(Object.keys(after.arrays)).toEqual(Object.keys(before.arrays));
  expect(after.metadata).toMatchObject(before.metadata);
  expect(after.length % 8).toBe(0);
  const matrices = ({ arrays, data }: ReturnType<typeof header>) =>
    data.slice(arrays['lstm.weight_hh_l0'].data_offsets[0], arrays['lstm.weight_ih_l0'].data_offsets[1]);
  expect(matrices(after)).toEqual(matrices(before));
});

const lstm = (options = {}): LayerContents => ({ type: 'lstm', options: { units: 1, name: 'memory', ...options } });
const contents = (layer: LayerContents, sizes: number[][] = [[1, 4], [1, 4], [4]]): ModelContents => ({
  inputShape: [2, 1],
  layers: [layer],
  weights: sizes.map((shape): ArrayContents => ({
    name: 'w',
    shape,
    data: new Float32Array(shape.reduce((product, size) => product * size)).fill(1),
  })),
});

test.each<[string, LayerContents]>([
  ['activation: "relu", but PyTorch\'s module has "tanh" built in', lstm({ activation: 'relu' })],
  ['recurrentActivation: "hardSigmoid", but', lstm({ recurrentActivation: 'hardSigmoid' })],
  [
    "resetAfter: false, but PyTorch's module has true built in",
    { type: 'gru', options: { units: 1, resetAfter: false, name: 'memory' } },
  ],
  [
    'activation: "elu", but PyTorch\'s module has "tanh" or "relu"',
    { type: 'simpleRnn', options: { units: 1, activation: 'elu', name: 'memory' } },
  ],
  ['activation: "relu"', { type: 'bidirectional', options: { layer: lstm({ activation: 'relu' }), name: 'memory' } }],
])('a layer with %s is not written', async (problem, layer) => {
  await expect(written(contents(layer))).rejects.toThrow(`saveModel: layer "memory" has ${problem}`);
});

test('an initializer that is a function is left out, and a model without weights is not written', async () => {
  const read = await readTorch('loadModel', await written(contents(lstm({ kernelInitializer: () => [] }))));
  expect(read.layers).toEqual([lstm()]);
  await expect(written({ ...contents(lstm()), weights: undefined })).rejects.toThrow(
    'saveModel: the model has no weights',
  );
});

test('the kernel of a convolution, [kernelSize, features, filters], has the axes of nn.Conv1d, [filters, features, kernelSize]', async () => {
  const kernel = { name: 'kernel', shape: [2, 1, 3], data: Float32Array.of(1, 2, 3, 10, 20, 30) };
  const layers = [{ type: 'conv1d', options: { filters: 3, kernelSize: 2, useBias: false, name: 'windows' } }];
  const file = await written({ inputShape: [4, 1], layers, weights: [kernel] });
  const [array] = readSafetensors('test', file).tensors;
  expect(array).toMatchObject({ name: 'windows.weight', shape: [3, 1, 2] });
  expect([...numbersOf('test', array)]).toEqual([1, 10, 2, 20, 3, 30]);
});
