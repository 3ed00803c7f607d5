import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, show } from '../../../runtime/options.ts';
import type { Shape } from '../../../runtime/shape.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import { toNamed, type NamedInput } from '../../network/arrays.ts';
import type { Network } from '../../network/network.ts';
import type { Engine } from './engine.ts';

/** The states of some rows, from one layer: `lstm/h` or `lstm/c`. */
export interface LayerState {
  name: string;
  /** [rows, units]. */
  shape: Shape;
  data: Float32Array<ArrayBuffer>;
}

/** A state as `setStates` takes it, in the order of `getStates`; the name may be left out. */
export type LayerStateInput = NamedInput;

/** Which states are meant. Default: those of all layers and of all rows. */
export interface StateSelection {
  /** The name of one layer, such as `'lstm'`. */
  layer?: string;
  /** Rows of the batch, in the order in which their states are given. */
  slots?: readonly number[];
}

/**
 * Checks which states are to be read.
 *
 * @returns a function that reads them as they are after the updates queued so far
 * @throws ValueError if there is no such layer or slot, or no layer is stateful
 */
export function prepareReading(where: string, engine: Engine, selection: StateSelection): () => Promise<LayerState[]> {
  const selected = select(where, engine.network, selection);
  // Marks are copied at once, since a batch that is queued before the states are read removes them.
  return () =>
    readRows(
      engine,
      selected,
      selected.rows.map((row) => selected.slots.isMarked(row)),
    );
}

async function readRows(
  engine: Engine,
  { slots, states, rows }: Selected,
  marked: readonly boolean[],
): Promise<LayerState[]> {
  const pieces = await engine.read(() => states.map(({ index }) => slots.tensors[index].piece));
  return states.map(({ name, size }, at) => {
    const all = new Float32Array(pieces[at]);
    const data = new Float32Array(rows.length * size);
    rows.forEach((row, index) => {
      // A slot that is marked as reset still holds the old state, and reads as zero.
      if (!marked[index]) data.set(all.subarray(row * size, (row + 1) * size), index * size);
    });
    return { name, shape: [rows.length, size], data };
  });
}

/**
 * Checks states and copies them.
 *
 * @returns a function that writes them after the updates queued so far
 * @throws ShapeError, ValueError
 */
export function prepareStates(
  where: string,
  engine: Engine,
  given: readonly LayerStateInput[],
  selection: StateSelection,
): () => void {
  const { slots, states, rows } = select(where, engine.network, selection);
  const expected = states.map(({ name, size }) => ({ name, shape: [rows.length, size] }));
  const data = toNamed(where, { what: 'state', from: 'getStates()' }, given, expected).map((values) => values.slice());
  return () => {
    // A marked slot starts from zero in all states, so those that are not given are cleared.
    const cleared = rows.filter((row) => slots.takeReset(row));
    engine.queue.inOrder(() => {
      slots.clear(cleared);
      states.forEach(({ index, size }, at) => {
        rows.forEach((row, n) => {
          slots.tensors[index].write(data[at].subarray(n * size, (n + 1) * size), row * size);
        });
      });
    });
  };
}

/** The states and rows that a selection means. */
interface Selected {
  slots: StateSlots;
  /** The states by name and size, with their index among all states of the network. */
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
  const { slots: rows = Array.from({ length: batchSize! }, (_, row) => row) } = selection;
  slots.assertSlots(where, rows, batchSize!);
  return { slots, states, rows: Array.from(rows) };
}
