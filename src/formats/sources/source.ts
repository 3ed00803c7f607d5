import { ValueError } from '../../index.ts';
import { show } from '../reading.ts';
import { checkSize, fetchFile } from './fetch-file.ts';

/** One file: its address, relative to the page if it is a text, or its bytes. */
export type FileSource = string | URL | Blob | ArrayBufferLike | ArrayBufferView;

/**
 * Where a model lies: one file, several of them (a list of Files, as an `<input type="file" multiple>` gives it, or a map or an
 * object from names to files), or the address of one, beside which others are found if it names them.
 */
export type ModelSource =
  | FileSource
  | Iterable<File>
  | ArrayLike<File>
  | ReadonlyMap<string, FileSource>
  | Readonly<Record<string, FileSource>>;

/** The files of a source, and those beside them, which are read once they are asked for. */
export interface OpenedSource {
  files: Map<string, Uint8Array<ArrayBuffer>>;
  /** Fetches a file whose address is given relative to that of the only one. Absent if that has none. */
  fetchBeside?: (name: string) => Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Reads the files of a source. Arrays are copied before the call returns.
 *
 * @throws ValueError (as a rejection) if it is no source, or cannot be read
 */
export async function openSource(where: string, source: unknown): Promise<OpenedSource> {
  // An empty address is that of the page itself.
  if (source === '') return refuse(where, source);
  if (typeof source === 'string' || source instanceof URL) return openAddress(where, source);
  const named = namedFiles(where, source);
  const reading = named.map(async ([name, file]) => [name, await readFile(where, name, file)] as const);
  return { files: new Map(await Promise.all(reading)) };
}

async function openAddress(where: string, address: string | URL): Promise<OpenedSource> {
  const { bytes, url } = await fetchFile(where, address);
  const { protocol, pathname } = new URL(url);
  // Addresses that hold the data themselves have no name, and nothing lies beside them.
  if (protocol === 'data:' || protocol === 'blob:') return { files: new Map([['', bytes]]) };
  const fetchBeside = async (beside: string) => (await fetchFile(where, new URL(beside, url))).bytes;
  return { files: new Map([[pathname.split('/').at(-1)!, bytes]]), fetchBeside };
}

function namedFiles(where: string, source: unknown): [name: string, file: unknown][] {
  if (isBytes(source)) return [[nameOf(source), source]];
  if (source instanceof Map) return [...(source as Map<string, unknown>)];
  if (typeof source !== 'object' || source === null || isUnread(source)) return refuse(where, source);
  const isList = Symbol.iterator in source || typeof (source as { length?: unknown }).length === 'number';
  if (!isList) return Object.entries(source);
  const list = Array.from(source as ArrayLike<unknown>);
  const names = list.map((file) => (isBytes(file) ? nameOf(file) : refuse(where, file)));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ValueError(`${where}: two files have the name ${show(twice)}, expected one of each.`);
  return list.map((file, index) => [names[index], file]);
}

function nameOf(file: unknown): string {
  return isBlob(file) && 'name' in file ? (file as File).name : '';
}

function isBytes(value: unknown): value is Blob | ArrayBufferLike | ArrayBufferView {
  return isBlob(value) || ArrayBuffer.isView(value) || isBuffer(value);
}

/** @throws ValueError unless it is a File */
export function checkFile(where: string, file: unknown): File {
  if (isBlob(file) && 'name' in file) return file as File;
  throw new ValueError(`${where}: got ${show(file)}, expected a File, e.g. what await saveModel(model) gives.`);
}

/** Those of other realms, such as another frame, are of other classes. */
function isBlob(value: unknown): value is Blob {
  return /^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(value));
}

/** Buffers of other realms, such as another frame, and those that are shared, are of other classes. */
function isBuffer(value: unknown): value is ArrayBufferLike {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(value));
}

async function readFile(where: string, name: string, file: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const place = name ? `${where}: ${name}` : where;
  if (typeof file === 'string' || file instanceof URL) return (await fetchFile(place, file)).bytes;
  if (!isBytes(file)) return refuse(place, file);
  checkSize(place, isBlob(file) ? file.size : file.byteLength);
  if (ArrayBuffer.isView(file)) return new Uint8Array(file.buffer, file.byteOffset, file.byteLength).slice();
  if (!isBlob(file)) return new Uint8Array(file).slice();
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new ValueError(`${place}: the file cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** A file may be had from them, but they are none, and neither are their properties. */
function isUnread(source: unknown): boolean {
  return source instanceof Promise || source instanceof Response;
}

function refuse(where: string, source: unknown): never {
  const missing = source === undefined ? ' Has nothing been stored there yet?' : '';
  const unread = source instanceof Response ? ' Give its address, or await response.blob().' : missing;
  throw new ValueError(
    `${where}: got ${show(source)}, expected an address, a File, a Blob, an ArrayBuffer, a typed array, a list of Files, ` +
      `or an object from names to files.${unread}`,
  );
}
