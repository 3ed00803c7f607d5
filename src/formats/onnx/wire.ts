import type { PbfReader, PbfWriter } from 'pbf';
import { ValueError } from '../../index.ts';

/** The wire types of protobuf: how a value lies in the bytes. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** The most entries of a repeated message: an empty one takes two bytes in the file and a hundred in memory. */
const MAX_ENTRIES = 100_000;

/** A field of a message. */
export interface Field<T> {
  readonly number: number;
  /** Reads one occurrence; `before` holds those that came earlier in the file. */
  read(wire: Wire, before: T | undefined): T;
  write(pbf: PbfWriter, value: T): void;
}

/** The fields of a message by their names. Those that are not listed are skipped, as protobuf demands. */
export type Schema = Readonly<Record<string, Field<unknown>>>;

export type Message<S extends Schema> = { readonly [K in keyof S]?: S[K] extends Field<infer T> ? T : never };

/** Reads values of a protobuf message. Each is checked to end inside its message before memory is taken for it. */
export class Wire {
  #end: number;
  #type = 0;
  readonly #path: string[] = [];

  constructor(
    private readonly where: string,
    private readonly pbf: PbfReader,
  ) {
    this.#end = pbf.length;
  }

  /** @throws ValueError with the place in the file */
  fail(problem: string): never {
    const path = this.#path.length > 0 ? `, in ${this.#path.join('.')},` : '';
    throw new ValueError(
      `${this.where}: at byte ${this.pbf.pos}${path} ${problem}. Is the file complete, and is it ONNX?`,
    );
  }

  /** The next `length` bytes as a message. Fields that were read before are kept, and repeated ones continued. */
  message<S extends Schema>(schema: S, length: number, before: Message<S> | undefined): Message<S> {
    const fields = new Map(Object.entries(schema).map(([name, field]) => [field.number, { name, field }]));
    const message: Record<string, unknown> = { ...before };
    const outerEnd = this.#end;
    const end = this.pbf.pos + length;
    while (this.pbf.pos < end) {
      this.#end = end;
      const known = fields.get(this.#tag());
      if (!known) {
        this.skip();
        continue;
      }
      this.#path.push(known.name);
      message[known.name] = known.field.read(this, message[known.name]);
      this.#path.pop();
    }
    this.#end = outerEnd;
    return message as Message<S>;
  }

  varint(): number {
    this.#expect(VARINT);
    return this.#rawVarint(true);
  }

  float(): number {
    this.#expect(FIXED32);
    this.#need(4);
    return this.pbf.readFloat();
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const length = this.length();
    const bytes = new Uint8Array(this.pbf.buf.subarray(this.pbf.pos, this.pbf.pos + length));
    this.pbf.pos += length;
    return bytes;
  }

  /** A repeated number: one, or many packed. */
  packed(one: typeof VARINT | typeof FIXED32, into: number[]): number[] {
    const read = () => (one === VARINT ? this.#rawVarint(true) : (this.#need(4), this.pbf.readFloat()));
    if (this.#type === one) {
      into.push(read());
      return into;
    }
    const length = this.length();
    const end = this.pbf.pos + length;
    this.#end = end;
    while (this.pbf.pos < end) into.push(read());
    return into;
  }

  /** The length of what follows. */
  length(): number {
    this.#expect(BYTES);
    const length = this.#rawVarint(false);
    this.#need(length);
    return length;
  }

  /** Passes over a value without reading it. */
  skip(): void {
    if (this.#type === VARINT) {
      this.#rawVarint(false);
      return;
    }
    const sizes: Readonly<Record<number, number>> = { [FIXED64]: 8, [FIXED32]: 4 };
    const size = this.#type === BYTES ? this.length() : sizes[this.#type];
    if (size === undefined) this.fail(`there is a field of wire type ${this.#type}, expected 0, 1, 2 or 5`);
    this.#need(size);
    this.pbf.pos += size;
  }

  /** The number of the next field. */
  #tag(): number {
    const tag = this.#rawVarint(false);
    if (tag < 8 || tag > 0xffff_ffff) this.fail(`there is no field: ${tag} is not the tag of one`);
    this.#type = tag & 7;
    return tag >>> 3;
  }

  #rawVarint(isSigned: boolean): number {
    this.#need(1);
    let value = NaN;
    try {
      value = this.pbf.readVarint(isSigned);
    } catch {
      this.fail('there is a whole number of more than ten bytes');
    }
    if (this.pbf.pos > this.#end) this.fail('a whole number ends behind its message');
    return value;
  }

  #expect(type: number): void {
    if (this.#type !== type) this.fail(`the value has wire type ${this.#type}, expected ${type}`);
  }

  #need(bytes: number): void {
    const left = this.#end - this.pbf.pos;
    if (bytes > left) this.fail(`a value claims ${bytes} bytes, of which ${left} are there`);
  }
}

/** A whole number of at most 64 bits. */
export const int = (number: number): Field<number> => ({
  number,
  read: (wire) => wire.varint(),
  write: (pbf, value) => pbf.writeVarintField(number, value),
});

export const float = (number: number): Field<number> => ({
  number,
  read: (wire) => wire.float(),
  write: (pbf, value) => pbf.writeFloatField(number, value),
});

export const bytes = (number: number): Field<Uint8Array<ArrayBuffer>> => ({
  number,
  read: (wire) => wire.bytes(),
  write: (pbf, value) => pbf.writeBytesField(number, value),
});

const text = new TextDecoder();

export const string = (number: number): Field<string> => ({
  number,
  read: (wire) => text.decode(wire.bytes()),
  write: (pbf, value) => pbf.writeStringField(number, value),
});

export const strings = (number: number): Field<readonly string[]> => repeated(string(number));

export const ints = (number: number): Field<readonly number[]> => ({
  number,
  read: (wire, before) => wire.packed(VARINT, (before ?? []) as number[]),
  write: (pbf, value) => pbf.writePackedVarint(number, [...value]),
});

export const floats = (number: number): Field<readonly number[]> => ({
  number,
  read: (wire, before) => wire.packed(FIXED32, (before ?? []) as number[]),
  write: (pbf, value) => pbf.writePackedFloat(number, [...value]),
});

/** A field of which only the presence counts, since it is refused or makes a file of another kind. */
export const presence = (number: number): Field<true> => ({
  number,
  read: (wire) => {
    wire.skip();
    return true;
  },
  write: () => {},
});

export const message = <S extends Schema>(number: number, schema: S): Field<Message<S>> => ({
  number,
  read: (wire, before) => wire.message(schema, wire.length(), before),
  write: (pbf, value) => pbf.writeMessage(number, (inner: Message<S>, into) => writeFields(into, schema, inner), value),
});

export const messages = <S extends Schema>(number: number, schema: S): Field<readonly Message<S>[]> => {
  const one = message(number, schema);
  return repeated({ ...one, read: (wire) => one.read(wire, undefined) });
};

function repeated<T>(one: Field<T>): Field<readonly T[]> {
  return {
    number: one.number,
    read: (wire, before) => {
      const list = (before ?? []) as T[];
      if (list.length === MAX_ENTRIES) wire.fail(`there are more than ${MAX_ENTRIES} entries`);
      list.push(one.read(wire, undefined));
      return list;
    },
    write: (pbf, values) => values.forEach((value) => one.write(pbf, value)),
  };
}

/** Writes the fields of a message that it has. */
export function writeFields<S extends Schema>(pbf: PbfWriter, schema: S, message: Message<S>): void {
  for (const [name, field] of Object.entries(schema)) {
    const value: unknown = message[name];
    if (value !== undefined) field.write(pbf, value);
  }
}
