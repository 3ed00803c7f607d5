import type { LayerActivation, MergeMode } from '../../index.ts';
import { shapeText } from '../shape.ts';
import { ACTIVATION_OPS, activationOfNode } from './activation-names.ts';
import type { Chain, DraftLayer } from './chain.ts';
import type { GraphNode } from './graph-node.ts';
import { readConvolution } from './read-convolution.ts';
import { normalized } from './read-layout.ts';
import { isZero } from './read-sizes.ts';
import { ownFloats, transposed, type Constant } from './tensors.ts';
import type { Axis, Flow, Value } from './values.ts';

type Read = (chain: Chain, node: GraphNode) => Value;

/** Operators that are layers without states. */
export const LAYER_OPS: Readonly<Record<string, Read>> = {
  MatMul: (chain, node) => {
    const flow = chain.flow(node, 0);
    const kernel = chain.weights(node, 1);
    return addDense(chain, node, flow, kernel);
  },

  Add: (chain, node) => {
    const isFirst = chain.value(node, 0).kind === 'flow';
    return addBias(chain, node, chain.flow(node, isFirst ? 0 : 1), chain.weights(node, isFirst ? 1 : 0));
  },

  Gemm: (chain, node) => {
    const flow = chain.flow(node, 0);
    if (flow.axes.length > 2) node.refuse(`takes ${flow.axes.length} dimensions, expected two`);
    for (const name of ['alpha', 'beta']) {
      const factor = node.float(name, 1);
      if (factor !== 1) node.refuse(`has ${name} ${factor}, expected 1`);
    }
    if (node.int('transA', 0) !== 0) node.refuse('has transA 1, expected 0');
    const kernel = chain.weights(node, 1);
    const isTransposed = node.int('transB', 0) !== 0;
    const dense = addDense(chain, node, flow, isTransposed && kernel.shape.length === 2 ? transposed(kernel) : kernel);
    return chain.optional(node, 2) ? addBias(chain, node, dense, chain.weights(node, 2)) : dense;
  },

  Conv: readConvolution,

  Softmax: (chain, node) => {
    const flow = chain.take(node, chain.flow(node, 0));
    const known = flow.axes.findIndex(({ role }) => role === 'features');
    const features = known < 0 ? flow.axes.length - 1 : known;
    const axis = normalized(node, node.int('axis', chain.opset < 13 ? 1 : -1), flow.axes.length);
    if (axis !== features) node.refuse(`has axis ${axis}, expected ${features}, the features`);
    chain.assign(node, flow.axes[features], 'features');
    return addActivation(chain, node, flow, 'softmax');
  },

  Dropout: (chain, node) => {
    const flow = chain.take(node, chain.flow(node, 0));
    const ratio = chain.optional(node, 1) && chain.weights(node, 1).data[0];
    const training = chain.optional(node, 2);
    if (training && !isZero(training)) node.refuse('has training_mode, expected a graph for inference');
    const rate = ratio ?? node.float('ratio', 0.5);
    const seed = node.has('seed') ? { seed: node.int('seed', 0) } : {};
    return chain.add(
      { type: 'dropout', options: { rate, ...seed }, weights: [], path: node.layerPath },
      flow,
      flow.axes,
    );
  },

  ReduceSum: (chain, node) => merge(chain, node, 'sum'),
  ReduceProd: (chain, node) => merge(chain, node, 'mul'),
  ReduceMean: (chain, node) => merge(chain, node, 'ave'),

  ...Object.fromEntries(
    ACTIVATION_OPS.map((op): [string, Read] => [
      op,
      (chain, node) => addActivation(chain, node, chain.take(node, chain.flow(node, 0)), activationOfNode(node)),
    ]),
  ),
};

/** An embedding: rows of a table, picked by the samples. */
export function readEmbedding(chain: Chain, node: GraphNode, table: Constant): Flow {
  const indices = chain.flow(node, 1);
  if (table.shape.length !== 2 || node.int('axis', 0) !== 0 || !indices.isInteger) {
    node.refuse('picks parts of a constant, expected the rows of an embedding by indices that are samples');
  }
  const taken = chain.take(node, indices);
  const [inputDim, outputDim] = table.shape;
  const weights = [ownFloats(table)];
  const layer = { type: 'embedding', options: { inputDim, outputDim }, weights, path: node.layerPath };
  return chain.add(layer, taken, [...taken.axes, { role: 'features', size: outputDim }]);
}

