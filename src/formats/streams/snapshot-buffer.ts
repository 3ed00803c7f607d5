import { SnapshotError, ValueError, type LayerState, type StreamSnapshot } from '../../index.ts';
import { JsonValue, parseJson, show } from '../reading.ts';
import { crc32 } from '../zip/crc32.ts';

/** The first bytes of a file of snapshots. */
const MAGIC = 'LSTMSNAP';
/** The version of the layout, which docs/streams.md describes. */
const VERSION = 1;
/** The bytes before the JSON: the first ones, and three numbers. */
const HEAD = MAGIC.length + 12;
const CHECKSUM = 4;

/** The part that snapshots of one model share: their version, the model, and the names and shapes of their states. */
interface Form extends Pick<StreamSnapshot, 'version' | 'fingerprint'> {
  states: Pick<LayerState, 'name' | 'shape'>[];
}

/**
 * Writes snapshots of streams as bytes, with a version and a checksum. NaN and Infinity are kept.
 *
 * @throws ValueError if one of them is not what `stream.save` gives
 */
export function snapshotsToBuffer(snapshots: readonly StreamSnapshot[]): ArrayBuffer {
  const where = 'snapshotsToBuffer';
  const checked = new JsonValue(where, 'snapshots', snapshots).list().map(checkSnapshot);
  const forms = new Map<string, number>();
  const streams = checked.map(({ name, steps, resets, version, fingerprint, states }) => {
    const form: Form = { version, fingerprint, states: states.map(({ name: own, shape }) => ({ name: own, shape })) };
    const text = JSON.stringify(form);
    if (!forms.has(text)) forms.set(text, forms.size);
    return { name, steps, resets, form: forms.get(text) };
  });
  const text = new TextEncoder().encode(
    JSON.stringify({ forms: [...forms.keys()].map((form) => JSON.parse(form)), streams }),
  );
  const json = 4 * Math.ceil(text.length / 4);
  const arrays = checked.flatMap(({ states }) => states.map(({ data }) => data));
  const size = HEAD + json + 4 * arrays.reduce((sum, { length }) => sum + length, 0) + CHECKSUM;
  const bytes = new Uint8Array(size);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  [VERSION, size, json].forEach((number, index) => view.setUint32(MAGIC.length + 4 * index, number, true));
  bytes.fill(0x20, HEAD, HEAD + json);
  bytes.set(text, HEAD);
  let end = HEAD + json;
  for (const data of arrays) {
    new Float32Array(bytes.buffer, end, data.length).set(data);
    end += data.byteLength;
  }
  view.setUint32(end, crc32(bytes.subarray(0, end)), true);
  return bytes.buffer;
}

/**
 * Reads snapshots of streams from bytes that `snapshotsToBuffer` wrote.
 *
 * @throws SnapshotError if a byte is missing or is another, or they are those of a file of another kind; ValueError if it is no
 * buffer
 */
export function snapshotsFromBuffer(buffer: ArrayBufferLike | ArrayBufferView): StreamSnapshot[] {
  const where = 'snapshotsFromBuffer';
  const bytes = checkBytes(where, bytesOf(where, buffer));
  const view = new DataView(bytes.buffer);
  const json = view.getUint32(MAGIC.length + 8, true);
  const numbers = (bytes.length - HEAD - json - CHECKSUM) / 4;
  if (!(numbers >= 0) || json % 4 !== 0) {
    throw new SnapshotError(
      `${where}: the JSON has ${json} of ${bytes.length} bytes, expected fewer, a multiple of 4.`,
    );
  }
  const header = parseJson(where, '', bytes.subarray(HEAD, HEAD + json));
  header.onlyKeys(['forms', 'streams']);
  const forms = header.get('forms').list().map(formOf);
  const streams = header
    .get('streams')
    .list()
    .map((stream) => {
      stream.onlyKeys(['name', 'steps', 'resets', 'form']);
      const form = forms[stream.get('form').wholeNumber()] ?? stream.get('form').fail(`a number below ${forms.length}`);
      return { name: stream.get('name').text(), ...countsOf(stream), form };
    });
  const expected = streams.reduce(
    (sum, { form }) => sum + form.states.reduce((own, { shape }) => own + sizeOf(shape), 0),
    0,
  );
  if (expected !== numbers) throw new SnapshotError(`${where}: there are ${numbers} numbers, expected ${expected}.`);
  let end = HEAD + json;
  return streams.map(({ form: { version, fingerprint, states }, ...stream }) => ({
    version,
    ...stream,
    fingerprint,
    states: states.map(({ name, shape }) => {
      const begin = end;
      end += 4 * sizeOf(shape);
      return { name, shape, data: new Float32Array(bytes.buffer.slice(begin, end)) };
    }),
  }));
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** A copy of the bytes, which begins where numbers can be read. @throws ValueError */
function bytesOf(where: string, buffer: unknown): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength).slice();
  if (/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(buffer))) {
    return new Uint8Array(buffer as ArrayBufferLike).slice();
  }
  throw new ValueError(`${where}: got ${show(buffer)}, expected the ArrayBuffer that snapshotsToBuffer() gives.`);
}

/** @throws SnapshotError, ValueError */
function checkBytes(where: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const damaged = (what: string) => {
    throw new SnapshotError(`${where}: the snapshots are damaged: ${what}. Take an older copy of them.`);
  };
  if (bytes.length < HEAD + CHECKSUM) return damaged(`there are only ${bytes.length} bytes`);
  const magic = new TextDecoder('latin1').decode(bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) {
    throw new SnapshotError(
      `${where}: the bytes begin with ${show(magic)}, expected "${MAGIC}". Are they a file of another kind?`,
    );
  }
  const view = new DataView(bytes.buffer);
  const [version, size] = [0, 4].map((offset) => view.getUint32(MAGIC.length + offset, true));
  if (size !== bytes.length) return damaged(`there are ${bytes.length} bytes, expected ${size}`);
  const end = size - CHECKSUM;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end, true)) return damaged('their checksum is another');
  if (version === VERSION) return bytes;
  throw new SnapshotError(`${where}: the version is ${version}, expected ${VERSION}. Update the library.`);
}

function checkSnapshot(snapshot: JsonValue): StreamSnapshot {
  return {
    ...formOf(snapshot),
    name: snapshot.get('name').text(),
    ...countsOf(snapshot),
    states: snapshot.get('states').list().map(checkState),
  };
}

function countsOf(value: JsonValue): Pick<StreamSnapshot, 'steps' | 'resets'> {
  return { steps: value.get('steps').wholeNumber(), resets: value.get('resets').wholeNumber() };
}

function formOf(value: JsonValue): Form {
  const fingerprint = value.get('fingerprint');
  const [architecture, weights] = ['architecture', 'weights'].map((name) => fingerprint.get(name).text());
  const states = value
    .get('states')
    .list()
    .map((state) => ({
      name: state.get('name').text(),
      shape: state.get('shape').wholeNumbers(1),
    }));
  return { version: value.get('version').wholeNumber(1), fingerprint: { architecture, weights }, states };
}

function checkState(state: JsonValue): LayerState {
  const shape = state.get('shape').wholeNumbers(1);
  const given = state.get('data');
  const data = given.value;
  if (!(data instanceof Float32Array) || data.length !== sizeOf(shape)) {
    return given.fail(`a Float32Array of ${sizeOf(shape)} numbers`);
  }
  return { name: state.get('name').text(), shape, data: data as Float32Array<ArrayBuffer> };
}
