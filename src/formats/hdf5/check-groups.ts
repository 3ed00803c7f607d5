import type { FileBytes } from './file-bytes.ts';

/** How many entries the nodes of a group have at most, as the beginning of the file tells. */
export interface NodeSizes {
  readonly leaf: number;
  readonly inner: number;
}

/** A name in a group, and where its object begins. */
export interface GroupEntry {
  readonly name: string;
  readonly object: number;
}

/** Levels of a tree of names: each multiplies their number by 32. */
const MAX_LEVEL = 8;
const ENTRY_BYTES = 40;

interface Heap {
  readonly start: number;
  readonly size: number;
  /** 1 for each byte that is free, or part of a name. */
  readonly used: Uint8Array;
  /** Where the names that were read end, by where they begin. */
  readonly names: Map<number, number>;
}

/** Checks how the names of a group are stored, and lists them. */
export function checkGroup(file: FileBytes, sizes: NodeSizes, tree: number, heapAt: number): GroupEntry[] {
  const heap = checkHeap(file, heapAt);
  const entries = checkTree(file, sizes, heap, tree, undefined);
  checkNames(file, heap);
  const names = entries.map(({ name }) => name);
  // Names are found by bisection, so one out of order would be there and not be found.
  names.forEach((name, index) => {
    const before = names[index - 1];
    if (index === 0 || isBefore(before, name)) return;
    file.fail(tree, `the name ${JSON.stringify(name)} after ${JSON.stringify(before)}`, 'names in order, each once');
  });
  return entries;
}

function isBefore(a: string, b: string): boolean {
  const [first, second] = [a, b].map((name) => new TextEncoder().encode(name));
  const at = first.findIndex((byte, index) => byte !== second[index]);
  return at < 0 ? first.length < second.length : first[at] < (second[at] ?? -1);
}

/** The heap holds the names. Its free blocks are a list, which may not run in circles. */
function checkHeap(file: FileBytes, at: number): Heap {
  file.own(at, 32, 'a heap of names');
  file.signature(at, 'HEAP\0');
  const size = file.length(at + 8);
  const start = file.address(at + 24);
  if (start === undefined) return file.fail(at + 24, 'no names', 'their address');
  file.own(start, size, 'names');
  const seen = new Set<number>();
  const used = new Uint8Array(size);
  for (let free = file.length(at + 16); free !== 1; free = file.length(start + free)) {
    if (seen.has(free) || free + 16 > size || free + file.length(start + free + 8) > size) {
      file.fail(at + 16, `a free block at ${free}`, 'free blocks inside the heap, each once');
    }
    seen.add(free);
    used.fill(1, free, free + file.length(start + free + 8));
  }
  return { start, size, used, names: new Map() };
}

/** Bytes of a heap that are neither free nor part of a name are zeros, too few for a free block; others are a lost name. */
function checkNames(file: FileBytes, { start, size, used, names }: Heap): void {
  if (file.u8(start) !== 0) file.fail(start, 'a name', 'the empty name, which comes before all others');
  let last = 0;
  for (const [begin, end] of [...names].sort(([a], [b]) => a - b)) {
    if (begin < last || used.subarray(begin, end).includes(1)) {
      file.fail(start + begin, 'a name inside another', 'one behind it');
    }
    used.fill(1, begin, end);
    last = end;
  }
  const lost = file.bytes.subarray(start, start + size).findIndex((byte, at) => byte !== 0 && used[at] === 0);
  if (lost >= 0) file.fail(start + lost, 'a name that is not in its group', 'only names that are');
}

function checkTree(file: FileBytes, sizes: NodeSizes, heap: Heap, at: number, level: number | undefined): GroupEntry[] {
  file.own(at, 24 + 16 * sizes.inner * 2 + 8, 'a tree of names');
  file.signature(at, 'TREE\0');
  const own = file.u8(at + 5);
  if (own > MAX_LEVEL || (level !== undefined && own !== level))
    file.fail(at + 5, `level ${own}`, level === undefined ? `at most ${MAX_LEVEL}` : String(level));
  const count = file.u16(at + 6);
  if (count > 2 * sizes.inner) file.fail(at + 6, `${count} entries`, `at most ${2 * sizes.inner}`);
  return Array.from({ length: count }, (_, index) => {
    const key = at + 24 + 16 * index;
    const child = file.length(key + 8);
    const entries = own === 0 ? checkLeaf(file, sizes, heap, child) : checkTree(file, sizes, heap, child, own - 1);
    checkKeys(file, heap, key, entries);
    return entries;
  }).flat();
}

/** All names of a child come after the key in front of it, and the key behind it is the last of them. */
function checkKeys(file: FileBytes, heap: Heap, at: number, entries: readonly GroupEntry[]): void {
  if (entries.length === 0) return;
  const [before, after] = [at, at + 16].map((key) => nameAt(file, heap, key));
  if (before !== '' && !isBefore(before, entries[0].name))
    file.fail(at, 'a wrong key', 'a name before those of its node');
  if (after !== entries.at(-1)!.name) file.fail(at + 16, 'a wrong key', 'the last name of its node');
}

function checkLeaf(file: FileBytes, sizes: NodeSizes, heap: Heap, at: number): GroupEntry[] {
  file.own(at, 8 + 2 * sizes.leaf * ENTRY_BYTES, 'a node of names');
  file.signature(at, 'SNOD\x01');
  const count = file.u16(at + 6);
  if (count > 2 * sizes.leaf) file.fail(at + 6, `${count} names`, `at most ${2 * sizes.leaf}`);
  return Array.from({ length: count }, (_, index) => {
    const entry = at + 8 + index * ENTRY_BYTES;
    const name = nameAt(file, heap, entry);
    if (name === '' || name === '.' || name.includes('/'))
      file.fail(entry, `the name ${JSON.stringify(name)}`, 'a name');
    const kind = file.u32(entry + 16);
    if (kind > 1) file.fail(entry + 16, 'a link to another place', 'a group or an array');
    return { name, object: file.length(entry + 8) };
  });
}

function nameAt(file: FileBytes, { start, size, names }: Heap, at: number): string {
  const offset = file.length(at);
  if (offset >= size || offset % 8 !== 0)
    file.fail(at, `a name at ${offset}`, `a multiple of 8 inside its heap of ${size} bytes`);
  const name = file.text(start + offset, start + size);
  names.set(offset, offset + new TextEncoder().encode(name).length + 1);
  return name;
}
