import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readOnnx } from '../../../src/formats/onnx/read-graph.ts';
import { ofBackward, torchBidirectionals } from '../../golden/bidirectional.ts';
import { onnxNodes, onnxDirections, type OnnxNode } from '../../golden/onnx-nodes.ts';
import { kerasWeights, torchLstms, torchPacked, type TorchLstm } from '../../golden/torch-lstm.ts';
import type { GoldenTensor } from '../../golden/tensor.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { ONNX_RUNS } from './fixtures.ts';
import { onnxFile, floats } from './onnx-graph.ts';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../golden/files/${name}.onnx`, import.meta.url)));

const runs = [...torchLstms, ...torchPacked, ...torchBidirectionals];
const recorded = ONNX_RUNS.map((name): [string, TorchLstm] => [name, runs.find((run) => run.name === name)!]);

/** Recorded numbers are float32, and the sum of two biases is rounded to it. */
const ROUNDING = { atol: 6e-8, rtol: 6e-8 };

/** The recorded weights in Keras' layout, direction after direction. */
function expectedWeights({ params, config }: TorchLstm): ArrayLike<number>[] {
  const isBidirectional = Object.keys(params).some((name) => name.endsWith('_reverse'));
  const directions = isBidirectional ? [params, ofBackward(params)] : [params];
  expect(config.num_layers).toBe(1);
  return directions.flatMap((direction) => {
    const { kernel, recurrentKernel, bias } = kerasWeights(direction, 0);
    return [kernel, recurrentKernel, bias];
  });
}

test.each(recorded)('%s.onnx has the weights and options that were recorded', async (name, run) => {
  const { inputShape, layers, weights, batchSize } = await readOnnx(name, fixture(name));
  const { input_size, hidden_size, time, lengths } = run.config;
  expect(inputShape).toEqual([time, input_size]);
  expect(batchSize).toBeUndefined();
  const isBidirectional = name.includes('bidir');
  const options = {
    units: hidden_size,
    activation: 'tanh',
    recurrentActivation: 'sigmoid',
    useBias: true,
    returnSequences: true,
    returnState: true,
    ...(lengths && !isBidirectional && { zeroOutputForMask: true }),
  };
  const layer = { type: 'lstm', options };
  expect(layers).toEqual([
    isBidirectional ? { type: 'bidirectional', options: { layer, mergeMode: 'concat' } } : layer,
  ]);
  const expected = expectedWeights(run);
  expect(weights).toHaveLength(expected.length);
  weights!.forEach(({ data }, n) => expectClose(data, expected[n], { ...ROUNDING, what: `${name}: weight ${n}` }));
});

/** A node of the tests of ONNX as a graph with some of its outputs. */
async function nodeFile(
  { attributes, inputs }: OnnxNode,
  op: string,
  outputs: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const slots = ['X', 'W', 'R', 'B', 'sequence_lens', 'initial_h', 'initial_c', 'P'];
  const given: Record<string, GoldenTensor | undefined> = inputs;
  const { hidden_size, direction = 'forward', layout } = attributes;
  return onnxFile({
    inputs: { X: inputs.X.shape },
    outputs,
    nodes: [
      [
        op,
        slots.map((slot) => (given[slot] && !['sequence_lens', 'initial_h', 'initial_c'].includes(slot) ? slot : '')),
        ['Y', 'Y_h', 'Y_c'].map((name) => (outputs.includes(name) ? name : '')).slice(0, op === 'GRU' ? 2 : 3),
        { hidden_size: { i: hidden_size }, direction, ...(layout === 1 && { layout: { i: 1 } }) },
      ],
    ],
    initializers: slots.flatMap((slot) => {
      const tensor = slot === 'X' ? undefined : given[slot];
      return tensor && ['W', 'R', 'B', 'P'].includes(slot) ? [floats(slot, tensor.shape, tensor.data)] : [];
    }),
  });
}

test.each(onnxNodes.filter(({ node }) => !node.inputs.P).map((one) => [one.node.name, one] as const))(
  '%s of the tests of ONNX has the weights and options that were recorded',
  async (name, { op, node }) => {
    const file = await nodeFile(node, op, ['Y_h']);
    const { inputShape, layers, weights } = await readOnnx(name, file);
    const directions = onnxDirections.filter((direction) => direction.name.startsWith(`${name},`));
    const [{ shape, units, goBackwards }] = directions;
    expect(inputShape).toEqual(shape.slice(1));
    const isBidirectional = directions.length === 2;
    const layer = {
      type: op === 'GRU' ? 'gru' : 'lstm',
      options: {
        units,
        activation: 'tanh',
        recurrentActivation: 'sigmoid',
        useBias: node.inputs.B !== undefined,
        ...(op === 'GRU' && { resetAfter: false }),
        ...(goBackwards && !isBidirectional && { goBackwards: true }),
        returnSequences: false,
      },
    };
    expect(layers).toEqual([
      isBidirectional ? { type: 'bidirectional', options: { layer, mergeMode: 'concat' } } : layer,
    ]);
    const expected = directions.flatMap(({ kernel, recurrentKernel, bias }) => [
      kernel,
      recurrentKernel,
      ...(node.inputs.B ? [bias] : []),
    ]);
    weights!.forEach(({ data }, n) => expectClose(data, expected[n], { ...ROUNDING, what: `${name}: weight ${n}` }));
    expect(weights).toHaveLength(expected.length);
  },
);

test('last states that are outputs beside Y or Y_h are returned by the layer', async () => {
  const { op, node } = onnxNodes.find(({ node: { name } }) => name === 'test_lstm_reverse')!;
  const read = await readOnnx('reverse', await nodeFile(node, op, ['Y_h', 'Y_c']));
  expect(read.layers[0].options).toMatchObject({ goBackwards: true, returnSequences: false, returnState: true });
});

test('Y of direction "reverse" is refused, since its steps are in an order that no layer gives', async () => {
  const { op, node } = onnxNodes.find(({ node: { name } }) => name === 'test_gru_reverse')!;
  const file = await nodeFile(node, op, ['Y', 'Y_h']);
  await expect(readOnnx('reverse.onnx', file)).rejects.toThrow(
    /^reverse\.onnx: the steps of the output are .* "reverse"/,
  );
});

test('peepholes are refused by name', async () => {
  const { op, node } = onnxNodes.find(({ node: { inputs } }) => inputs.P)!;
  const file = await nodeFile(node, op, ['Y_h']);
  await expect(readOnnx('p.onnx', file)).rejects.toThrow('p.onnx: node 0 (LSTM) has peepholes (input P)');
});
