import { ValueError } from '../index.ts';
import type { ArrayContents, Files, ModelContents } from './contents.ts';
import { isHdf5, isWholeHdf5, isZip } from './keras/recognize.ts';
import { isOnnx } from './onnx/is-onnx.ts';
import { show } from './reading.ts';
import { isJson } from './tfjs/is-json.ts';
import { isSafetensors } from './torch/is-safetensors.ts';

/**
 * Formats of files: `'keras'` is Keras 3's own `.keras`, `'h5'` its older HDF5 file of a whole model, `'weights'` its
 * `.weights.h5`, `'tfjs'` the `model.json` of TensorFlow.js with its shards, `'safetensors'` that of PyTorch's weights,
 * `'onnx'` a graph of operators that computes the outputs.
 */
export type FormatName = 'keras' | 'h5' | 'weights' | 'tfjs' | 'safetensors' | 'onnx';

/** The code of a format. Its functions reject with ValueError, and with UnsupportedError if a package is missing. */
export interface FormatCode {
  /** The names of files, relative to this one, in which a part of the model lies. */
  namesBeside?(where: string, file: Uint8Array<ArrayBuffer>): readonly string[];
  /** Reads a whole model. Absent: the format holds weights alone. */
  read?(where: string, file: Uint8Array<ArrayBuffer>, beside: Files): Promise<ModelContents>;
  /** Reads the weights for a model that exists, in its order. Default: those that `read` gives. */
  readWeights?(where: string, file: Uint8Array<ArrayBuffer>, model: ModelContents): Promise<readonly ArrayContents[]>;
  /** Puts a model down, in several files if the format has several, of which the first has the name that is given. */
  write(where: string, contents: ModelContents, name: string): Promise<Files>;
}

export interface Format {
  readonly name: FormatName;
  /**
   * The parts of a model that are written: the weights alone, with `'model'` also the architecture, with `'training'` also what
   * it was compiled with and the optimizer's state, with `'everything'` also random states and those of slots.
   */
  readonly holds: 'everything' | 'training' | 'model' | 'weights';
  /** How names of files end. */
  readonly extension: string;
  /** Whether a file is of this format, as far as its first bytes can tell. */
  readonly recognizes: (file: Uint8Array) => boolean;
  readonly load: () => Promise<FormatCode>;
}

/** A file that several formats recognize is of the first of them. */
export const FORMATS: readonly Format[] = [
  {
    name: 'keras',
    extension: '.keras',
    holds: 'everything',
    recognizes: isZip,
    load: () => import('./keras/code.ts'),
  },
  {
    name: 'h5',
    extension: '.h5',
    holds: 'training',
    recognizes: isWholeHdf5,
    load: () => import('./keras/legacy-code.ts'),
  },
  {
    name: 'weights',
    extension: '.weights.h5',
    holds: 'weights',
    recognizes: isHdf5,
    load: () => import('./keras/weights-code.ts'),
  },
  {
    name: 'onnx',
    extension: '.onnx',
    holds: 'model',
    recognizes: isOnnx,
    load: () => import('./onnx/code.ts'),
  },
  {
    name: 'safetensors',
    extension: '.safetensors',
    holds: 'model',
    recognizes: isSafetensors,
    load: () => import('./torch/code.ts'),
  },
  {
    name: 'tfjs',
    extension: '.json',
    holds: 'model',
    recognizes: isJson,
    load: () => import('./tfjs/code.ts'),
  },
];

/** @throws ValueError if there is no such format */
export function formatNamed(where: string, name: unknown): Format {
  const format = FORMATS.find((each) => each.name === name);
  if (format) return format;
  throw new ValueError(
    `${where}: format is ${show(name)}, expected one of ${FORMATS.map((each) => show(each.name)).join(', ')}.`,
  );
}

/**
 * Finds the file with which a model begins: the only one, or that which names the others. Its format is told by its contents,
 * and by its name if they tell nothing, so that the reader of that format says what is wrong with it.
 *
 * @throws ValueError if there is none, or more than one
 */
export function mainFile(where: string, files: Files): { name: string; file: Uint8Array<ArrayBuffer>; format: Format } {
  const all = [...files].map(([name, file]) => ({ name, file, format: FORMATS.find((each) => each.recognizes(file)) }));
  const recognized = all.filter(({ format }) => format !== undefined);
  const known = recognized.length > 0 ? recognized : all.flatMap((each) => byName(each));
  // Shards are any bytes, which can begin as a file of another format does.
  const json = known.filter(({ format, name }) => format!.name === 'tfjs' && name.endsWith('.json'));
  const [main, other] = json.length > 0 ? json : known;
  if (main && !other) return main as ReturnType<typeof mainFile>;
  if (main) {
    throw new ValueError(
      `${where}: both ${show(main.name)} and ${show(other.name)} hold a model, expected one. Load them one by one.`,
    );
  }
  throw new ValueError(unrecognized(where, all));
}

function byName<T extends { name: string; file: Uint8Array }>(each: T): (T & { format: Format })[] {
  const format = FORMATS.find(({ extension }) => each.name.toLowerCase().endsWith(extension));
  return format && each.file.length > 0 && !isWebPage(each.file) ? [{ ...each, format }] : [];
}

/** Whether a server has answered with a page, as many do where there is no such file. */
function isWebPage(file: Uint8Array): boolean {
  return /^\s*<(!doctype|html)/i.test(new TextDecoder().decode(file.subarray(0, 100)));
}

function unrecognized(where: string, files: readonly { name: string; file: Uint8Array }[]): string {
  const list = FORMATS.map(({ extension }) => extension).join(', ');
  if (files.length === 0) return `${where}: got no files, expected one of ${list}.`;
  const [{ name, file }] = files;
  const first = [...file.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const begins = file.length === 0 ? 'is empty' : `begins with the bytes ${first}`;
  const hint = isWebPage(file) ? ' It is a web page: is the address right?' : '';
  return `${where}: ${name ? show(name) : 'the file'} ${begins}, as none of the formats ${list} does.${hint}`;
}
