import { ValueError, type SampleShape } from '../../../index.ts';
import type { LayerContents, ModelContents } from '../../contents.ts';
import { show } from '../../reading.ts';
import { RECURRENT_TYPES } from '../../weight-parts.ts';
import { ANY_LAYER, classOf } from './layer-table.ts';
import { writeOptions } from './options.ts';
import { standardName } from './read-layer.ts';
import { outputShape } from './shapes.ts';
import { written, type Target } from './values.ts';

type Architecture = Pick<ModelContents, 'inputShape' | 'batchSize' | 'layers'>;

/** The start of error messages, the program that is to read what is written, and the batch of all shapes. */
interface Context {
  readonly where: string;
  readonly target: Target;
  readonly batch: number | null;
}

/**
 * The architecture as Keras 3.15 writes it into `config.json`, or, for TensorFlow.js, in the words of Keras 2. `jsonText` makes
 * the text of it.
 *
 * @throws ValueError with the layer and what to do if a part of the model has no counterpart there
 */
export function writeModelConfig(where: string, architecture: Architecture, target: Target = 'keras'): object {
  const { inputShape, batchSize } = architecture;
  const context: Context = { where, target, batch: batchSize ?? null };
  const shape = [context.batch, ...inputShape];
  const layers = writeLayers(context, kerasLayers(where, architecture.layers), inputShape);
  if (target === 'tfjs')
    return { class_name: 'Sequential', config: { name: 'sequential', layers: withInputShape(layers, shape) } };
  const input = written(context, 'keras.layers', 'InputLayer', inputLayer(shape));
  const config = {
    name: 'sequential',
    ...writeOptions({}, ANY_LAYER, context),
    layers: [input, ...layers],
    build_input_shape: shape,
  };
  return { ...written(context, 'keras', 'Sequential', config), build_config: { input_shape: shape } };
}

const inputLayer = (batch_shape: readonly (number | null)[]) => ({
  batch_shape,
  dtype: 'float32',
  sparse: false,
  ragged: false,
  name: 'input_layer',
  optional: false,
});

/** TensorFlow.js takes the shape of the input from the first layer. */
function withInputShape(layers: readonly object[], batch_input_shape: readonly (number | null)[]): object[] {
  const [{ config, ...first }, ...others] = layers as { config: object }[];
  return [{ ...first, config: { batch_input_shape, ...config } }, ...others];
}

/** The layers that a file has: `lastStep` is an option of the layer before it. @throws ValueError if it cannot be */
export function kerasLayers(where: string, layers: readonly LayerContents[]): LayerContents[] {
  const kept: LayerContents[] = [];
  for (const [index, layer] of layers.entries()) {
    if (layer.type !== 'lastStep') kept.push(layer);
    else kept.push(withLastStep(`${where}: ${titleOf(layer, index)}`, kept.pop()));
  }
  return kept;
}

/** A recurrent layer that gives its last step alone, instead of a sequence and a layer that takes its last step. */
function withLastStep(where: string, before: LayerContents | undefined): LayerContents {
  const { returnSequences, goBackwards, activityRegularizer, zeroOutputForMask: _, ...options } = before?.options ?? {};
  const isRecurrent = RECURRENT_TYPES.includes(before?.type ?? '');
  if (isRecurrent && returnSequences && !goBackwards && !activityRegularizer) return { type: before!.type, options };
  throw new ValueError(
    `${where} has no counterpart in Keras, but directly behind an lstm, gru or simpleRnn with returnSequences: true, ` +
      `forwards and without activityRegularizer. Leave returnSequences out of the last recurrent layer instead.`,
  );
}

function titleOf({ type, options }: LayerContents, index: number): string {
  return `layer ${options.name === undefined ? index : show(options.name)} (${type})`;
}

function writeLayers(context: Context, layers: readonly LayerContents[], inputShape: SampleShape): object[] {
  const names = kerasNames(layers);
  const written: object[] = [];
  let shape = inputShape;
  for (const [index, layer] of layers.entries()) {
    const where = `${context.where}: ${titleOf(layer, index)}`;
    written.push(writeLayer({ ...context, where }, layer, names[index], shape));
    shape = outputShape(layer, shape);
  }
  return written;
}

/** The name that Keras gives to a layer of a type here. */
export function standardNameOf(type: string): string {
  return standardName(classOf(type)?.[0] ?? type);
}

