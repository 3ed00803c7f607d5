import { expect, test } from 'vitest';
import { writeHdf5 } from '../../../src/formats/hdf5/hdf5.ts';
import type { Hdf5Array, Hdf5Attribute, Hdf5Group } from '../../../src/formats/hdf5/tree.ts';
import { readLegacy } from '../../../src/formats/keras/legacy-file.ts';
import { readWeightsFile } from '../../../src/formats/keras/weights-file.ts';
import { randomSeed, rng } from '../../harness/random.ts';

const [FEATURES, UNITS] = [2, 3];

type Arrays = readonly (readonly [name: string, array: Hdf5Array])[];

/** Arrays of numbers that are all different. */
function drawn(...shapes: (readonly [string, readonly number[]])[]): Arrays {
  const random = rng(randomSeed());
  return shapes.map(([name, shape]) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return [name, { shape, data: Float32Array.from({ length: size }, () => random.integer(-1e6, 1e6) / 1e6) }];
  });
}

const group = (attributes: Record<string, Hdf5Attribute>, groups: Record<string, Hdf5Group> = {}): Hdf5Group => ({
  attributes: new Map(Object.entries(attributes)),
  groups: new Map(Object.entries(groups)),
  arrays: new Map(),
});

/** How Keras writes a list without entries. */
const EMPTY: Hdf5Attribute = { shape: [0], data: new Float64Array(0) };

/** A group with arrays at their paths, and the list of these. */
function named(arrays: Arrays): Hdf5Group {
  const root = group({ weight_names: arrays.map(([name]) => name) });
  for (const [name, array] of arrays) {
    const path = name.split('/');
    let at = root;
    for (const part of path.slice(0, -1)) {
      if (!at.groups.has(part)) (at.groups as Map<string, Hdf5Group>).set(part, group({}));
      at = at.groups.get(part)!;
    }
    (at.arrays as Map<string, Hdf5Array>).set(path.at(-1)!, array);
  }
  return root;
}

/** A model of one layer as a `.h5` file. */
function fileOf(
  version: string | undefined,
  layer: { class_name: string; config: Record<string, unknown> },
  arrays: Arrays,
  training?: { config: object; state: Arrays },
): Promise<Uint8Array> {
  const config = { name: 'only', batch_input_shape: [null, 4, FEATURES], ...layer.config };
  const model = { class_name: 'Sequential', config: [{ class_name: layer.class_name, config }] };
  const weights = group({ layer_names: ['only'] }, { only: named(arrays) });
  const tree = group(
    {
      ...(version && { keras_version: version }),
      model_config: JSON.stringify(model),
      ...(training && { training_config: JSON.stringify(training.config) }),
    },
    { model_weights: weights, ...(training && { optimizer_weights: named(training.state) }) },
  );
  return writeHdf5('test', tree);
}

const KERAS1 = { output_dim: UNITS, init: 'glorot_uniform', inner_init: 'orthogonal', activation: 'tanh' };
const LSTM1 = {
  class_name: 'LSTM',
  config: { ...KERAS1, forget_bias_init: 'one', inner_activation: 'hard_sigmoid', consume_less: 'cpu' },
};
const gates = (letters: string) =>
  letters
    .split('')
    .flatMap((gate) => [
      [`only_W_${gate}`, [FEATURES, UNITS]] as const,
      [`only_U_${gate}`, [UNITS, UNITS]] as const,
      [`only_b_${gate}`, [UNITS]] as const,
    ]);

/** The number of a matrix of several gates beside each other. */
const gateAt = ({ data }: { data: ArrayLike<number> }, count: number, gate: number, row: number, unit: number) =>
  data[row * count * UNITS + gate * UNITS + unit];

