import { SnapshotError } from '../../runtime/errors.ts';
import { isFiniteFloat32, isList, show } from '../../runtime/options.ts';
import type { LayerState } from '../training/engine/states.ts';
import type { Network } from '../network/network.ts';
import { streamStates } from '../network/stream-states.ts';
import { architectureOf } from './fingerprint.ts';

/** The version of snapshots that this version of the library makes and takes. */
const VERSION = 1;

/** A stream at one moment, as plain data: it can be cloned, posted to a worker and stored. */
export interface StreamSnapshot {
  /** The version of the form that the other fields have: 1. */
  readonly version: number;
  /** The name of the stream. */
  readonly name: string;
  /** The model that the states belong to: its layers as a text, and a digest of its weights in hexadecimal digits. */
  readonly fingerprint: { readonly architecture: string; readonly weights: string };
  /** How many steps were pushed into the stream, and how often it was reset, since it was first opened. */
  readonly steps: number;
  readonly resets: number;
  /**
   * The states of the stateful layers in their order, [units] each: for an LSTM h and c. Behind them
   * the last output, `stream/output`, and where there are several times as many features as outputs, so that an input may be a
   * window of outputs, the last input, `stream/input`.
   */
  readonly states: readonly LayerState[];
}

/** The name and the counts of a stream. */
export type StreamFacts = Pick<StreamSnapshot, 'name' | 'steps' | 'resets'>;

/** Makes a snapshot. @param states those of the layers in their order; default: zeros */
export function snapshotOf(
  network: Network,
  { name, steps, resets }: StreamFacts,
  weights: string,
  states?: readonly Float32Array<ArrayBuffer>[],
): StreamSnapshot {
  return {
    version: VERSION,
    name,
    fingerprint: { architecture: architectureOf(network), weights },
    steps,
    resets,
    states: expectedStates(network).map((state, index) => ({
      ...state,
      data: states?.[index] ?? new Float32Array(state.shape[0]),
    })),
  };
}

/**
 * Checks every field of a snapshot, which may come from anywhere, and copies its states, whose numbers may be any of float32.
 *
 * @throws SnapshotError if it is damaged, or that of a model with other layers
 */
export function checkSnapshot(where: string, network: Network, saved: unknown): Float32Array<ArrayBuffer>[] {
  const { version, name, fingerprint, steps, resets, states } = (saved ?? {}) as Partial<StreamSnapshot>;
  const check = (field: string, value: unknown, isRight: boolean, expected: string) => {
    if (isRight) return;
    const stream = typeof name === 'string' ? ` The snapshot is that of stream ${show(name)}.` : '';
    throw new SnapshotError(`${where}: ${field} of the snapshot is ${show(value)}, expected ${expected}.${stream}`);
  };
  if (version === undefined) {
    throw new SnapshotError(`${where}: got ${show(saved)}, expected a snapshot: await stream.save().`);
  }
  check('version', version, version === VERSION, `${VERSION}, that of this version of the library`);
  check('name', name, typeof name === 'string' && name !== '', 'a text that is not empty');
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  check('steps', steps, isCount(steps), 'a whole number of at least 0');
  check('resets', resets, isCount(resets), 'a whole number of at least 0');
  const { architecture, weights } = (fingerprint ?? {}) as Partial<StreamSnapshot['fingerprint']>;
  check('fingerprint.weights', weights, /^[0-9a-f]{8}$/.test(String(weights)), 'a digest of 8 hexadecimal digits');
  check('fingerprint.architecture', architecture, typeof architecture === 'string', 'a text');
  assertSameLayers(where, architecture!, architectureOf(network));
  const expected = expectedStates(network);
  check('states', states, Array.isArray(states) && states.length === expected.length, `a list of ${expected.length}`);
  return expected.map((state, index) => {
    const given = (states![index] ?? {}) as Partial<LayerState>;
    check(`states[${index}].name`, given.name, given.name === state.name, show(state.name));
    const [size] = state.shape;
    const data: unknown = given.data;
    check(`states[${index}].shape`, given.shape, String(given.shape) === String(size), `[${size}]`);
    const hint = isList(data)
      ? ''
      : ' (JSON makes an object of a typed array: use snapshotsToBuffer, or write Array.from(data))';
    check(`states[${index}].data`, data, isList(data) && data.length === size, `${size} numbers${hint}`);
    const numbers = Array.from(data as ArrayLike<number>);
    const at = numbers.findIndex((value) => !isFloat32(value));
    check(`states[${index}].data[${at}]`, numbers[at], at < 0, 'a number that float32 can hold');
    return Float32Array.from(numbers);
  });
}

/** NaN and Infinity are valid, since a stream may hold them, and what was saved must be taken again. */
function isFloat32(value: unknown): boolean {
  return isFiniteFloat32(value) || (typeof value === 'number' && !Number.isFinite(value));
}

/** @throws SnapshotError with the first layer that differs, if the texts of two architectures do */
function assertSameLayers(where: string, given: string, expected: string): void {
  if (given === expected) return;
  const [theirs, own] = [given, expected].map((text) => text.split(' → '));
  const index = own.findIndex((layer, n) => layer !== theirs[n]);
  const [one, other] = [theirs, own].map((layers) => show(layers[index] ?? 'no layer'));
  throw new SnapshotError(
    `${where}: the snapshot is that of a model with other layers: ${index > 0 ? `layer ${index - 1}` : 'its input'} ` +
      `is ${one}, expected ${other}. Restore it in a model with the same layers.`,
  );
}

/** The states of a stream by name and shape, in their order. */
function expectedStates({ statefulLayers, sampleShape, outputShape }: Network): Omit<LayerState, 'data'>[] {
  const all = [...statefulLayers.flatMap(({ states }) => states), ...streamStates(sampleShape, outputShape)];
  return all.map(({ name, size }) => ({ name, shape: [size] }));
}
