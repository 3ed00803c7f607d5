import * as ort from 'onnxruntime-web';
import { expect, test } from 'vitest';
import type { LayerContents } from '../../../src/formats/contents.ts';
import { readOnnx } from '../../../src/formats/onnx/read-graph.ts';
import type { AttributeValue } from '../../../src/formats/onnx/graph-builder.ts';
import type { TensorProto } from '../../../src/formats/onnx/proto.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import type { DrawnLayer } from '../../reference/drawn-model.ts';
import { stackOf } from '../../reference/drawn-twin.ts';
import { floats, onnxFile, type Graph } from './onnx-graph.ts';
import { outputsOf } from './onnx-runtime.ts';

type Random = ReturnType<typeof rng>;

const int = (i: number) => ({ i });
const ints = (...list: number[]) => ({ ints: list });
const pick = <T>(random: Random, values: readonly T[]): T => values[random.integer(0, values.length - 1)];
const drawn = (random: Random, name: string, shape: number[]) =>
  floats(
    name,
    shape,
    random.array(
      shape.reduce((product, size) => product * size, 1),
      0.5,
    ),
  );

/** The attributes of a Conv1d of PyTorch with as much padding on either side, with all of it in front, or of other exporters. */
function drawWindows(random: Random, kernelSize: number, steps: number): Record<string, AttributeValue> {
  const strides = random.integer(1, 3);
  const dilation = strides === 1 ? random.integer(1, 3) : 1;
  const reach = (kernelSize - 1) * dilation + 1;
  const half = Math.floor((reach - 1) / 2);
  // With strides the windows of equal padding are those of "same" for some numbers of steps alone.
  const isEven = reach % 2 === 1 && (strides === 1 || (steps - 1) % strides === 0);
  const paddings: Record<string, AttributeValue>[] = [
    { pads: ints(reach - 1, 0) },
    ...(isEven ? [{ pads: ints(half, half) }] : []),
    ...(dilation === 1 ? [{ auto_pad: 'SAME_UPPER' }] : []),
    ...(steps >= reach ? [{ pads: ints(0, 0) }, { auto_pad: 'VALID' }, {}] : []),
  ];
  return {
    strides: ints(strides),
    dilations: ints(dilation),
    kernel_shape: ints(kernelSize),
    ...pick(random, paddings),
  };
}

/**
 * A CNN-LSTM as PyTorch exports it: convolutions over [batch, features, steps], each with its activation, then the steps to the
 * front for an LSTM or GRU, and a linear layer on the last step or on all of them.
 */
