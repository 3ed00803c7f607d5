import { ShapeError, ValueError } from '../../index.ts';
import type { ArrayContents, ModelContents } from '../contents.ts';
import { outputShape } from '../keras/config/shapes.ts';
import { show } from '../reading.ts';
import { sameShape, shapeText } from '../shape.ts';
import { weightParts, type WeightPart } from '../weight-parts.ts';
import type { StoredWeight } from './shards.ts';

/**
 * Finds the weights of each layer by their names: `lstm/kernel`, `lstm/lstm_cell/kernel`, `bidirectional/forward_lstm/kernel`.
 *
 * @returns the weights in the order of `getWeights`
 * @throws ValueError if one is missing or left over, ShapeError if it has another shape
 */
export function findWeights(
  where: string,
  { layers, inputShape }: Pick<ModelContents, 'layers' | 'inputShape'>,
  stored: readonly StoredWeight[],
): ArrayContents[] {
  const named = byPlace(where, new Set(layers.map(({ options }) => options.name as string)), stored);
  let shape = inputShape;
  const weights = layers.flatMap((layer) => {
    const name = layer.options.name as string;
    const found = weightParts(layer, shape.at(-1)!).map((part) => {
      const key = keyOf(name, part);
      const weight = named.get(key) ?? missing(where, name, part);
      named.delete(key);
      expectShape(where, weight, part);
      return { name: weight.name, shape: weight.shape, data: weight.data };
    });
    shape = outputShape(layer, shape);
    return found;
  });
  const [left] = named.values();
  if (left) throw new ValueError(`${where}: weightsManifest has ${show(left.name)}, but its layer has no such weight.`);
  return weights;
}

const keyOf = (layer: string, { name, direction }: Pick<WeightPart, 'direction'> & { name: string }) =>
  JSON.stringify([layer, direction ?? '', name]);

/** Weights by their layer, direction and part, which the names between slashes tell. */
function byPlace(
  where: string,
  layers: ReadonlySet<string>,
  stored: readonly StoredWeight[],
): Map<string, StoredWeight> {
  const named = new Map<string, StoredWeight>();
  for (const weight of stored) {
    const tokens = weight.name.split('/');
    const part = tokens.pop()!.replace(/:\d+$/, '');
    const at = tokens.findIndex((token) => layers.has(token));
    if (at < 0) throw new ValueError(`${where}: weightsManifest has ${show(weight.name)}, but no layer has this name.`);
    const direction = tokens
      .slice(at + 1)
      .map((token) => /^(forward|backward)_/.exec(token)?.[1])
      .find(Boolean);
    const key = keyOf(tokens[at], { name: part, direction: direction as WeightPart['direction'] });
    const twin = named.get(key);
    if (twin) {
      throw new ValueError(
        `${where}: weightsManifest has ${show(twin.name)} and ${show(weight.name)}, the same weight of a layer.`,
      );
    }
    named.set(key, weight);
  }
  return named;
}

function missing(where: string, layer: string, { direction, name, shape }: WeightPart): never {
  const title = direction ? `${direction} ${name}` : name;
  throw new ValueError(`${where}: weightsManifest lacks the ${title} ${shapeText(shape)} of layer ${show(layer)}.`);
}

/** @throws ShapeError */
function expectShape(where: string, { name, shape }: StoredWeight, part: WeightPart): void {
  if (sameShape(shape, part.shape)) return;
  throw new ShapeError(`${where}: ${show(name)} has shape ${shapeText(shape)}, expected ${shapeText(part.shape)}.`);
}
