import type { LayerContents, ModelContents } from '../contents.ts';
import { parseJson, readSlots, type JsonValue } from '../reading.ts';
import { RECURRENT_TYPES } from '../weight-parts.ts';

/** The most layers: no model comes near. */
const MAX_LAYERS = 1000;

type Architecture = Pick<ModelContents, 'inputShape' | 'batchSize' | 'slots' | 'layers'>;

/** The key of the metadata under which this library keeps what a state_dict has no place for. */
export const KEY = 'lstm-webgpu';

/** The architecture as JSON. An initializer that is a function is left out, which stands for the layer's default. */
export function writeArchitecture({ inputShape, batchSize, slots, layers }: ModelContents): string {
  return JSON.stringify({ inputShape, batchSize, slots, layers });
}

/** @throws ValueError with the place in the JSON unless it is an architecture; options are checked by whoever makes layers */
export function readArchitecture(where: string, json: string): Architecture {
  const value = parseJson(where, `__metadata__["${KEY}"]`, json);
  value.onlyKeys(['inputShape', 'batchSize', 'slots', 'layers']);
  const shape = value.get('inputShape');
  const sizes = shape.list();
  if (sizes.length < 1 || sizes.length > 2) shape.fail('[timesteps, features], [features] or [timesteps]');
  const layers = value.get('layers');
  const slots = value.optional('slots');
  if (layers.list().length > MAX_LAYERS) layers.fail(`at most ${MAX_LAYERS} layers`);
  return {
    inputShape: sizes.map((size, n) => (n === 0 && size.isNull ? null : size.wholeNumber(1))),
    batchSize: value.optional('batchSize')?.wholeNumber(1),
    slots: slots && readSlots(slots),
    layers: layers.list().map((layer) => layerOf(layer)),
  };
}

function layerOf(layer: JsonValue, isInner = false): LayerContents {
  layer.onlyKeys(['type', 'options']);
  const type = layer.get('type').text();
  const options = layer.get('options');
  options.optional('name')?.text();
  if (isInner) layer.get('type').oneOf(RECURRENT_TYPES);
  const inner = type === 'bidirectional' ? { layer: layerOf(options.get('layer'), true) } : {};
  return { type, options: { ...(options.value as LayerContents['options']), ...inner } };
}
