import type { SampleShape } from '../../../index.ts';
import type { LayerContents, ModelContents } from '../../contents.ts';
import type { JsonValue } from '../../reading.ts';
import { RECURRENT_TYPES } from '../../weight-parts.ts';
import { chainOf } from './chain.ts';
import { inputOf } from './input-shape.ts';
import { fieldOf, objectOf } from './objects.ts';
import { layersOf, originOf, type Origin } from './program.ts';
import { INPUT_LAYER, layerObjectOf, readLayer } from './read-layer.ts';
import { passesMask } from './shapes.ts';

/**
 * Reads the architecture of a model, as Keras 1, 2, 3 and TensorFlow.js write it: `{ class_name, config }`.
 *
 * @param model the JSON with its place in the file
 * @param version the version that the file gives, such as `3.15.1` or `tfjs-layers 4.22.0`. Without one, what depends on it is
 * refused
 * @throws ValueError with the layer, the option and the place in the file if a part of the model has no counterpart here
 */
export function readModelConfig(
  model: JsonValue,
  version: string | undefined,
): Pick<ModelContents, 'inputShape' | 'batchSize' | 'layers'> {
  const { className, config } = objectOf(model, ['compile_config', 'keras_version', 'backend', 'name']);
  const origin = originOf(model, version);
  const layers = chainOfModel(model, className, config);
  const { inputShape, batchSize } = inputOf(layers, config);
  const read = layers
    .filter((layer) => layerObjectOf(layer).className !== INPUT_LAYER)
    .map((layer) => readLayer(layer, origin));
  if (read.length === 0) fieldOf(model, 'config').fail('at least one layer');
  return { inputShape: inputShape as SampleShape, batchSize, layers: withMasks(read, origin) };
}

/** The layers of a model in the order of the data, with the layer that tells the shape of the input if there is one. */
export function chainOfModel(model: JsonValue, className: string, config: JsonValue): JsonValue[] {
  if (className === 'Sequential') return layersOf(config);
  if (className === 'Functional' || className === 'Model') return chainOf(config);
  return fieldOf(model, 'class_name').fail('Sequential or Functional', 'Models of your own classes cannot be read.');
}

/**
 * From Keras 3.16 on, a recurrent layer ends its mask: the layers behind it get none.
 *
 * @param groups the layers here, in one group for each layer of Keras
 */
function withMasks(groups: readonly LayerContents[][], { dropsMasks }: Origin): LayerContents[] {
  let hasMask = false;
  return groups.flatMap((layers) => {
    const last = layers.at(-1)!;
    const passed = layers.reduce((mask, layer) => passesMask(layer, mask), hasMask);
    const isDropped = dropsMasks && hasMask && passed && isRecurrent(last);
    hasMask = passed && !isDropped;
    return isDropped ? [...layers.slice(0, -1), withoutMask(last)] : layers;
  });
}

function isRecurrent({ type }: LayerContents): boolean {
  return type === 'bidirectional' || RECURRENT_TYPES.includes(type);
}

function withoutMask({ type, options }: LayerContents): LayerContents {
  if (type !== 'bidirectional') return { type, options: { ...options, passMask: false } };
  return { type, options: { ...options, layer: withoutMask(options.layer as LayerContents) } };
}
