import { checkedBytes, checkShape, checkType, type ElementType } from './check-types.ts';
import { checkLetters, type TextHeaps } from './check-texts.ts';
import type { FileBytes } from './file-bytes.ts';

/** Kinds of messages, of which the header of a group or an array consists. */
const EMPTY = 0;
const SHAPE = 1;
const TYPE = 3;
const OLD_FILL = 4;
const FILL = 5;
const LAYOUT = 8;
const ATTRIBUTE = 12;
const CONTINUATION = 16;
const NAMES = 17;
const TIME = 18;

const KINDS = new Set([EMPTY, SHAPE, TYPE, OLD_FILL, FILL, LAYOUT, ATTRIBUTE, CONTINUATION, NAMES, TIME]);

interface Message {
  readonly kind: number;
  readonly at: number;
  readonly size: number;
}

/** An array as the file describes it. */
export interface Described {
  readonly shape: readonly number[];
  readonly type: ElementType;
}

export interface CheckedObject {
  readonly attributes: ReadonlyMap<string, Described>;
  /** The shape and type, if it is an array. */
  readonly array?: Described;
  /** The addresses of the tree and of the heap of names, if it is a group. */
  readonly names?: { readonly tree: number; readonly heap: number };
}

/** Checks the header of a group or an array, with its attributes, and what of the file it owns. */
export function checkObject(file: FileBytes, texts: TextHeaps, at: number): CheckedObject {
  const messages = readMessages(file, at);
  const attributes = new Map<string, Described>();
  for (const message of messages.filter(({ kind }) => kind === ATTRIBUTE)) {
    const [name, described] = checkAttribute(file, texts, message);
    if (attributes.has(name)) file.fail(message.at, `the attribute ${JSON.stringify(name)} twice`, 'each once');
    attributes.set(name, described);
  }
  for (const message of messages.filter(({ kind }) => kind === FILL || kind === OLD_FILL)) checkFill(file, message);
  const names = only(file, at, messages, NAMES);
  const array = checkArray(file, at, messages);
  if ((names === undefined) === (array === undefined)) file.fail(at, 'an object of no kind', 'a group or an array');
  if (!names) return { attributes, array };
  const [tree, heap] = [names.at, names.at + 8].map((where) => file.length(where));
  return { attributes, names: { tree, heap } };
}

function readMessages(file: FileBytes, at: number): Message[] {
  file.expect(at, file.u8(at), 1, 'an object of version');
  const count = file.u16(at + 2);
  const blocks = [{ start: at + 16, size: file.u32(at + 8) }];
  file.own(at, 16 + blocks[0].size, 'an object');
  const messages: Message[] = [];
  // Blocks are appended while they are read: each is owned once, so there is an end.
  for (const { start, size } of blocks) {
    for (let next = start; next + 8 <= start + size;) {
      const message = { kind: file.u16(next), at: next + 8, size: file.u16(next + 2) };
      checkMessage(file, message, file.u8(next + 4), start + size);
      messages.push(message);
      if (message.kind === CONTINUATION) {
        const block = { start: file.length(message.at), size: file.length(message.at + 8) };
        file.own(block.start, block.size, 'the continuation of an object');
        blocks.push(block);
      }
      next += 8 + message.size;
    }
  }
  file.expect(at + 2, count, messages.length, 'the number of messages');
  return messages;
}

/** The least size of the kinds of messages whose fields are read at fixed positions. */
const LEAST: Readonly<Record<number, number>> = { [CONTINUATION]: 16, [NAMES]: 16, [LAYOUT]: 18, [TIME]: 8, [FILL]: 4 };

function checkMessage(file: FileBytes, { kind, at, size }: Message, flags: number, end: number): void {
  if (!KINDS.has(kind)) {
    file.fail(at - 8, `a message of kind ${kind}`, 'an array without compression, chunks or links, as Keras writes it');
  }
  // Flag 1 tells that the message does not change. The others are about messages that are shared or unknown.
  if (flags > 1) file.fail(at - 4, `a message with the flags ${flags}`, '0 or 1');
  if (at + size > end || size % 8 !== 0 || size < (LEAST[kind] ?? 0)) {
    file.fail(at - 6, `a message of ${size} bytes`, 'one that fits into its block');
  }
  // The HDF5 library fills what it empties with zeros, so this is a message whose kind is wrong, such as a lost attribute.
  if (kind === EMPTY) file.checkZeros(at, at + size, 'a message without a kind');
}

