import { ValueError } from '../../../index.ts';
import { show, type JsonValue } from '../../reading.ts';
import { fieldOf, optionalField } from './objects.ts';
import { layersOf } from './program.ts';

const ADVICE =
  'Only a plain chain of layers can be read: one input, one output, each layer on the output of the one before.';

/**
 * The layers of a Functional model in the order of the data, the input first.
 *
 * @throws ValueError if it is anything but a chain: several inputs or outputs, branches, or states passed from layer to layer
 */
export function chainOf(config: JsonValue): JsonValue[] {
  const layers = layersByName(config);
  const [input, ...otherInputs] = ends(fieldOf(config, 'input_layers'));
  const [output, ...otherOutputs] = ends(fieldOf(config, 'output_layers'));
  if (otherInputs.length > 0) fieldOf(config, 'input_layers').fail('one input', ADVICE);
  if (otherOutputs.length > 0) fieldOf(config, 'output_layers').fail('one output', ADVICE);
  let layer = known(layers, output, fieldOf(config, 'output_layers'));
  const chain = new Set([layer]);
  while (nameOf(layer) !== input) {
    const nodes = fieldOf(layer, 'inbound_nodes');
    layer = known(layers, sourceOf(layer), nodes);
    if (chain.has(layer)) nodes.fail('a chain without a circle', ADVICE);
    chain.add(layer);
  }
  const other = [...layers].find(([, each]) => !chain.has(each));
  if (other) {
    throw new ValueError(
      `${config.where}: layer "${other[0]}" (${other[1].path}) is beside the chain to the output. ${ADVICE}`,
    );
  }
  return [...chain].reverse();
}

function layersByName(config: JsonValue): Map<string, JsonValue> {
  const layers = new Map<string, JsonValue>();
  for (const layer of layersOf(config)) {
    const name = nameOf(layer);
    if (layers.has(name)) layer.fail(`a layer of another name than ${show(name)}, which an earlier one has`);
    layers.set(name, layer);
  }
  return layers;
}

function nameOf(layer: JsonValue): string {
  return (optionalField(layer, 'name') ?? fieldOf(fieldOf(layer, 'config'), 'name')).text();
}

function known(layers: ReadonlyMap<string, JsonValue>, name: string, field: JsonValue): JsonValue {
  return layers.get(name) ?? field.fail(`connections between layers of the model, but none is called "${name}"`);
}

/** The layers at the ends of a model, `["name", 0, 0]` or a list of those. */
function ends(field: JsonValue): string[] {
  const list = field.list();
  const triples = list.length > 0 && list[0].isList ? list : [field];
  return triples.map(plainSource);
}

/** The layer in `[name, node, tensor]`, if it is its first output. */
function plainSource(field: JsonValue): string {
  const [layer, node, tensor] = field.list();
  if (!layer) return field.fail('[layer, 0, 0]');
  if (node?.value !== 0 || tensor?.value !== 0) field.fail('the first output of a layer that is used once', ADVICE);
  return layer.text();
}

/** The one layer whose output a layer takes. */
function sourceOf(layer: JsonValue): string {
  const nodes = fieldOf(layer, 'inbound_nodes');
  const [node, ...others] = nodes.list();
  if (!node || others.length > 0) return nodes.fail('one call of the layer', ADVICE);
  return node.isList ? oldSource(node) : newSource(node);
}

/** Keras 1 and 2 write `[[name, node, tensor, kwargs]]`. */
function oldSource(node: JsonValue): string {
  const [tensor, ...others] = node.list();
  if (!tensor || others.length > 0) return node.fail('one input', ADVICE);
  const parts = tensor.list();
  if (parts[3]) assertNoArguments(parts[3]);
  return plainSource(tensor);
}

/** Keras 3 writes `{ args: [tensor], kwargs }`. */
function newSource(node: JsonValue): string {
  node.onlyKeys(['args', 'kwargs']);
  const [tensor, ...others] = node.get('args').list();
  if (!tensor || others.length > 0) return node.get('args').fail('one input', ADVICE);
  const kwargs = node.get('kwargs');
  if (!kwargs.isNull) assertNoArguments(kwargs);
  tensor.get('class_name').oneOf(['__keras_tensor__'], ADVICE);
  return plainSource(tensor.get('config').get('keras_history'));
}

/** @throws ValueError if a layer is called with more than its input, such as states or a mask */
function assertNoArguments(kwargs: JsonValue): void {
  for (const name of kwargs.keys()) {
    const field = kwargs.get(name);
    if (!field.isNull && !(name === 'training' && field.value === false)) field.fail('null', ADVICE);
  }
}
