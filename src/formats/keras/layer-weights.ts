import type { SampleShape } from '../../index.ts';
import type { LayerContents } from '../contents.ts';
import { RECURRENT_TYPES, weightParts, type WeightPart } from '../weight-parts.ts';
import { outputShape } from './config/shapes.ts';
import { kerasLayers, kerasNames, standardNameOf } from './config/write-model-config.ts';

/** An object that Keras saves, such as a layer or the cell in it. */
export interface SavedObject {
  readonly name: string;
  /** The name of its class as Keras writes it in paths. */
  readonly kind: string;
  /** The objects in it by the names of Keras' attributes, such as `cell`. */
  readonly parts: ReadonlyMap<string, SavedObject>;
  readonly weights: readonly SavedWeight[];
}

export type SavedWeight = Pick<WeightPart, 'name' | 'shape'>;

/**
 * The objects that Keras saves for layers, in the order of their weights here.
 *
 * @throws ValueError if a layer has no counterpart in Keras
 */
export function savedLayers(where: string, given: readonly LayerContents[], inputShape: SampleShape): SavedObject[] {
  const layers = kerasLayers(where, given);
  const names = kerasNames(layers);
  let shape = inputShape;
  return layers.map((layer, index) => {
    const saved = savedLayer(layer, names[index], shape);
    shape = outputShape(layer, shape);
    return saved;
  });
}

/** All weights of an object and its parts, each with the path of objects to it. */
export function weightsOf(
  object: SavedObject,
  path: readonly string[] = [],
): { path: string[]; weight: SavedWeight }[] {
  const own = object.weights.map((weight) => ({ path: [...path, object.name], weight }));
  return [...own, ...[...object.parts.values()].flatMap((part) => weightsOf(part, [...path, object.name]))];
}

function savedLayer(layer: LayerContents, name: string, input: SampleShape): SavedObject {
  const { type, options } = layer;
  const kind = standardNameOf(type);
  if (type === 'bidirectional') {
    const inner = options.layer as LayerContents;
    const own = (inner.options.name as string | undefined) ?? standardNameOf(inner.type);
    const direction = (title: string) => savedLayer(inner, `${title}_${own}`, input);
    const parts = new Map([
      ['forward_layer', direction('forward')],
      ['backward_layer', direction('backward')],
    ]);
    return { name, kind, parts, weights: [] };
  }
  const weights = weightParts(layer, input.at(-1)!);
  if (!RECURRENT_TYPES.includes(type)) return { name, kind, parts: new Map(), weights };
  const cell = { name: `${kind}_cell`, kind: `${kind}_cell`, parts: new Map(), weights };
  return { name, kind, parts: new Map([['cell', cell]]), weights: [] };
}
