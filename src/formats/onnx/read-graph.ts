import { ShapeError, UnsupportedError, ValueError } from '../../index.ts';
import type { LayerContents, ModelContents } from '../contents.ts';
import { show } from '../reading.ts';
import { Chain, type DraftLayer } from './chain.ts';
import { CELLS } from './gates.ts';
import { GraphNode } from './graph-node.ts';
import { readProto, type GraphProto, type ModelProto, type ValueInfoProto } from './proto.ts';
import { LAYER_OPS, readEmbedding, readLinear } from './read-layers.ts';
import { LAYOUT_OP_NAMES, readLayout } from './read-layout.ts';
import { readRecurrent } from './read-recurrent.ts';
import { SIZE_OPS } from './read-sizes.ts';
import { readStates } from './states.ts';
import { FLOAT, INT32, INT64, typeName } from './tensors.ts';
import type { Axis, Flow, Value } from './values.ts';

/** The opsets whose operators are known: before 7 some broadcast in another way, and later ones may change their meaning. */
const OPSETS = { first: 7, last: 26 };

/**
 * Reads a model from an ONNX file: a chain of recurrent layers, dense layers, activations and what lies between them. Samples
 * and outputs are batch-major, [batch, timesteps, features], whatever the order in the graph. Lengths and initial states that
 * are inputs of the graph are given to `predict`; last states that are outputs make `returnState: true`.
 *
 * @param where the call and the file, which begin error messages
 * @throws ValueError, ShapeError, UnsupportedError (as rejections) with the node and its attribute if a part has no equal here
 */
export async function readOnnx(where: string, file: Uint8Array<ArrayBuffer>): Promise<ModelContents> {
  const model = await readProto(where, file);
  const { graph } = model;
  if (!graph) throw new ValueError(`${where}: there is no graph in it. Is it an ONNX model?`);
  if (graph.sparseInitializer) throw new UnsupportedError(`${where} has sparse initializers, expected dense ones.`);
  const chain = new Chain(where, opsetOf(where, model), graph.initializer ?? [], file.length);
  const nodes = (graph.node ?? []).map((proto, index) => new GraphNode(where, proto, index));
  readInputs(chain, graph, nodes);
  for (const node of nodes) {
    const values = readNode(chain, node);
    node.allRead();
    node.outputs.forEach((name, index) => {
      if (name === '') return;
      const value = values[index] ?? node.refuse(`has an output ${index}, ${show(name)}, which is not supported`);
      chain.define(name, value);
    });
  }
  const returned = readOutputs(chain, graph);
  chain.allUsed();
  const { inputShape, batchSize } = inputShapeOf(chain);
  const isStateful = readStates(chain, model, returned);
  return {
    inputShape,
    batchSize: isStateful ? batchSize : undefined,
    layers: layerContents(chain.layers),
    weights: chain.layers.flatMap(({ weights }) => weights),
  };
}

function opsetOf(where: string, { opsetImport = [], functions }: ModelProto): number {
  if (functions) throw new UnsupportedError(`${where} has functions, expected operators of ONNX alone.`);
  const version = opsetImport.find(({ domain = '' }) => domain === '' || domain === 'ai.onnx')?.version ?? 0;
  if (version >= OPSETS.first && version <= OPSETS.last) return version;
  throw new UnsupportedError(
    `${where} has opset ${version}, expected ${OPSETS.first} to ${OPSETS.last}. Export it anew.`,
  );
}

function readNode(chain: Chain, node: GraphNode): (Value | undefined)[] {
  const cell = CELLS.find(({ op }) => op === node.op);
  if (cell) return readRecurrent(chain, node, cell);
  if (node.op === 'Identity' && node.part === 'linear') return [readLinear(chain, node)];
  if (node.op === 'Gather') {
    const table = chain.value(node, 0);
    if (table.kind === 'constant' && !table.isInteger) return [readEmbedding(chain, node, table)];
  }
  if (node.op === 'Split') return splitStates(chain, node);
  if (LAYOUT_OP_NAMES.includes(node.op)) return [readLayout(chain, node)];
  const ops = [LAYER_OPS, SIZE_OPS].find((some) => Object.hasOwn(some, node.op));
  if (!ops) {
    const known = [...CELLS.map(({ op }) => op), ...Object.keys(LAYER_OPS), ...LAYOUT_OP_NAMES].join(', ');
    node.refuse('is an operator that is not supported', `Supported are ${known} and computed shapes.`);
  }
  return [ops[node.op](chain, node)];
}

/** Initial states of several layers may come as one array. */
function splitStates(chain: Chain, node: GraphNode): Value[] {
  const value = chain.value(node, 0);
  if (value.kind !== 'given' && value.kind !== 'zeros') node.refuse('splits something else than initial states');
  const lengths = node.ints('split') ?? chain.numbers(node, 1);
  if (lengths && lengths.length !== node.outputs.length)
    node.refuse(`has ${lengths.length} lengths for ${node.outputs.length} outputs`);
  for (const name of ['axis', 'num_outputs']) node.int(name, 0);
  return node.outputs.map(() => value);
}

/** Operators behind which initial states are still what was given. */
const MOVING_OPS = [
  'Slice',
  'Gather',
  'Split',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Reshape',
  'Identity',
  'Cast',
  'Concat',
];

/** The inputs of the graph that end, moved at most, as lengths or initial states of a recurrent node. */
function givenNames(nodes: readonly GraphNode[]): Set<string> {
  const given = new Set<string>();
  const recurrent = nodes.filter(({ op }) => CELLS.some((cell) => cell.op === op));
  const waiting = recurrent.flatMap(({ inputs }) => inputs.slice(4, 7));
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name): [string, GraphNode] => [name, node])));
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === '' || given.has(name)) continue;
    given.add(name);
    const maker = makers.get(name);
    if (!maker || !MOVING_OPS.includes(maker.op)) continue;
    waiting.push(...(maker.op === 'Concat' ? maker.inputs : maker.inputs.slice(0, 1)));
  }
  return given;
}