test.each([undefined, '1.2.2'])(
  'the twelve arrays of an LSTM of Keras 1 (version %s) become three',
  async (version) => {
    const arrays = drawn(...gates('icfo'));
    const { layers, weights, inputShape } = await readLegacy('test', await fileOf(version, LSTM1, arrays));
    expect(inputShape).toEqual([4, FEATURES]);
    expect(layers).toEqual([
      { type: 'lstm', options: { name: 'only', units: UNITS, recurrentActivation: 'hardSigmoidLegacy' } },
    ]);
    const [kernel, recurrent, bias] = weights!;
    expect([kernel, recurrent, bias].map(({ shape }) => shape)).toEqual([[2, 12], [3, 12], [12]]);
    const stored = new Map(arrays);
    // Keras 3 has the gates i, f, c, o, and Keras 1 wrote them as i, c, f, o.
    ['i', 'f', 'c', 'o'].forEach((letter, gate) => {
      const [w, u, b] = ['W', 'U', 'b'].map((kind) => stored.get(`only_${kind}_${letter}`)!.data);
      for (let unit = 0; unit < UNITS; unit++) {
        expect(gateAt(kernel, 4, gate, 1, unit)).toBe(w[UNITS + unit]);
        expect(gateAt(recurrent, 4, gate, 2, unit)).toBe(u[2 * UNITS + unit]);
        expect(gateAt(bias, 4, gate, 0, unit)).toBe(b[unit]);
      }
    });
  },
);

test('the nine arrays of a GRU of Keras 1 become three, whose reset gate comes before the product', async () => {
  const config = { ...KERAS1, inner_activation: 'sigmoid' };
  const arrays = drawn(...gates('zrh'));
  const file = await fileOf('1.2.2', { class_name: 'GRU', config }, arrays);
  const { layers, weights } = await readLegacy('test', file);
  expect(layers).toEqual([{ type: 'gru', options: { name: 'only', units: UNITS, resetAfter: false } }]);
  expect(weights!.map(({ shape }) => shape)).toEqual([[2, 9], [3, 9], [9]]);
  expect(gateAt(weights![1], 3, 1, 2, 0)).toBe(new Map(arrays).get('only_U_r')!.data[2 * UNITS]);
});

test('gates of Keras 1 that are not alike, and arrays too many, are refused', async () => {
  const wrong = drawn(...gates('icfo').map(([name, shape]) => [name, name === 'only_W_f' ? [2, 4] : shape] as const));
  await expect(readLegacy('test', await fileOf('1.2.2', LSTM1, wrong))).rejects.toThrow('only_W_f is no part of');
  const more = drawn(...gates('icfo'), ['only_more', [3]]);
  await expect(readLegacy('test', await fileOf('1.2.2', LSTM1, more))).rejects.toThrow('has 13 arrays, expected 3');
});

const KERAS2 = { name: 'only', units: UNITS, use_bias: true, activation: 'tanh' };
const LSTM2 = {
  class_name: 'LSTM',
  config: { ...KERAS2, recurrent_activation: 'hard_sigmoid', unit_forget_bias: true },
};
const THREE = [
  ['only/kernel:0', [FEATURES, 4 * UNITS]],
  ['only/recurrent_kernel:0', [UNITS, 4 * UNITS]],
  ['only/bias:0', [4 * UNITS]],
] as const;

test('a file of Keras 2 is read with its state of Adam, whose moments lie in two rows', async () => {
  const weights = drawn(...THREE);
  const slot = (kind: string) =>
    THREE.map(([name, shape]) => [`Adam/${name.replace(':0', `/${kind}:0`)}`, shape] as const);
  const moments = drawn(...slot('m'), ...slot('v'));
  const iteration: Arrays = [['Adam/iter:0', { shape: [], data: new BigInt64Array([7n]) }]];
  const config = {
    optimizer_config: {
      class_name: 'Adam',
      config: {
        name: 'Adam',
        learning_rate: 0.01,
        beta_1: 0.9,
        beta_2: 0.999,
        decay: 0,
        epsilon: 1e-7,
        amsgrad: false,
      },
    },
    loss: 'mse',
    metrics: ['mae'],
    sample_weight_mode: null,
    loss_weights: null,
    weighted_metrics: null,
  };
  const file = await fileOf('2.4.0', LSTM2, weights, { config, state: [...iteration, ...moments] });
  const contents = await readLegacy('test', file);
  expect(contents.layers[0].options).toMatchObject({ recurrentActivation: 'hardSigmoidLegacy' });
  expect(contents.weights!.map(({ data }) => data)).toEqual(weights.map(([, { data }]) => data));
  expect(contents.optimizerState).toMatchObject({ iterations: 7, learningRate: 0.01 });
  const { momentum, velocity } = contents.optimizerState!.moments;
  expect([...momentum, ...velocity].map(({ data }) => data)).toEqual(moments.map(([, { data }]) => data));
  const lost = await fileOf('2.4.0', LSTM2, weights, { config, state: [...iteration, ...moments.slice(1)] });
  await expect(readLegacy('test', lost)).rejects.toThrow('the momentum of adam has 2 arrays, expected 3');
});

