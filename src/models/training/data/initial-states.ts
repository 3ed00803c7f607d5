import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { show } from '../../../runtime/options.ts';
import { expectShape, shapeText } from '../../../runtime/shape.ts';
import type { NumberArray } from '../../../runtime/numbers.ts';
import { toArray, type ArrayInput } from '../../network/arrays.ts';
import type { Layer, StateName } from '../../network/layers/layer.ts';
import { OTHER_NUMBERS } from '../../network/float32.ts';
import type { Network } from '../../network/network.ts';

/**
 * The states that the samples start from, [samples, units] each: row s is that of sample s, in whatever order and in
 * whatever batches the samples come. An LSTM takes `[h, c]`, a GRU or a simple RNN `[h]`, and a bidirectional layer the states
 * of the forward direction and then those of the backward one. A model with several recurrent layers takes lists by the names
 * of layers: `{ lstm: [h, c], gru: [h] }`; a layer that is left out starts as it would without.
 *
 * As in Keras 3, an initial state wins over the stored state of a stateful layer and over a reset; the state after the
 * last step is stored all the same. Like x it is data, so it must be finite, unlike what `setStates` takes.
 */
export type InitialState = readonly ArrayInput[] | Readonly<Record<string, readonly ArrayInput[]>>;

/**
 * Checks initial states for a number of samples.
 *
 * @returns a channel for each
 * @throws ShapeError, ValueError
 */
export function toInitialStates(
  where: string,
  { layers }: Network,
  given: InitialState,
  samples: number,
): Record<StateName, NumberArray> {
  const recurrent = layers.filter(({ isRecurrent }) => isRecurrent);
  if (recurrent.length === 0) {
    throw new ValueError(`${where} is given, and no layer of this model is recurrent. Leave it out.`);
  }
  const states = Object.entries(byLayer(where, given, recurrent)).flatMap(([name, list]) => {
    const layer = recurrent.find((other) => other.name === name);
    if (!layer) {
      const known = recurrent.map((other) => show(other.name)).join(', ');
      throw new ValueError(`${where}: there is no recurrent layer ${show(name)}. The recurrent layers are ${known}.`);
    }
    return statesOf(where, layer, list, samples);
  });
  return Object.fromEntries(states);
}

/** @throws ValueError */
function byLayer(where: string, given: unknown, recurrent: readonly Layer[]): Record<string, unknown> {
  const form = `{ ${recurrent.map(({ name, states }) => `${name}: ${lettersOf(states)}`).join(', ')} }`;
  if (typeof given !== 'object' || given === null) {
    throw new ValueError(`${where} is ${show(given)}, expected lists of arrays by the names of layers: ${form}.`);
  }
  if (!Array.isArray(given)) return given as Record<string, unknown>;
  if (recurrent.length > 1) {
    throw new ValueError(
      `${where} is one list, and this model has ${recurrent.length} recurrent layers. Give lists by name: ${form}.`,
    );
  }
  return { [recurrent[0].name]: given };
}

/** @throws ShapeError, ValueError */
function statesOf(
  where: string,
  { name: layer, states }: Layer,
  list: unknown,
  samples: number,
): [StateName, NumberArray][] {
  if (!Array.isArray(list) || list.length !== states.length) {
    const got = Array.isArray(list) ? `${list.length} arrays` : show(list);
    const expected = states.map(({ name, size }) => `${name} ${shapeText([samples, size])}`).join(', ');
    throw new ShapeError(`${where}: ${layer} got ${got}, expected a list of ${states.length}: ${expected}.`);
  }
  return states.map(({ name, size }, index) => {
    const { data, shape } = toArray(`${where}: ${name}`, (list as ArrayInput[])[index], OTHER_NUMBERS);
    const dimensions = [
      { name: 'samples', size: samples },
      { name: 'units', size },
    ];
    expectShape(`${where}: ${name}`, shape, dimensions, 'It needs a row for each sample of x.');
    return [name, { data, shape }];
  });
}

/** `[h, c]` */
function lettersOf(states: Layer['states']): string {
  return shapeText(states.map(({ name }) => name.split('/').at(-1)!));
}
