import type { LayerContents } from '../../contents.ts';
import { JsonValue, show } from '../../reading.ts';
import { RECURRENT_TYPES } from '../../weight-parts.ts';
import {
  ANY_LAYER,
  CELL_CLASSES,
  LAYER_CLASSES,
  NO_ACTIVITY,
  RNN_OPTIONS,
  WITHOUT_EFFECT,
  type LayerClass,
} from './layer-table.ts';
import { fieldOf, objectOf, optionalField, type KerasObject } from './objects.ts';
import { isEqual, readOptions, type Option } from './options.ts';
import type { Origin } from './program.ts';

/** Wrappers and other layers that are not just a row of options. */
const READERS: Readonly<Record<string, (object: KerasObject, origin: Origin) => LayerContents[]>> = {
  Bidirectional: readBidirectional,
  TimeDistributed: readTimeDistributed,
  TimeDistributedDense: (object, origin) => [readPlain({ ...object, className: 'Dense' }, origin)],
  RNN: readRnn,
};

/** The names of all classes of layers that can be read, but for that of inputs. */
const READABLE = [...Object.keys(LAYER_CLASSES), ...Object.keys(READERS)];

/** The class of layers that has no weights and no effect but to tell the shape of the input. */
export const INPUT_LAYER = 'InputLayer';

/** The fields beside a layer's class and options in a model with connections between its layers. */
const CONNECTIONS = ['name', 'inbound_nodes', 'inboundNodes'];

/** A layer of a file: its class, and its options with a place that names the layer. */
export function layerObjectOf(layer: JsonValue): KerasObject {
  const { className, config } = objectOf(layer, CONNECTIONS);
  const name = config.isObject ? optionalField(config, 'name') : undefined;
  const title = name === undefined ? className : `${show(name.value)} (${className})`;
  return { className, config: new JsonValue(`${layer.where}: layer ${title}`, config.path, config.value) };
}

/**
 * Reads a layer. One of Keras can be several here: cells that are stacked, for example.
 *
 * @throws ValueError with the layer, the option and the place if it has no counterpart here
 */
export function readLayer(layer: JsonValue, origin: Origin): LayerContents[] {
  const object = layerObjectOf(layer);
  const { className } = object;
  if (Object.hasOwn(READERS, className)) return READERS[className](object, origin);
  if (Object.hasOwn(LAYER_CLASSES, className)) return [readPlain(object, origin)];
  const field = fieldOf(layer, 'class_name');
  return new JsonValue(object.config.where, field.path, className).fail(`one of ${READABLE.join(', ')}`);
}

function readPlain({ className, config }: KerasObject, origin: Origin): LayerContents {
  const { type, options, fixed } = LAYER_CLASSES[className];
  return {
    type,
    options: { ...named(config), ...fixed, ...readOptions(config, allOf(options), origin, WITHOUT_EFFECT) },
  };
}

/** The rows of a class together with those that all layers have. */
function allOf(options: readonly Option[]): readonly Option[] {
  const hasActivity = options.some(({ keras }) => keras === NO_ACTIVITY.keras);
  return [...ANY_LAYER, ...options, ...(hasActivity ? [] : [NO_ACTIVITY])];
}

/** The name of a layer, if it has one. */
function named(config: JsonValue): { name?: string } {
  const name = optionalField(config, 'name')?.text();
  return name === undefined ? {} : { name };
}

/** Keras Bidirectional is written with both layers, of which the second has to be like the first. */
function readBidirectional({ config }: KerasObject, origin: Origin): LayerContents[] {
  const own: readonly Option[] = allOf([]);
  readOptions(config, own, origin, [...WITHOUT_EFFECT, 'merge_mode', 'layer', 'backward_layer', 'num_constants']);
  const forward = readDirection(fieldOf(config, 'layer'), origin, false);
  const backward = optionalField(config, 'backward_layer');
  if (backward) assertMirror(backward, forward, readDirection(backward, origin, true));
  const field = fieldOf(config, 'merge_mode');
  const mergeMode = field.value === undefined ? 'concat' : field.oneOf(['concat', 'sum', 'mul', 'ave', null]);
  const merge = mergeMode === 'concat' ? {} : { mergeMode };
  return [{ type: 'bidirectional', options: { ...named(config), ...merge, layer: forward } }];
}