/** An activation layer that changes nothing. Only the name of its node tells it from an Identity that an exporter left. */
export function readLinear(chain: Chain, node: GraphNode): Flow {
  return addActivation(chain, node, chain.take(node, chain.flow(node, 0)), 'linear');
}

function addDense(chain: Chain, node: GraphNode, flow: Flow, kernel: Constant): Flow {
  const taken = chain.take(node, flow);
  const { axes } = taken;
  const [features, units] = kernel.shape;
  const last = axes.at(-1)!;
  if (kernel.shape.length !== 2 || axes.length < 2 || last.size !== features || taken.isInteger) {
    const sizes = axes.map(({ size, role }) => size ?? role ?? 'any').join(', ');
    node.refuse(`multiplies an array [${sizes}] and weights ${shapeText(kernel.shape)}, expected [features, units]`);
  }
  chain.assign(node, last, 'features');
  const options = { units, activation: 'linear', useBias: false };
  const layer = { type: 'dense', options, weights: [ownFloats(kernel)], path: node.layerPath };
  return chain.add(layer, taken, axes.with(-1, { role: 'features', size: units }));
}

function addBias(chain: Chain, node: GraphNode, flow: Flow, bias: Constant): Flow {
  const dense = chain.layers.at(-1);
  const isDense = dense?.type === 'dense' && dense.options.useBias === false && dense.options.activation === 'linear';
  const units = dense?.options.units as number;
  const fits = bias.data.length === units && bias.shape.at(-1) === units && bias.shape.length <= flow.axes.length;
  if (!isDense || !chain.isNewest(flow) || !fits) {
    node.refuse(
      `adds a constant ${shapeText(bias.shape)} to what is not the product of a dense layer with as many units`,
    );
  }
  dense.options.useBias = true;
  dense.weights.push({ name: bias.name, shape: [units], data: ownFloats(bias).data });
  return chain.changed(flow, flow.axes);
}

/** The layers that an activation can be a part of. */
const ACTIVATED = ['dense', 'conv1d'];

/** An activation is a part of the dense layer or convolution before it, unless the names of the nodes tell them apart. */
function addActivation(chain: Chain, node: GraphNode, flow: Flow, activation: LayerActivation): Flow {
  const last = chain.layers.at(-1);
  const isActivated = last && ACTIVATED.includes(last.type) && last.options.activation === 'linear';
  if (!isActivated || !isPartOf(node, last) || activation === 'linear') {
    return chain.add(
      { type: 'activation', options: { activation }, weights: [], path: node.layerPath },
      flow,
      flow.axes,
    );
  }
  last.options.activation = activation;
  return chain.changed(flow, flow.axes);
}

function isPartOf({ layerPath }: GraphNode, layer: DraftLayer): boolean {
  return layerPath === '' || layer.path === '' || layerPath === layer.path;
}

/** The two directions of a bidirectional layer, merged. */
function merge(chain: Chain, node: GraphNode, mergeMode: MergeMode): Flow {
  const flow = chain.flow(node, 0);
  const [axis, ...more] = node.ints('axes') ?? chain.numbers(node, 1) ?? [];
  const at = more.length === 0 && axis !== undefined ? normalized(node, axis, flow.axes.length) : -1;
  if (
    node.int('keepdims', 1) !== 0 ||
    node.int('noop_with_empty_axes', 0) !== 0 ||
    flow.axes[at]?.role !== 'directions'
  ) {
    node.refuse('merges another dimension than that of two directions, without keepdims');
  }
  const taken = chain.take(node, flow, true);
  if (taken.axes.length !== flow.axes.length) node.refuse('merges the directions of a layer that has one');
  chain.layers.at(-1)!.options.mergeMode = mergeMode;
  return chain.changed(
    taken,
    taken.axes.filter(({ role }: Axis) => role !== 'directions'),
  );
}
