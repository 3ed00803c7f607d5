/** A group of an HDF5 file with all that is in it: files of models are small beside the memory that a model needs. */
export interface Hdf5Group {
  readonly attributes: ReadonlyMap<string, Hdf5Attribute>;
  readonly groups: ReadonlyMap<string, Hdf5Group>;
  readonly arrays: ReadonlyMap<string, Hdf5Array>;
}

/** Text, a list of texts, or numbers. Text of fixed and of variable length is the same here. */
export type Hdf5Attribute = string | readonly string[] | Hdf5Array;

/** Numbers, row-major. A scalar has the shape []. */
export interface Hdf5Array {
  readonly shape: readonly number[];
  readonly data: Hdf5Numbers;
}

export type Hdf5Numbers =
  Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;

/** The array at a path of names, or nothing if there is none. */
export function arrayAt(group: Hdf5Group, path: readonly string[]): Hdf5Array | undefined {
  return groupAt(group, path.slice(0, -1))?.arrays.get(path.at(-1)!);
}

/** The group at a path of names, or nothing if there is none. */
export function groupAt(group: Hdf5Group, path: readonly string[]): Hdf5Group | undefined {
  return path.reduce<Hdf5Group | undefined>((inner, name) => inner?.groups.get(name), group);
}

/** All arrays below a group, by their paths. */
export function allArrays({ groups, arrays }: Hdf5Group, prefix = ''): Map<string, Hdf5Array> {
  const found = new Map([...arrays].map(([name, array]) => [prefix + name, array]));
  for (const [name, group] of groups) {
    for (const [path, array] of allArrays(group, `${prefix}${name}/`)) found.set(path, array);
  }
  return found;
}