/** One of the two layers, without what both directions settle: which of them goes backwards, and zeros at padding. */
function readDirection(field: JsonValue, origin: Origin, goesBackwards: boolean): LayerContents {
  const [layer, ...others] = readLayer(field, origin);
  const { className, config } = layerObjectOf(field);
  if (others.length > 0 || !RECURRENT_TYPES.includes(layer.type)) {
    fieldOf(field, 'class_name').fail('LSTM, GRU or SimpleRNN');
  }
  const { goBackwards = false, zeroOutputForMask: _, name, ...options } = layer.options;
  if (goBackwards !== goesBackwards) fieldOf(config, 'go_backwards').fail(String(goesBackwards));
  const inner = (name as string | undefined)?.replace(/^(forward|backward)_/, '');
  const isStandard = inner === undefined || inner === standardName(className);
  return { type: layer.type, options: isStandard ? options : { ...options, name: inner } };
}

/** The name that Keras gives to a layer without one. */
export function standardName(className: string): string {
  return className
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** @throws ValueError unless the second layer has the same options as the first, but for its name and initializers */
function assertMirror(field: JsonValue, forward: LayerContents, backward: LayerContents): void {
  const { name: _, ...first } = forward.options;
  const { name: __, ...second } = backward.options;
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  const other = [...names].find((name) => !isEqual(first[name], second[name]));
  if (forward.type === backward.type && other === undefined) return;
  const difference = other ? `${other} is ${show(second[other])} instead of ${show(first[other])}` : backward.type;
  field.fail(`the mirror of the forward layer, but ${difference}`, 'Both directions have the same options here.');
}

/** A dense layer at every step is what `dense` does with sequences. */
function readTimeDistributed({ config }: KerasObject, origin: Origin): LayerContents[] {
  readOptions(config, allOf([]), origin, [...WITHOUT_EFFECT, 'layer']);
  const inner = fieldOf(config, 'layer');
  const object = layerObjectOf(inner);
  if (!['Dense', 'Activation'].includes(object.className)) {
    fieldOf(inner, 'class_name').fail('Dense or Activation', 'No other layer can be applied to every step here.');
  }
  const layer = readPlain(object, origin);
  return [{ type: layer.type, options: { ...layer.options, ...named(config) } }];
}

/** `RNN` with a cell is the layer of that cell; with several, the layers one after the other. */
function readRnn({ config }: KerasObject, origin: Origin): LayerContents[] {
  const { name } = named(config);
  const shared = readOptions(config, [...allOf(RNN_OPTIONS)], origin, [...WITHOUT_EFFECT, 'cell']);
  const field = fieldOf(config, 'cell');
  const cells = cellsOf(field).map((cell) => readCell(cell, origin));
  if (cells.length > 1 && shared.goBackwards) {
    fieldOf(config, 'go_backwards').fail('false', 'Cells that are stacked can only go forwards.');
  }
  return cells.map(({ type, options: { name: cellName, ...options } }, index) => {
    const isLast = index === cells.length - 1;
    const sequences = isLast ? {} : { returnSequences: true, zeroOutputForMask: undefined };
    const together = { ...shared, ...sequences, ...options };
    const layerName = cells.length === 1 ? name : [name, cellName].filter(Boolean).join('_');
    return { type, options: { ...(layerName ? { name: layerName } : {}), ...withoutUndefined(together) } };
  });
}

const withoutUndefined = (options: object) =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

/** The cells of `RNN`: one, a list, or a stack. */
function cellsOf(field: JsonValue): JsonValue[] {
  if (field.isList) return field.list();
  const { className, config } = objectOf(field);
  if (className !== 'StackedRNNCells') return [field];
  readOptions(config, ANY_LAYER, NO_DEFAULTS, [...WITHOUT_EFFECT, 'cells', 'reverse_state_order']);
  optionalField(config, 'reverse_state_order')?.oneOf([false]);
  return fieldOf(config, 'cells').list();
}

const NO_DEFAULTS: Origin = { program: 'keras3', isCertain: true, dropsMasks: false };

function readCell(cell: JsonValue, origin: Origin): LayerContents {
  const { className, config } = layerObjectOf(cell);
  if (!Object.hasOwn(CELL_CLASSES, className)) {
    fieldOf(cell, 'class_name').fail(`one of ${Object.keys(CELL_CLASSES).join(', ')}`);
  }
  const { type, options }: LayerClass = CELL_CLASSES[className];
  return { type, options: { ...named(config), ...readOptions(config, allOf(options), origin, WITHOUT_EFFECT) } };
}
