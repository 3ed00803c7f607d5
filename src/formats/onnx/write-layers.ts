import { UnsupportedError } from '../../index.ts';
import type { LayerContents } from '../contents.ts';
import { onnxActivation } from './activation-names.ts';
import type { GraphBuilder, Options, Passing } from './graph-builder.ts';
import { CELLS } from './gates.ts';
import { writeConvolution } from './write-convolution.ts';
import { writeRecurrent } from './write-recurrent.ts';

/** Adds the nodes of a layer. */
type Write = (builder: GraphBuilder, name: string, options: Options, input: Passing) => Passing;

const LAYERS: Readonly<Record<string, Write>> = {
  dense: (builder, name, { units, activation, useBias = true }, input) => {
    const width = units as number;
    const kernel = builder.weight(name, [input.features, width]);
    let output = builder.node(name, 'MatMul', [
      input.name,
      builder.floats(`${name}/kernel`, kernel.shape, kernel.data),
    ]);
    if (useBias) {
      const bias = builder.weight(name, [width]);
      output = builder.node(name, 'Add', [output, builder.floats(`${name}/bias`, bias.shape, bias.data)]);
    }
    return writeActivated(builder, name, activation, { ...input, name: output, features: width });
  },

  conv1d: (builder, name, options, input) =>
    writeActivated(builder, name, options.activation, writeConvolution(builder, name, options, input)),

  activation: (builder, name, { activation }, input) => ({
    ...input,
    name: writeActivation(builder, name, activation as string, input.name),
  }),

  dropout: (builder, name, { rate, seed }, input) => {
    const ratio = builder.floats(`${name}/ratio`, [], Float32Array.of(rate as number));
    const attributes = seed === undefined ? undefined : { seed: { i: seed as number } };
    return { ...input, name: builder.node(name, 'Dropout', [input.name, ratio], attributes) };
  },

  embedding: (builder, name, { inputDim, outputDim, maskZero }, input) => {
    if (maskZero) refuse(builder, name, 'maskZero: true, and a graph has no masks');
    const table = builder.weight(name, [inputDim as number, outputDim as number]);
    const output = builder.node(name, 'Gather', [
      builder.floats(`${name}/embeddings`, table.shape, table.data),
      input.name,
    ]);
    return { ...input, name: output, features: outputDim as number };
  },

  lastStep: (builder, name, _options, input) => {
    const index = builder.int(`${name}/index`, -1);
    return { ...input, name: builder.node(name, 'Gather', [input.name, index], { axis: { i: 1 } }), steps: undefined };
  },

  repeatVector: (builder, name, { n }, input) => {
    const step = builder.node(name, 'Unsqueeze', [input.name, builder.ints(`${name}/axes`, [1])]);
    const repeats = builder.ints(`${name}/repeats`, [1, n as number, 1]);
    return { ...input, name: builder.node(name, 'Tile', [step, repeats]), steps: n as number };
  },

  masking: (builder, name) => refuse(builder, name, 'the type masking, and a graph has no masks'),
};

/** The options of a recurrent layer, also of that inside `bidirectional`. */
export function recurrentOptions({ type, options }: LayerContents): Options | undefined {
  if (type === 'bidirectional') return (options.layer as LayerContents).options;
  return CELLS.some((cell) => cell.type === type) ? options : undefined;
}

/** Adds the nodes of a layer. @throws UnsupportedError if ONNX has no equal for it */
export function writeLayer(
  builder: GraphBuilder,
  { type, options }: LayerContents,
  name: string,
  input: Passing,
): Passing {
  const isBidirectional = type === 'bidirectional';
  const inner = isBidirectional ? (options.layer as LayerContents) : { type, options };
  const cell = CELLS.find((one) => one.type === inner.type);
  if (cell) {
    const mergeMode = (options.mergeMode === undefined ? 'concat' : options.mergeMode) as string | null;
    if (mergeMode === null) return refuse(builder, name, 'mergeMode: null, and a graph here has one output');
    return writeRecurrent(
      builder,
      { cell, name, options: inner.options, mergeMode: isBidirectional ? mergeMode : undefined },
      input,
    );
  }
  if (!Object.hasOwn(LAYERS, type)) refuse(builder, name, `the type ${type}, which cannot be written as ONNX here`);
  return LAYERS[type](builder, name, options, input);
}

function refuse(builder: GraphBuilder, name: string, problem: string): never {
  throw new UnsupportedError(
    `${builder.where}: layer "${name}" has ${problem}. Choose another format, such as "keras".`,
  );
}

/** The output of a layer with the activation that is a part of it. */
function writeActivated(builder: GraphBuilder, name: string, activation: unknown, output: Passing): Passing {
  if (activation === undefined || activation === 'linear') return output;
  return { ...output, name: writeActivation(builder, name, activation as string, output.name) };
}

function writeActivation(builder: GraphBuilder, name: string, activation: string, input: string): string {
  if (activation === 'linear') return builder.node(name, 'Identity', [input], {}, 'linear');
  if (activation === 'softmax') return builder.node(name, 'Softmax', [input], { axis: { i: -1 } });
  const { op, alpha, beta } = onnxActivation(activation);
  return builder.node(name, op, [input], {
    ...(alpha !== undefined && { alpha: { f: alpha } }),
    ...(beta !== undefined && { beta: { f: beta } }),
  });
}