function drawCnnLstm(random: Random): { graph: Graph; shape: number[] } {
  const [batch, features, steps] = [random.integer(1, 3), random.integer(1, 4), random.integer(4, 14)];
  const nodes: Graph['nodes'][number][] = [];
  const initializers: TensorProto[] = [];
  let [from, width, length] = ['x', features, steps];
  for (let n = random.integer(1, 2); n > 0; n--) {
    const [filters, kernelSize] = [random.integer(1, 5), random.integer(1, 4)];
    const attributes = drawWindows(random, kernelSize, length);
    const inputs = [from, `w${n}`, ...(random.integer(0, 1) ? [`b${n}`] : [])];
    initializers.push(drawn(random, `w${n}`, [filters, width, kernelSize]));
    if (inputs.length === 3) initializers.push(drawn(random, `b${n}`, [filters]));
    nodes.push(['Conv', inputs, [`conv${n}`], attributes, `/conv${n}/Conv`]);
    nodes.push([pick(random, ['Relu', 'Tanh', 'Sigmoid']), [`conv${n}`], [`act${n}`], {}, `/act${n}`]);
    length = lengthBehind(attributes, kernelSize, length);
    [from, width] = [`act${n}`, filters];
  }
  const [op, blocks] = pick(random, [['LSTM', 4] as const, ['GRU', 3] as const]);
  const [units, outputs] = [random.integer(1, 5), random.integer(1, 3)];
  initializers.push(
    drawn(random, 'W', [1, blocks * units, width]),
    drawn(random, 'R', [1, blocks * units, units]),
    drawn(random, 'B', [1, 2 * blocks * units]),
    drawn(random, 'head', [outputs, units]),
    drawn(random, 'head bias', [outputs]),
  );
  const isLast = random.integer(0, 1) === 0;
  nodes.push(
    ['Transpose', [from], ['stepsFirst'], { perm: ints(0, 2, 1) }],
    ['Transpose', ['stepsFirst'], ['timeMajor'], { perm: ints(1, 0, 2) }, '/lstm/Transpose'],
    [
      op,
      ['timeMajor', 'W', 'R', 'B'],
      ['Y'],
      { hidden_size: int(units), ...(op === 'GRU' && { linear_before_reset: int(1) }) },
    ],
    ['Squeeze', ['Y', 'one'], ['squeezed']],
    ['Transpose', ['squeezed'], ['batchMajor'], { perm: ints(1, 0, 2) }],
    ...(isLast ? ([['Gather', ['batchMajor', 'last'], ['step'], { axis: int(1) }]] as const) : []),
    ['Transpose', ['head'], ['turned'], { perm: ints(1, 0) }],
    ['MatMul', [isLast ? 'step' : 'batchMajor', 'turned'], ['product']],
    ['Add', ['head bias', 'product'], ['y']],
  );
  initializers.push({ name: 'one', dims: [1], dataType: 7, int64Data: [1] });
  if (isLast) initializers.push({ name: 'last', dims: [], dataType: 7, int64Data: [-1] });
  const shape = [batch, features, steps];
  return { graph: { inputs: { x: ['batch', features, steps] }, outputs: ['y'], nodes, initializers }, shape };
}

function lengthBehind(attributes: Record<string, AttributeValue>, kernelSize: number, steps: number): number {
  const { strides, dilations, pads, auto_pad } = attributes as Record<
    string,
    { ints: number[] } | string | undefined
  > & {
    strides: { ints: number[] };
    dilations: { ints: number[] };
  };
  if (auto_pad === 'SAME_UPPER') return Math.ceil(steps / strides.ints[0]);
  const [front, back] = (pads as { ints: number[] } | undefined)?.ints ?? [0, 0];
  return Math.floor((steps + front + back - (kernelSize - 1) * dilations.ints[0] - 1) / strides.ints[0]) + 1;
}

const drawnLayer = ({ type, options }: LayerContents) => ({ kind: type, options }) as unknown as DrawnLayer;

/** Samples of [batch, features, steps] as [batch, steps, features]. */
function stepsFirst(x: Float32Array, [batch, features, steps]: readonly number[]): Float32Array {
  const turned = new Float32Array(x.length);
  x.forEach((value, n) => {
    const row = Math.floor(n / (features * steps));
    turned[(row * steps + (n % steps)) * features + (Math.floor(n / steps) % features)] = value;
  });
  expect(x.length).toBe(batch * features * steps);
  return turned;
}

test('CNN-LSTMs as PyTorch exports them are read as models that compute what ONNX Runtime computes', async () => {
  const random = rng(randomSeed());
  for (let n = 0; n < 30; n++) {
    const { graph, shape } = drawCnnLstm(random);
    const file = await onnxFile(graph);
    const [batch, features, steps] = shape;
    const x = random.array(batch * features * steps, 1);
    const { y } = await outputsOf(file, { x: new ort.Tensor('float32', x, shape) });
    const { layers, inputShape, weights } = await readOnnx('torch.onnx', file);
    expect(inputShape).toEqual([steps, features]);
    const model = { layers: layers.map(drawnLayer), features, loss: 'huber' } as unknown as Parameters<
      typeof stackOf
    >[0];
    const twin = stackOf(model);
    twin.setWeights(weights!.map(({ data }) => data));
    const outputs = twin.forward({ x: stepsFirst(x, shape), shape: [batch, steps, features] });
    expect(y.dims).toEqual(outputs.shape);
    expectClose(y.data as Float32Array, outputs.values, { atol: 1e-5, rtol: 1e-5, what: JSON.stringify(graph.nodes) });
  }
});

