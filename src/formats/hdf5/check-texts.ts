import type { FileBytes } from './file-bytes.ts';

/** Where a text lies. */
interface Place {
  readonly start: number;
  readonly size: number;
}

/** @throws ValueError unless the bytes are letters of the declared kind, and none is a zero, which would end the text */
export function checkLetters(file: FileBytes, start: number, size: number, isAscii: boolean): void {
  const letters = file.bytes.subarray(start, start + size);
  const wrong = letters.findIndex((byte) => byte === 0 || (isAscii && byte > 0x7f));
  if (wrong >= 0) file.fail(start + wrong, `the byte ${letters[wrong]} in a text`, 'a letter');
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(letters);
  } catch {
    file.fail(start, 'a text that is no UTF-8', 'UTF-8');
  }
}

/** Texts of varying length lie in heaps that attributes share. */
export class TextHeaps {
  readonly #heaps = new Map<number, ReadonlyMap<number, Place>>();

  constructor(private readonly file: FileBytes) {}

  /** Checks the reference to a text: its length, the heap, and the number there. */
  checkText(at: number, isAscii: boolean): void {
    const { file } = this;
    const length = file.u32(at);
    const heap = file.address(at + 4);
    if (heap === undefined || heap === 0) return file.fail(at + 4, 'a text that was never written', 'its place');
    const objects = this.#heaps.get(heap) ?? this.#checkHeap(heap);
    const place = objects.get(file.u32(at + 12));
    if (!place) return file.fail(at + 12, 'a text that is not in its heap', 'one that is');
    file.expect(at, length, place.size, 'the length of a text');
    checkLetters(file, place.start, place.size, isAscii);
  }

  /** Where the texts of a heap lie, by their numbers. */
  #checkHeap(at: number): ReadonlyMap<number, Place> {
    const { file } = this;
    file.signature(at, 'GCOL\x01');
    const end = at + file.length(at + 8);
    file.own(at, end - at, 'a heap of texts');
    const objects = new Map<number, Place>();
    this.#heaps.set(at, objects);
    for (let next = at + 16; next + 16 <= end;) {
      const index = file.u16(next);
      const size = file.length(next + 8);
      // Number 0 is the free space, which goes to the end of the heap; its size includes this header.
      if (index === 0) {
        if (size !== 0 && next + size !== end) file.fail(next + 8, `${size} free bytes`, `${end - next}`);
        break;
      }
      if (next + 16 + size > end || objects.has(index))
        file.fail(next, 'a text that is there twice or too long', 'each once, inside its heap');
      objects.set(index, { start: next + 16, size });
      next += 16 + Math.ceil(size / 8) * 8;
    }
    return objects;
  }
}
