import { ValueError, type LayerState, type RandomState } from '../../index.ts';
import type { Files, LayerContents, ModelContents, TrainingPosition } from '../contents.ts';
import { readHdf5, writeHdf5 } from '../hdf5/hdf5.ts';
import { parseJson, readSlots, type JsonValue } from '../reading.ts';
import { RECURRENT_TYPES } from '../weight-parts.ts';
import { floats, groupOf } from './arrays.ts';
import { arrayOf, inOrder } from './weights-file.ts';

/** The file of the archive for all that Keras has no place for, except for arrays. */
const EXTRA = 'lstm_webgpu.json';
/** The file for the states of the slots: array n is the n-th state. */
const STATES = 'lstm_webgpu.states.h5';

export const EXTRA_FILES: readonly string[] = [EXTRA, STATES];

/**
 * Writes the random states, the position in a training, the slots of streams, the states, and the places of layers that are
 * options of others in Keras.
 */
export async function writeExtra(where: string, contents: ModelContents): Promise<Files> {
  const { randomState, position, slots, states, layers } = contents;
  const lastSteps = layers.flatMap(({ type, options }, index) =>
    type === 'lastStep' ? [{ index, name: options.name }] : [],
  );
  const extra = { randomState, position, slots, lastSteps, states: states?.map(({ name }) => name) };
  const files = new Map([[EXTRA, new TextEncoder().encode(JSON.stringify(extra)) as Uint8Array<ArrayBuffer>]]);
  if (!states) return files;
  const arrays = new Map(states.map((state, index) => [String(index), arrayOf(state)]));
  return files.set(STATES, await writeHdf5(where, groupOf({ arrays })));
}

/** Adds to contents what Keras has no place for, if this library wrote the file. @throws ValueError if it does not fit */
export async function readExtra(where: string, files: Files, contents: ModelContents): Promise<ModelContents> {
  const file = files.get(EXTRA);
  if (!file) {
    if (files.has(STATES)) throw new ValueError(`${where}: the archive has ${STATES}, but no ${EXTRA}.`);
    return contents;
  }
  const extra = parseJson(where, EXTRA, file);
  extra.onlyKeys(['randomState', 'position', 'slots', 'lastSteps', 'states']);
  return {
    ...contents,
    layers: withLastSteps(contents.layers, extra.get('lastSteps')),
    ...optional('randomState', extra.optional('randomState'), readRandomState),
    ...optional('slots', extra.optional('slots'), readSlots),
    ...optional('position', extra.optional('position'), readPosition),
    ...(await readStates(where, files, extra.optional('states'))),
  };
}

/** An object with one field, or without it if the file has none. */
const optional = <T>(name: string, field: JsonValue | undefined, read: (field: JsonValue) => T) =>
  field ? { [name]: read(field) } : {};

function readRandomState(field: JsonValue): RandomState {
  field.onlyKeys(['shuffle', 'dropout']);
  return { shuffle: field.get('shuffle').wholeNumbers(), dropout: field.get('dropout').wholeNumbers() };
}

function readPosition(field: JsonValue): TrainingPosition {
  field.onlyKeys(['epoch', 'batch']);
  return { epoch: field.get('epoch').wholeNumber(), batch: field.get('batch').wholeNumber() };
}

async function readStates(
  where: string,
  files: Files,
  names: JsonValue | undefined,
): Promise<{ states?: readonly LayerState[] }> {
  const file = files.get(STATES);
  if (!names !== !file)
    throw new ValueError(`${where}: ${EXTRA} and ${STATES} do not agree on whether there are states.`);
  if (!names || !file) return {};
  const place = `${where}: ${STATES}`;
  const { arrays, groups } = await readHdf5(place, file);
  const list = names.list();
  if (groups.size > 0 || arrays.size !== list.length) {
    throw new ValueError(`${place} has ${arrays.size} states, expected ${list.length} as ${names.path} says.`);
  }
  const states = inOrder(place, 'states', [...arrays]).map((array, index) => {
    const { shape, data } = floats(place, array.name, array);
    return { name: list[index].text(), shape, data };
  });
  return { states };
}

/** Puts a `lastStep` behind the layers that are to give sequences again. */
function withLastSteps(layers: readonly LayerContents[], places: JsonValue): LayerContents[] {
  const all = [...layers];
  for (const place of places.list()) {
    place.onlyKeys(['index', 'name']);
    const index = place.get('index').wholeNumber(1);
    const before = all[index - 1];
    if (!RECURRENT_TYPES.includes(before?.type) || before.options.returnSequences === true) {
      place.get('index').fail('the place behind a recurrent layer that gives its last step');
    }
    all[index - 1] = { type: before.type, options: { ...before.options, returnSequences: true } };
    all.splice(index, 0, {
      type: 'lastStep',
      options: optional('name', place.optional('name'), (name) => name.text()),
    });
  }
  return all;
}