function readInputs(chain: Chain, { input = [] }: GraphProto, nodes: readonly GraphNode[]): void {
  const given = givenNames(nodes);
  for (const info of input) {
    const { name = '' } = info;
    if (chain.hasInitializer(name)) continue;
    if (given.has(name)) {
      chain.define(name, { kind: 'given', name }, true);
    } else if (chain.input) {
      throw new UnsupportedError(
        `${chain.where}: ${show(name)} is a second input of the graph, expected one for the samples.`,
      );
    } else {
      chain.define(name, samplesOf(chain, info), true);
    }
  }
  if (!chain.input) throw new UnsupportedError(`${chain.where}: the graph has no input for samples.`);
}

function samplesOf(chain: Chain, { name = '', type }: ValueInfoProto): Flow {
  const what = `${chain.where}: input ${show(name)}`;
  const { elemType, shape } = type?.tensorType ?? {};
  if (elemType !== FLOAT && elemType !== INT64 && elemType !== INT32) {
    throw new UnsupportedError(`${what} has data type ${typeName(elemType)}, expected FLOAT, or INT64 for indices.`);
  }
  const axes = shape?.dim?.map(({ dimValue }): Axis => ({ size: dimValue }));
  if (axes?.length !== 2 && axes?.length !== 3) {
    throw new ShapeError(`${what} has ${axes?.length ?? 'an unknown number of'} dimensions, expected 2 or 3.`);
  }
  if (axes.some(({ size = 1 }) => !Number.isSafeInteger(size) || size < 1)) {
    throw new ShapeError(
      `${what} has the shape [${axes.map(({ size }) => size ?? 'any').join(', ')}], expected positive sizes.`,
    );
  }
  return chain.begin(axes, elemType !== FLOAT);
}

/** Finds the output of the last layer among those of the graph. @returns the others, which are last states */
function readOutputs(chain: Chain, { output = [] }: GraphProto): Flow[] {
  const flows = output.map((info) => outputOf(chain, info));
  const isMain = (flow: Flow) => chain.isNewest(flow);
  const main = flows.find((flow) => !flow.finals && isMain(flow)) ?? flows.find(isMain);
  if (!main)
    throw new UnsupportedError(
      `${chain.where}: no output of the graph is that of the last node, so the graph branches.`,
    );
  const others = flows.filter((flow) => flow !== main);
  if (others.some(({ finals }) => !finals))
    throw new UnsupportedError(`${chain.where}: the graph has two outputs, expected one.`);
  if (main.isReversed) {
    throw new UnsupportedError(
      `${chain.where}: the steps of the output are in the order of the input, and a layer with direction "reverse" ` +
        `gives them here in its own order, as goBackwards in Keras does. Output Y_h, or reverse the steps by Slice.`,
    );
  }
  chain.take(undefined, main, true);
  return others;
}

/** @throws ValueError if no layer computes an output, ShapeError if it cannot have the shape that the graph tells */
function outputOf(chain: Chain, { name = '', type }: ValueInfoProto): Flow {
  const value = chain.lookUp(name);
  if (value?.kind !== 'flow') {
    throw new ValueError(`${chain.where}: the output ${show(name)} of the graph is not computed by a layer.`);
  }
  const { axes } = value;
  const told = type?.tensorType?.shape?.dim?.map(({ dimValue }) => dimValue);
  const fits =
    told?.length === axes.length && told.every((size, n) => (size ?? axes[n].size) === (axes[n].size ?? size));
  if (told && !fits) {
    const [given, expected] = [told, axes.map(({ size }) => size)].map((sizes) =>
      show(sizes.map((size) => size ?? 'any')),
    );
    throw new ShapeError(
      `${chain.where}: the output ${show(name)} has the shape ${given} in the graph, computed is ${expected}.`,
    );
  }
  return value;
}

/** The shape of a sample. Dimensions that no layer has used get the roles that are left, in the order batch, time, features. */
function inputShapeOf({ input, where, layers }: Chain): Pick<ModelContents, 'inputShape' | 'batchSize'> {
  const { axes, isInteger } = input!;
  if (layers.length === 0) throw new UnsupportedError(`${where}: the graph has no layers.`);
  const roles: NonNullable<Axis['role']>[] = isInteger
    ? ['batch', 'time']
    : ['batch', ...(axes.length === 3 ? ['time' as const] : []), 'features'];
  for (const role of roles) {
    if (!axes.some((axis) => axis.role === role)) axes.find((axis) => axis.role === undefined)!.role = role;
  }
  const [batch, ...sample] = roles.map((role) => axes.find((axis) => axis.role === role));
  const features = sample.at(-1);
  if (!isInteger && features?.size === undefined) {
    throw new ShapeError(`${where}: the graph does not tell how many features a sample has.`);
  }
  return { inputShape: sample.map((axis) => axis?.size ?? null), batchSize: batch?.size };
}

/** The layers, each with the name that its nodes begin with, if no other layer has it. */
function layerContents(layers: readonly DraftLayer[]): LayerContents[] {
  const names = layers.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  return layers.map(({ type, options, recurrent }, index) => {
    const isUnique = names[index] !== '' && names.indexOf(names[index]) === names.lastIndexOf(names[index]);
    const name = isUnique ? { name: names[index] } : {};
    if (recurrent?.directions !== 2) return { type, options: { ...options, ...name } };
    const { mergeMode = 'concat', ...inner } = options;
    return { type: 'bidirectional', options: { layer: { type, options: inner }, mergeMode, ...name } };
  });
}