function only(file: FileBytes, at: number, messages: readonly Message[], kind: number): Message | undefined {
  const found = messages.filter((message) => message.kind === kind);
  if (found.length > 1) file.fail(at, `${found.length} messages of kind ${kind}`, 'one');
  return found[0];
}

function checkArray(file: FileBytes, at: number, messages: readonly Message[]): Described | undefined {
  const [shapeAt, typeAt, layout] = [SHAPE, TYPE, LAYOUT].map((kind) => only(file, at, messages, kind));
  if (!shapeAt && !typeAt && !layout) return undefined;
  if (!shapeAt || !typeAt || !layout) return file.fail(at, 'an array without shape, type or place', 'all of them');
  const shape = checkShape(file, shapeAt.at, shapeAt.size);
  const type = checkType(file, typeAt.at, typeAt.size);
  if (type.kind === 'text' || type.kind === 'vlen') file.fail(typeAt.at, 'an array of texts', 'numbers');
  const size = checkedBytes(file, shapeAt.at, shape, type);
  file.expect(layout.at, file.u8(layout.at), 3, 'a layout of version');
  file.expect(layout.at + 1, file.u8(layout.at + 1), 1, 'an array that is not in one piece: layout');
  file.expect(layout.at + 10, file.length(layout.at + 10), size, 'the size of an array');
  const start = file.address(layout.at + 2);
  if (start === undefined && size > 0) file.fail(layout.at + 2, 'an array that was never written', 'its address');
  if (start !== undefined) file.own(start, size, 'an array');
  return { shape, type };
}

/** The value of elements that were never written. All are written, but it is read all the same. */
function checkFill(file: FileBytes, { kind, at, size }: Message): void {
  const version = kind === OLD_FILL ? 0 : file.u8(at);
  if (version > 3) file.fail(at, `a value to fill with of version ${version}`, 'at most 3');
  // Versions 0 and 1 always have a value; in the others a byte or a flag tells.
  const isGiven = version < 2 || (version === 2 ? file.u8(at + 3) !== 0 : (file.u8(at + 1) & 0x20) !== 0);
  const start = at + [0, 4, 4, 2][version];
  if (isGiven && (start + 4 > at + size || start + 4 + file.u32(start) > at + size)) {
    file.fail(at, 'a value to fill with that is too long', 'one inside its message');
  }
}

function checkAttribute(file: FileBytes, texts: TextHeaps, { at, size }: Message): [string, Described] {
  const version = file.u8(at);
  if (version < 1 || version > 3) file.fail(at, `an attribute of version ${version}`, '1, 2 or 3');
  if (version > 1) file.expect(at + 1, file.u8(at + 1), 0, 'an attribute with the flags');
  // In the first version all parts are padded to 8 bytes.
  const padded = (length: number) => (version === 1 ? Math.ceil(length / 8) * 8 : length);
  const lengths = [at + 2, at + 4, at + 6].map((where) => file.u16(where));
  const name = at + (version === 3 ? 9 : 8);
  const type = name + padded(lengths[0]);
  const shape = type + padded(lengths[1]);
  const data = shape + padded(lengths[2]);
  if (data > at + size) file.fail(at + 2, 'an attribute that is too long', 'one inside its message');
  const described = { shape: checkShape(file, shape, lengths[2]), type: checkType(file, type, lengths[1]) };
  const bytes = checkedBytes(file, shape, described.shape, described.type);
  if (data + bytes > at + size) file.fail(shape, 'an attribute that is too long', 'one inside its message');
  checkTexts(file, texts, data, bytes, described.type);
  const text = file.text(name, type);
  const length = new TextEncoder().encode(text).length + 1;
  if (length !== lengths[0]) file.fail(name, `a name of ${length} bytes`, String(lengths[0]));
  return [text, described];
}

function checkTexts(file: FileBytes, texts: TextHeaps, start: number, size: number, type: ElementType): void {
  if (type.kind !== 'vlen' && type.kind !== 'text') return;
  for (let at = start; at < start + size; at += type.bytes) {
    if (type.kind === 'vlen') texts.checkText(at, type.isAscii === true);
    else checkPadded(file, at, type);
  }
}

/** Text of a fixed length ends with its first zero, and zeros follow it. */
function checkPadded(file: FileBytes, at: number, { bytes, isAscii }: ElementType): void {
  const end = file.bytes.subarray(at, at + bytes).indexOf(0);
  const length = end < 0 ? bytes : end;
  checkLetters(file, at, length, isAscii === true);
  if (file.bytes.subarray(at + length, at + bytes).some((byte) => byte !== 0)) {
    file.fail(at + length, 'letters behind the end of a text', 'zeros');
  }
}
