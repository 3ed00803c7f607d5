import { ValueError } from '../../index.ts';
import { parseJson, show } from '../reading.ts';
import type { Chain } from './chain.ts';
import type { ModelProto } from './proto.ts';
import type { Flow } from './values.ts';

/**
 * The entry of a file's metadata that tells layers which go on from batch to batch from those whose caller passes states by
 * hand: in the graph both have their states as inputs and outputs.
 */
const STATES_ENTRY = 'lstm_webgpu_states';

/** Names of layers: the stateful ones, and of these the ones that also return their states. */
interface StatesEntry {
  readonly stateful: readonly string[];
  readonly returnState: readonly string[];
}

export function writeStates(entry: StatesEntry): { key: string; value: string }[] {
  return entry.stateful.length > 0 ? [{ key: STATES_ENTRY, value: JSON.stringify(entry) }] : [];
}

/**
 * Sets `stateful` and `returnState` of the layers.
 *
 * @param returned the outputs of the graph that are last states
 * @returns whether a layer is stateful
 */
export function readStates(
  { layers, where }: Chain,
  { metadataProps = [] }: ModelProto,
  returned: readonly Flow[],
): boolean {
  const text = metadataProps.find(({ key }) => key === STATES_ENTRY)?.value;
  const entry = text === undefined ? { stateful: [], returnState: [] } : parse(where, text);
  const parts = returned.flatMap(({ finals }) => finals ?? []);
  layers.forEach(({ path, options, recurrent }, index) => {
    if (!recurrent) return;
    const own = parts.filter(({ layer }) => layer === index).length;
    const isStateful = entry.stateful.includes(path);
    if (isStateful && (!recurrent.hasInitialStates || own < recurrent.directions * recurrent.states)) {
      throw new ValueError(
        `${where}: metadata says that ${show(path)} is stateful, and the graph does not have its states as inputs and outputs.`,
      );
    }
    if (isStateful) options.stateful = true;
    if (isStateful ? entry.returnState.includes(path) : own > 0) options.returnState = true;
  });
  const names = layers.filter(({ recurrent }) => recurrent).map(({ path }) => path);
  const unknown = [...entry.stateful, ...entry.returnState].find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new ValueError(`${where}: metadata tells of a layer ${show(unknown)}, which the graph does not have.`);
  return entry.stateful.length > 0;
}

function parse(where: string, text: string): StatesEntry {
  const entry = parseJson(where, STATES_ENTRY, text);
  entry.onlyKeys(['stateful', 'returnState']);
  const names = (key: string) =>
    entry
      .get(key)
      .list()
      .map((name) => name.text());
  return { stateful: names('stateful'), returnState: names('returnState') };
}