/** The names of layers as Keras gives them: their own, or that of the class, with a number from the second layer on. */
export function kerasNames(layers: readonly LayerContents[]): string[] {
  const names = new Set(layers.map(({ options }) => options.name as string | undefined));
  const counts = new Map<string, number>();
  return layers.map(({ type, options }) => {
    const kind = standardNameOf(type);
    if (typeof options.name === 'string') return options.name;
    for (;;) {
      const count = counts.get(kind) ?? 0;
      counts.set(kind, count + 1);
      const name = count === 0 ? kind : `${kind}_${count}`;
      if (!names.has(name)) return name;
    }
  });
}

/** @throws ValueError if Keras, or HDF5, in which the name is that of a group, takes no such name */
function checkName(where: string, name: string): void {
  if (name.includes('/')) {
    throw new ValueError(`${where}: Keras allows no "/" in the name of a layer. Give it another name.`);
  }
  if (name === '.' || name === '..' || name.includes('\0') || /\p{Surrogate}/u.test(name)) {
    throw new ValueError(`${where}: HDF5 has no such name. Give the layer another name.`);
  }
}

function writeLayer(context: Context, layer: LayerContents, name: string, input: SampleShape): object {
  checkName(context.where, name);
  if (layer.type === 'bidirectional') return writeBidirectional(context, layer, name, input);
  const [className, { options }] = classOf(layer.type) ?? noCounterpart(context.where);
  const own = withoutMaskOption(context.where, layer.options);
  assertKnown(context.where, own, options);
  const config = { name, ...writeOptions({}, ANY_LAYER, context), ...writeOptions(own, options, context) };
  return built(context, className, config, input);
}

function noCounterpart(where: string): never {
  throw new ValueError(`${where} has no counterpart in Keras, so the model cannot be saved in this format.`);
}

/** @throws ValueError if a sequence does not give its mask to the next layer, as it does in Keras up to 3.15 */
function withoutMaskOption(where: string, options: LayerContents['options']): LayerContents['options'] {
  const { passMask, ...others } = options;
  if (passMask !== false || options.returnSequences !== true) return others;
  throw new ValueError(
    `${where}: passMask is false, but sequences pass their mask on in Keras up to 3.15, and no option there changes that. ` +
      `Leave passMask out, or put a layer without mask between, and train anew.`,
  );
}

/** @throws ValueError if a layer has an option that would be lost */
function assertKnown(where: string, options: LayerContents['options'], rows: readonly { own?: string }[]): void {
  const unknown = Object.keys(options).find((name) => name !== 'name' && !rows.some(({ own }) => own === name));
  if (unknown !== undefined) throw new ValueError(`${where}: ${unknown} has no counterpart in Keras. Leave it out.`);
}

/** The classes that Keras builds as soon as they are made, so that it writes no shape of their input. */
const WITHOUT_BUILD = ['Masking', 'Dropout', 'Activation'];

/** A layer with the shape of its input, from which Keras builds its weights before it reads them. */
function built(context: Context, className: string, config: object, input: SampleShape): object {
  const layer = written(context, 'keras.layers', className, config);
  if (context.target === 'tfjs' || WITHOUT_BUILD.includes(className)) return layer;
  return { ...layer, build_config: { input_shape: [context.batch, ...input] } };
}

/**
 * Keras writes both layers, of which the second goes backwards; where sequences come out, both give zeros at padding.
 * TensorFlow.js writes the layer that both are made of.
 */
function writeBidirectional(context: Context, layer: LayerContents, name: string, input: SampleShape): object {
  const { mergeMode = 'concat', layer: inner, name: _, ...others } = layer.options;
  assertKnown(context.where, others, []);
  const { type, options } = inner as LayerContents;
  const kind = (options.name as string | undefined) ?? standardNameOf(type);
  const isKeras = context.target === 'keras';
  const zeroOutputForMask = isKeras && options.returnSequences === true;
  const direction = (title: string, goBackwards: boolean) =>
    writeLayer(context, { type, options: { ...options, goBackwards, zeroOutputForMask } }, `${title}${kind}`, input);
  const config = {
    name,
    ...writeOptions({}, ANY_LAYER, context),
    merge_mode: mergeMode,
    layer: direction(isKeras ? 'forward_' : '', false),
    ...(isKeras ? { backward_layer: direction('backward_', true) } : {}),
  };
  return built(context, 'Bidirectional', config, input);
}