/** The first layer of a graph of one Conv. */
async function convolution(
  attributes: Record<string, AttributeValue>,
  steps: number | string = 'steps',
  kernel = [2, 1, 3],
) {
  const file = await onnxFile({
    inputs: { x: ['batch', 1, steps] },
    outputs: ['y'],
    nodes: [['Conv', ['x', 'w'], ['y'], attributes, 'conv/Conv']],
    initializers: [floats('w', kernel, new Float32Array(kernel.reduce((product, size) => product * size, 1)))],
  });
  return (await readOnnx('c.onnx', file)).layers[0].options;
}

test('paddings of a Conv are those of conv1d with the same windows', async () => {
  const padding = async (...given: Parameters<typeof convolution>) => (await convolution(...given)).padding;
  expect(await padding({})).toBe('valid');
  expect(await padding({ pads: ints(2, 0) })).toBe('causal');
  expect(await padding({ pads: ints(1, 1) })).toBe('same');
  expect(await padding({ pads: ints(2, 2), dilations: ints(2) })).toBe('same');
  expect(await padding({ auto_pad: 'SAME_LOWER' })).toBe('same');
  expect(await padding({ pads: ints(1, 1), strides: ints(2) }, 9)).toBe('same');
  expect(await padding({ pads: ints(0, 1), strides: ints(2) }, 8)).toBe('same');
  // An odd step of zeros more stands behind.
  expect(await padding({ pads: ints(1, 2) }, 8, [2, 1, 4])).toBe('same');
});

test.each([
  ['group 2', { group: int(2) }, 'has group 2, expected 1'],
  [
    'uneven pads',
    { pads: ints(1, 2) },
    'has pads [1,2], expected [0, 0] (valid), [2, 0] (causal) or those of same, here [1,1]',
  ],
  [
    'pads that are those of "same" for some lengths',
    { pads: ints(1, 1), strides: ints(2) },
    'unknown for any number of steps',
  ],
  ['pads of two dimensions', { pads: ints(1, 1, 1, 1) }, 'has pads [1,1,1,1]'],
  [
    'SAME_LOWER with an odd step',
    { auto_pad: 'SAME_LOWER', dilations: ints(1), strides: ints(2) },
    'has auto_pad "SAME_LOWER"',
  ],
  ['an unknown auto_pad', { auto_pad: 'SOME' }, 'has auto_pad "SOME"'],
  ['two paddings', { auto_pad: 'VALID', pads: ints(1, 1) }, 'has both auto_pad "VALID" and pads'],
  ['strides and dilations', { strides: ints(2), dilations: ints(2) }, 'has both strides and dilations'],
  ['two strides', { strides: ints(2, 2) }, 'has strides [2,2], expected one whole number'],
  ['another kernel_shape', { kernel_shape: ints(4) }, 'has kernel_shape [4] and weights [2, 1, 3], expected [3]'],
])(
  '%s of a Conv is refused with the name of the node',
  async (_what, attributes: Record<string, AttributeValue>, message) => {
    await expect(convolution(attributes)).rejects.toThrow(message);
    await expect(convolution(attributes)).rejects.toThrow(/^c\.onnx: node "conv\/Conv" \(Conv\) has /);
  },
);

test('a Conv of fewer steps than its kernel, of other features or of images is refused', async () => {
  await expect(convolution({}, 2)).rejects.toThrow('takes 2 steps, expected at least 3, the reach of its kernel.');
  await expect(convolution({}, 5, [2, 4, 3])).rejects.toThrow('has weights [2, 4, 3] for 1 features.');
  await expect(convolution({}, 5, [2, 1, 3, 3])).rejects.toThrow('convolves 3 dimensions with weights [2, 1, 3, 3].');
});
