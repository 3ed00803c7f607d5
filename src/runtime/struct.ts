/** A type of WGSL, as it is spelled there, with its alignment and size in bytes. */
export interface WgslType<N extends string = string> {
  readonly name: N;
  readonly align: number;
  readonly size: number;
}

export const u32: WgslType<'u32'> = { name: 'u32', align: 4, size: 4 };
export const f32: WgslType<'f32'> = { name: 'f32', align: 4, size: 4 };
export const vec2f: WgslType<'vec2f'> = { name: 'vec2f', align: 8, size: 8 };
export const vec4f: WgslType<'vec4f'> = { name: 'vec4f', align: 16, size: 16 };

export function array({ name, align, size }: WgslType, length: number): WgslType {
  return { name: `array<${name}, ${length}>`, align, size: length * roundUp(size, align) };
}

/** A struct of a WGSL file. The contract test compares its fields and their order with the WGSL's declaration. */
export interface Struct<F extends string = string, T extends WgslType = WgslType> extends WgslType {
  readonly fields: Readonly<Record<F, T>>;
  /** Bytes from the beginning of the struct to each field. */
  readonly offsets: Readonly<Record<F, number>>;
}

/** Lays out a struct as WGSL does: each field at the next multiple of its alignment. */
export function struct<F extends string, T extends WgslType>(name: string, fields: Record<F, T>): Struct<F, T> {
  const offsets = {} as Record<F, number>;
  let end = 0;
  let align = 1;
  for (const [field, type] of Object.entries(fields) as [F, T][]) {
    offsets[field] = roundUp(end, type.align);
    end = offsets[field] + type.size;
    align = Math.max(align, type.align);
  }
  return { name, fields, offsets, align, size: roundUp(end, align) };
}

function roundUp(bytes: number, align: number): number {
  return Math.ceil(bytes / align) * align;
}

/** A struct whose fields are single numbers. */
export type NumbersStruct<F extends string = string> = Struct<F, typeof u32 | typeof f32>;

/** An array of structs in the CPU's memory, laid out as on the GPU. */
export class StructArray<F extends string = string> {
  /**
   * Sets a field of the struct at an index. Each field has a function, since hundreds of thousands of structs are written in a
   * second: a function that took the values of a struct as an object needed ten times as long.
   */
  readonly set: Readonly<Record<F, (index: number, value: number) => void>>;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #stride: number;

  /** @param strideBytes the distance from one struct to the next */
  constructor(struct: NumbersStruct<F>, count: number, strideBytes = struct.size) {
    const stride = strideBytes / 4;
    const words = new Uint32Array(count * stride);
    const floats = new Float32Array(words.buffer);
    const setters = {} as Record<F, (index: number, value: number) => void>;
    for (const field of Object.keys(struct.fields) as F[]) {
      const offset = struct.offsets[field] / 4;
      // One function for each type of number, since a store into arrays of both types takes longer.
      setters[field] =
        struct.fields[field] === f32
          ? (index, value) => {
              floats[index * stride + offset] = value;
            }
          : (index, value) => {
              words[index * stride + offset] = value;
            };
    }
    this.set = setters;
    this.#words = words;
    this.#stride = stride;
  }

  /** Sets all fields of the struct at an index. */
  write(index: number, values: Readonly<Record<F, number>>): void {
    for (const field of Object.keys(this.set) as F[]) this.set[field](index, values[field]);
  }

  /** The first `count` structs as 32-bit words, for a copy to the GPU. */
  first(count: number): Uint32Array<ArrayBuffer> {
    return this.#words.subarray(0, count * this.#stride);
  }
}
