import { checkGroup, type NodeSizes } from './check-groups.ts';
import { checkObject, type Described } from './check-objects.ts';
import { TextHeaps } from './check-texts.ts';
import { FileBytes } from './file-bytes.ts';

/** A group as the file describes it, without its numbers. */
export interface DescribedGroup {
  readonly attributes: ReadonlyMap<string, Described>;
  readonly groups: ReadonlyMap<string, DescribedGroup>;
  readonly arrays: ReadonlyMap<string, Described>;
}

/** Groups within groups: those of Keras are a dozen deep. */
const MAX_DEPTH = 32;

/**
 * Checks all that an HDF5 file says of itself, before the HDF5 library reads it: that library follows what it finds, and in a
 * file with one wrong byte takes gigabytes, or never returns. Only what h5py writes by default, and so Keras, is let
 * through: the first version of the format, arrays of numbers in one piece, attributes of numbers and texts.
 *
 * The numbers themselves have no checksum in the file: nobody can tell a wrong one.
 *
 * @returns what is in the file
 * @throws ValueError with the position of what is wrong
 */
export function checkFile(where: string, bytes: Uint8Array): DescribedGroup {
  const file = new FileBytes(where, bytes);
  // Positions are those of the superblock of version 0 in the specification of HDF5, with which a file begins.
  file.signature(0, '\x89HDF\r\n\x1a\n');
  file.expect(8, file.u8(8), 0, 'a file of version');
  for (const at of [9, 10, 12]) file.expect(at, file.u8(at), 0, 'a structure of version');
  for (const at of [13, 14]) file.expect(at, file.u8(at), 8, 'an address or a length whose bytes are');
  const sizes = { leaf: file.u16(16), inner: file.u16(18) };
  if (sizes.leaf === 0 || sizes.inner === 0) file.fail(16, 'nodes of no entries', 'at least one');
  file.expect(24, file.length(24), 0, 'a file that begins at');
  const free = file.address(32) ?? file.address(48);
  if (free !== undefined) file.fail(32, 'an extension of the file', 'none');
  file.expect(40, file.length(40), bytes.length, 'the length of the file');
  if (file.u32(72) > 1) file.fail(72, 'a link', 'a group');
  file.own(0, 96, 'the beginning');
  const root = checkTree({ file, sizes, texts: new TextHeaps(file) }, file.length(64), 0);
  if (!('groups' in root)) return file.fail(64, 'an array', 'a group');
  file.checkOwners();
  return root;
}

interface Walk {
  readonly file: FileBytes;
  readonly sizes: NodeSizes;
  readonly texts: TextHeaps;
}

function checkTree(walk: Walk, at: number, depth: number): DescribedGroup | Described {
  const { file, sizes, texts } = walk;
  if (depth > MAX_DEPTH) file.fail(at, `a group within ${depth} groups`, `at most ${MAX_DEPTH}`);
  const { attributes, array, names } = checkObject(file, texts, at);
  if (array) return array;
  const groups = new Map<string, DescribedGroup>();
  const arrays = new Map<string, Described>();
  for (const { name, object } of checkGroup(file, sizes, names!.tree, names!.heap)) {
    const child = checkTree(walk, object, depth + 1);
    if ('groups' in child) groups.set(name, child);
    else arrays.set(name, child);
  }
  return { attributes, groups, arrays };
}
