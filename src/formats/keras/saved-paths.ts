import { ValueError } from '../../index.ts';
import type { JsonValue } from '../reading.ts';
import { fieldOf, objectOf } from './config/objects.ts';
import { layerObjectOf, standardName } from './config/read-layer.ts';
import type { SavedObject } from './layer-weights.ts';

/** The paths of groups in which a layer's weights lie, for each of the layers of a model. */
export type SavedPaths = readonly (readonly string[])[];

/** Numbers names of the same kind as Keras does: `lstm`, `lstm_1`. */
class Numbered {
  readonly #counts = new Map<string, number>();

  name(kind: string): string {
    const count = this.#counts.get(kind) ?? 0;
    this.#counts.set(kind, count + 1);
    return count === 0 ? kind : `${kind}_${count}`;
  }
}

/** The names of the groups of layers, which follow from their classes and not from their names. */
export function groupNames(layers: readonly SavedObject[]): string[] {
  const numbered = new Numbered();
  return layers.map(({ kind }) => numbered.name(kind));
}

/** The paths for layers as this library writes them. */
export function pathsOfObjects(layers: readonly SavedObject[]): SavedPaths {
  const names = groupNames(layers);
  const below = ({ parts, weights }: SavedObject, path: string): string[] => [
    ...(weights.length > 0 ? [path] : []),
    ...[...parts].flatMap(([name, part]) => below(part, `${path}/${name}`)),
  ];
  return layers.map((layer, index) => below(layer, names[index]));
}

/**
 * The paths for the layers of a configuration, which knows wrappers that are not layers here.
 *
 * @param layers all layers of the model in the order of the file
 */
export function pathsOfConfig(layers: readonly JsonValue[]): SavedPaths {
  const numbered = new Numbered();
  return layers.map((layer) => pathsOfLayer(layer, numbered.name(standardName(layerObjectOf(layer).className))));
}

const RECURRENT = ['LSTM', 'GRU', 'SimpleRNN'];

function pathsOfLayer(layer: JsonValue, path: string): string[] {
  const { className, config } = layerObjectOf(layer);
  const inner = () => fieldOf(config, 'layer');
  if (RECURRENT.includes(className)) return [`${path}/cell`];
  if (className === 'TimeDistributed') return pathsOfLayer(inner(), `${path}/layer`);
  if (className === 'Bidirectional') {
    return ['forward_layer', 'backward_layer'].flatMap((name) => pathsOfLayer(inner(), `${path}/${name}`));
  }
  return className === 'RNN' ? pathsOfCells(fieldOf(config, 'cell'), `${path}/cell`) : [path];
}

function pathsOfCells(field: JsonValue, path: string): string[] {
  if (!field.isList && objectOf(field).className !== 'StackedRNNCells') return [path];
  const numbered = new Numbered();
  const cells = field.isList ? field.list() : fieldOf(objectOf(field).config, 'cells').list();
  return cells.map((cell) => `${path}/cells/${numbered.name(standardName(objectOf(cell).className))}`);
}

/** @throws ValueError if layers stand in another order than the data takes, in which Keras never writes them */
export function checkOrder(all: readonly JsonValue[], chain: readonly JsonValue[]): void {
  const wrong = chain.find(({ path }, index) => path !== all[index]?.path);
  if (!wrong) return;
  throw new ValueError(`${wrong.where}: ${wrong.path} is not in the order of the data, in which Keras writes layers.`);
}