/** The numbers that a layer for cuDNN makes of a gate's matrix: unit by unit, each with all of its inputs. */
const ofCudnn = ({ data }: Hdf5Array, gates_: number, gate: number, input: number, unit: number, depth: number) => {
  const flatIndex = unit * depth + input;
  const [row, column] = [Math.floor(flatIndex / UNITS), flatIndex % UNITS];
  return Number(data[row * gates_ * UNITS + gate * UNITS + column]);
};

test.each([
  ['CuDNNLSTM', 4, [12]],
  ['CuDNNGRU', 3, [2, 9]],
] as const)('%s is read as the layer that computes the same', async (class_name, count, biasShape) => {
  const arrays = drawn(
    ['only/kernel:0', [FEATURES, count * UNITS]],
    ['only/recurrent_kernel:0', [UNITS, count * UNITS]],
    ['only/bias:0', [2 * count * UNITS]],
  );
  const config = { name: 'only', units: UNITS };
  const { weights, layers } = await readLegacy('test', await fileOf('2.2.4', { class_name, config }, arrays));
  expect(layers).toEqual([{ type: count === 4 ? 'lstm' : 'gru', options: { name: 'only', units: UNITS } }]);
  const [kernel, recurrent, bias] = weights!;
  expect(bias.shape).toEqual(biasShape);
  for (let gate = 0; gate < count; gate++) {
    for (let unit = 0; unit < UNITS; unit++) {
      expect(gateAt(kernel, count, gate, 1, unit)).toBe(ofCudnn(arrays[0][1], count, gate, 1, unit, FEATURES));
      expect(gateAt(recurrent, count, gate, 2, unit)).toBe(ofCudnn(arrays[1][1], count, gate, 2, unit, UNITS));
    }
  }
  const two = arrays[2][1].data as Float32Array;
  const expected = count === 4 ? two.subarray(0, 12).map((value, n) => value + two[12 + n]) : two;
  expect([...bias.data]).toEqual([...expected]);
});

test('what is not known at the root of a file is refused, since what it should have been would be left out', async () => {
  const model = { class_name: 'Sequential', config: [] };
  const root = { model_config: JSON.stringify(model), keras_version: '2.4.0' };
  const weights = { model_weights: group({ layer_names: EMPTY }) };
  const read = async (tree: Hdf5Group) => readLegacy('loadModel: a.h5', await writeHdf5('test', tree));
  await expect(read(group({ ...root, training_configs: '{}' }, weights))).rejects.toThrow(
    'loadModel: a.h5: there is "training_configs" at its root',
  );
  await expect(read(group(root, { ...weights, optimizer_weight: group({}) }))).rejects.toThrow('"optimizer_weight"');
});

test('weights alone of Keras 2 are read by their order', async () => {
  const weights = drawn(...THREE);
  const file = await writeHdf5('test', group({ layer_names: ['only'], backend: 'x' }, { only: named(weights) }));
  const model = { inputShape: [4, FEATURES] as const, layers: [{ type: 'lstm', options: { units: UNITS } }] };
  const read = await readWeightsFile('test', file, model);
  expect(read.map(({ data }) => data)).toEqual(weights.map(([, { data }]) => data));
  const lost = await writeHdf5('test', group({ layer_names: EMPTY }, { only: named(weights) }));
  await expect(readWeightsFile('test', lost, model)).rejects.toThrow('belong to no layer');
});
