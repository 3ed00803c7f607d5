import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { knownOptions, show } from '../../../runtime/options.ts';
import { elementCount, sameShape, shapeText, type Shape } from '../../../runtime/shape.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import type { Network } from '../../network.ts';

/** The states of some rows, from one layer: `lstm/h` or `lstm/c`. */
export interface LayerState {
  name: string;
  /** [rows, units]. */
  shape: Shape;
  data: Float32Array<ArrayBuffer>;
}

/** What `setStates` accepts: names may be left out, the order is that of `getStates`. */
export type LayerStateInput = Pick<LayerState, 'shape' | 'data'> & Partial<Pick<LayerState, 'name'>>;

/** Which states are meant. Default: those of all layers and of all rows. */
export interface StateSelection {
  /** The name of one layer, such as `'lstm'`. */
  layer?: string;
  /** Rows of the batch, in the order in which their states are given. */
  slots?: readonly number[];
}

/** The states of training of the selected layers and rows, as they are after everything submitted so far. */
export async function readStates(where: string, network: Network, selection: StateSelection): Promise<LayerState[]> {
  const { slots, states, rows } = select(where, network, selection);
  const tensors = await Promise.all(states.map(({ index }) => slots.tensors[index].read()));
  return states.map(({ name, size }, at) => {
    const data = new Float32Array(rows.length * size);
    rows.forEach((row, place) => {
      // A reset is a mark until the next batch; what it marks reads as zero.
      if (!slots.isMarked(row)) data.set(tensors[at].subarray(row * size, (row + 1) * size), place * size);
    });
    return { name, shape: [rows.length, size], data };
  });
}

/** @throws ShapeError, ValueError before any state is written */
export function writeStates(
  where: string,
  network: Network,
  given: readonly LayerStateInput[],
  selection: StateSelection,
): void {
  const { slots, states, rows } = select(where, network, selection);
  const list = states.map(({ name, size }) => `${name} ${shapeText([rows.length, size])}`).join(', ');
  if (given.length !== states.length) {
    throw new ShapeError(`${where}: got ${given.length} states, expected ${states.length}: ${list}.`);
  }
  given.forEach(({ shape, data }, at) => {
    const expected = [rows.length, states[at].size];
    if (!sameShape(shape, expected) || data.length !== elementCount(expected)) {
      throw new ShapeError(
        `${where}: state ${at} has shape ${shapeText(shape)} and ${data.length} numbers, expected ${states[at].name} ` +
          `${shapeText(expected)}. Give the states in the order of getStates(): ${list}.`,
      );
    }
    const wrong = data.findIndex((value) => !Number.isFinite(value));
    if (wrong >= 0) {
      throw new ValueError(
        `${where}: ${states[at].name} holds ${data[wrong]} at index ${wrong}, expected finite numbers.`,
      );
    }
  });
  for (const row of rows) slots.clear(row);
  states.forEach(({ index, size }, at) => {
    rows.forEach((row, place) => {
      slots.tensors[index].write(given[at].data.slice(place * size, (place + 1) * size), row * size);
    });
  });
}

interface Selected {
  slots: StateSlots;
  states: { name: string; size: number; index: number }[];
  rows: readonly number[];
}

function select(where: string, network: Network, selection: StateSelection): Selected {
  knownOptions(where, selection, ['layer', 'slots']);
  const { slots, statefulLayers, batchSize } = network;
  if (!slots) {
    throw new ValueError(`${where}: no layer of this model is stateful. Build one with stateful: true, e.g. lstm.`);
  }
  const all = statefulLayers.flatMap((layer) => layer.states.map((state) => ({ ...state, layer: layer.name })));
  const states = all
    .map((state, index) => ({ ...state, index }))
    .filter(({ layer }) => selection.layer === undefined || selection.layer === layer);
  if (states.length === 0) {
    const known = [...new Set(all.map(({ layer }) => show(layer)))].join(', ');
    throw new ValueError(
      `${where}: there is no stateful layer ${show(selection.layer)}. The stateful layers are ${known}.`,
    );
  }
  const rows = selection.slots ?? Array.from({ length: batchSize! }, (_, row) => row);
  slots.assertSlots(where, rows, batchSize!);
  return { slots, states, rows };
}
