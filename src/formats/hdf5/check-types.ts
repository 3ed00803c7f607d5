import type { FileBytes } from './file-bytes.ts';
import { shapeText } from '../shape.ts';

/** How an element is stored. Of text, `vlen` tells whether its length varies. */
export interface ElementType {
  readonly kind: 'float32' | 'float64' | 'int32' | 'int64' | 'text' | 'vlen';
  readonly bytes: number;
  /** Whether text is declared as ASCII instead of UTF-8. */
  readonly isAscii?: boolean;
}

/** The most dimensions of an array: a kernel of Conv1D has three. */
const MAX_RANK = 8;

/** The types of numbers, each with the message that describes it. With another byte in that, their bits mean something else. */
const NUMBERS: readonly (ElementType & { readonly layout: readonly number[] })[] = [
  { kind: 'float32', bytes: 4, layout: [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0] },
  { kind: 'float64', bytes: 8, layout: [0x11, 0x20, 0x3f, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0] },
  { kind: 'int32', bytes: 4, layout: [0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0] },
  { kind: 'int64', bytes: 8, layout: [0x10, 8, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0] },
];

/** Checks the message that describes elements, and tells what they are. */
export function checkType(file: FileBytes, at: number, size: number): ElementType {
  const has = (layout: readonly number[]) =>
    layout.length <= size && layout.every((byte, n) => file.u8(at + n) === byte);
  const number = NUMBERS.find(({ layout }) => has(layout));
  if (number) return number;
  const versionAndClass = file.u8(at);
  const bytes = file.u32(at + 4);
  // Text of a fixed length; its second byte tells how it is padded (0 to 2), and whether it is ASCII or UTF-8.
  if (versionAndClass === 0x13 && (file.u8(at + 1) & 0xf) < 3 && file.u8(at + 1) >> 4 < 2 && bytes > 0) {
    return { kind: 'text', bytes, isAscii: file.u8(at + 1) >> 4 === 0 };
  }
  // Text of varying length, which is a reference of 16 bytes to its place, and a type of its letters.
  const isText = (file.u8(at + 1) & 0xf) === 1 && file.u8(at + 1) >> 4 < 3;
  if (versionAndClass === 0x19 && isText && file.u8(at + 2) < 2 && bytes === 16) {
    const base = file.u8(at + 8) & 0xf;
    if ((base === 0 || base === 3) && file.u32(at + 12) === 1)
      return { kind: 'vlen', bytes, isAscii: file.u8(at + 2) === 0 };
  }
  return file.fail(at, `a type with the first byte ${versionAndClass}`, 'float32, float64, int32, int64 or text');
}

/** Checks the message that describes a shape. */
export function checkShape(file: FileBytes, at: number, size: number): number[] {
  const version = file.u8(at);
  if (version !== 1 && version !== 2) file.fail(at, `a shape of version ${version}`, '1 or 2');
  const rank = file.u8(at + 1);
  const hasLargest = file.u8(at + 2);
  const start = at + (version === 1 ? 8 : 4);
  if (version === 2 && file.u8(at + 3) !== (rank ? 1 : 0)) file.fail(at + 3, 'an empty shape', 'a scalar or an array');
  if (rank > MAX_RANK || hasLargest > 1) file.fail(at + 1, `${rank} dimensions`, `at most ${MAX_RANK}`);
  if (start + rank * 8 * (1 + hasLargest) > at + size)
    file.fail(at + 1, `${rank} dimensions`, 'fewer in so short a message');
  const shape = Array.from({ length: rank }, (_, axis) => file.length(start + axis * 8));
  if (hasLargest) {
    shape.forEach((length, axis) => {
      const where = start + (rank + axis) * 8;
      file.expect(where, file.length(where), length, 'an array that can grow to');
    });
  }
  return shape;
}

/** How many bytes the elements take. */
export function checkedBytes(file: FileBytes, at: number, shape: readonly number[], { bytes }: ElementType): number {
  // The product of a few lengths, each at most that of the file, does not overflow: it is compared at each of them.
  return shape.reduce((product, length) => {
    if (product * length > file.bytes.length)
      file.fail(at, `an array of shape ${shapeText(shape)}`, 'one that fits into the file');
    return product * length;
  }, bytes);
}
