import type * as H5wasm from 'h5wasm';
import { UnsupportedError, ValueError } from '../../index.ts';
import { optionalPackage } from '../optional-package.ts';
import { elementsOf, shapeText } from '../shape.ts';
import { checkFile, type DescribedGroup } from './check-file.ts';
import type { Described } from './check-objects.ts';
import type { Hdf5Array, Hdf5Attribute, Hdf5Group, Hdf5Numbers } from './tree.ts';

type Library = typeof H5wasm;
type FileSystem = NonNullable<Library['FS']>;

/** Numbers the files in the memory of the library, so that none is taken for another. */
let files = 0;

/**
 * Reads an HDF5 file with all that is in it.
 *
 * @throws ValueError (as a rejection) if it is damaged, or uses what h5py does not write by default, such as compression;
 *   UnsupportedError if the package h5wasm is missing, or not allowed to compile WebAssembly
 */
export async function readHdf5(where: string, bytes: Uint8Array): Promise<Hdf5Group> {
  const described = checkFile(where, bytes);
  return withFile(where, (library, fileSystem, path) => {
    fileSystem.writeFile(path, bytes);
    return withOpen(library, path, 'r', (file) => readGroup(where, file, described));
  });
}

/** Writes an HDF5 file, in the first version of the format, which every reader knows. */
export function writeHdf5(where: string, root: Hdf5Group): Promise<Uint8Array<ArrayBuffer>> {
  return withFile(where, (library, fileSystem, path) => {
    withOpen(library, path, 'w', (file) => writeGroup(file, root));
    return new Uint8Array(fileSystem.readFile(path));
  });
}

/** Gives work the name of a file that is removed afterwards, whatever happens. */
async function withFile<T>(
  where: string,
  work: (library: Library, fileSystem: FileSystem, path: string) => T,
): Promise<T> {
  const library = await optionalPackage(where, 'h5wasm', () => import('h5wasm'));
  const module = await library.ready.catch((error: unknown) => refuseToRun(where, error));
  const path = `/lstm-webgpu-${files++}.h5`;
  // Without it a read that fails is printed, and gives whatever was in memory.
  module.activate_throwing_error_handler();
  try {
    return work(library, module.FS, path);
  } catch (error) {
    if (error instanceof ValueError) throw error;
    throw new ValueError(`${where}: h5wasm failed: ${(error as Error).message}`, { cause: error });
  } finally {
    module.deactivate_throwing_error_handler();
    if (module.FS.analyzePath(path).exists) module.FS.unlink(path);
  }
}

/** @throws UnsupportedError with the usual reason why a package made of WebAssembly does not run */
function refuseToRun(where: string, cause: unknown): never {
  throw new UnsupportedError(
    `${where}: the package h5wasm cannot compile its WebAssembly here. If the page has a Content-Security-Policy, its ` +
      `script-src needs 'wasm-unsafe-eval'.`,
    { cause },
  );
}

/** Files are closed also if the work fails: an open one keeps its memory. */
function withOpen<T>(library: Library, path: string, mode: 'r' | 'w', work: (file: H5wasm.File) => T): T {
  const file = new library.File(path, mode, { libver: ['earliest', 'latest'] });
  try {
    return work(file);
  } finally {
    file.close();
  }
}

function readGroup(where: string, group: H5wasm.Group, { attributes, groups, arrays }: DescribedGroup): Hdf5Group {
  const child = (name: string) => {
    const entity = group.get(name);
    if (entity) return entity;
    throw new ValueError(`${where}: h5wasm finds no ${JSON.stringify(name)} in ${group.path}.`);
  };
  return {
    attributes: new Map(
      [...attributes].map(([name, described]) => [name, readAttribute(where, group, name, described)]),
    ),
    groups: new Map([...groups].map(([name, inner]) => [name, readGroup(where, child(name) as H5wasm.Group, inner)])),
    arrays: new Map(
      [...arrays].map(([name, described]) => {
        const dataset = child(name) as H5wasm.Dataset;
        return [name, arrayOf(where, dataset.path, dataset.value, described)];
      }),
    ),
  };
}

function readAttribute(where: string, group: H5wasm.Group, name: string, described: Described): Hdf5Attribute {
  const value: unknown = group.get_attribute(name, false);
  const path = `${group.path}@${name}`;
  if (described.type.kind !== 'text' && described.type.kind !== 'vlen') return arrayOf(where, path, value, described);
  const texts = (Array.isArray(value) ? value : [value]) as unknown[];
  if (texts.length !== elementsOf(described.shape) || !texts.every((text) => typeof text === 'string')) {
    throw new ValueError(`${where}: h5wasm does not read the text of ${path}.`);
  }
  return described.shape.length === 0 ? texts[0] : texts;
}

const ARRAYS = { float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: BigInt64Array } as const;

/** The array that the library read, if it is what the file was found to hold. */
function arrayOf(where: string, path: string, value: unknown, { shape, type }: Described): Hdf5Array {
  const make = ARRAYS[type.kind as keyof typeof ARRAYS];
  // The library gives scalars as numbers.
  const isScalar = typeof value === 'number' || typeof value === 'bigint';
  const data = isScalar ? make.of(value as never) : value;
  if (data instanceof make && data.length === elementsOf(shape)) return { shape, data: data as Hdf5Numbers };
  throw new ValueError(`${where}: h5wasm does not read ${path} as ${type.kind} of shape ${shapeText(shape)}.`);
}

function writeGroup(group: H5wasm.Group, { attributes, groups, arrays }: Hdf5Group): void {
  for (const [name, value] of attributes) writeAttribute(group, name, value);
  for (const [name, { shape, data }] of arrays) {
    group.create_dataset({ name, data, shape: [...shape], dtype: dtypeOf(data) });
  }
  for (const [name, inner] of groups) writeGroup(group.create_group(name), inner);
}

function writeAttribute(group: H5wasm.Group, name: string, value: Hdf5Attribute): void {
  if (typeof value === 'string') group.create_attribute(name, value, [], textType([value]));
  else if ('data' in value) group.create_attribute(name, value.data, [...value.shape], dtypeOf(value.data));
  else group.create_attribute(name, [...value], [value.length], textType(value));
}

/** ASCII is declared as such, as Keras does; the library pads UTF-8 as Fortran does, which not every reader expects. */
function textType(texts: readonly string[]): string {
  return texts.every((text) => new TextEncoder().encode(text).length === text.length) ? 'A' : 'S';
}

function dtypeOf(data: Hdf5Numbers): string {
  if (data instanceof Float32Array) return '<f';
  if (data instanceof Float64Array) return '<d';
  return data instanceof Int32Array ? '<i' : '<q';
}
