import { ValueError, type Model, type ModelInTraining } from '../index.ts';
import type { ModelContents } from './contents.ts';
import { contentsOfModel } from './contents-of-model.ts';
import { formatNamed, type FormatName } from './formats.ts';
import { findNotFinite } from './not-finite.ts';
import { knownOptions, show } from './reading.ts';
import { checkPath } from './sources/storage.ts';

export interface SaveOptions {
  /** Default: `'keras'`, which alone holds everything that a training needs to go on with the same bits. */
  format?: FormatName;
  /** Whether to save the states of the slots of a stateful model too, for which `'keras'` alone has room. Default: false. */
  states?: boolean;
  /** The name of the file, with or without the ending of its format. Default: `'model'`. */
  name?: string;
}

/**
 * Saves a model as it is at this moment: what is called afterwards is not in the file. In the format `'keras'` that is the
 * architecture, the weights, what the model was compiled with, the optimizer's state and the random states; other formats hold
 * what they have a place for. An initializer that is a function of your own is saved as the layer's default, since the weights
 * have been drawn.
 *
 * @param model a model, or the one that a callback is given
 * @returns a file, or the list of files of format `'tfjs'`, with `model.json` first
 * @throws ValueError (as a rejection) if the format cannot hold the model, or a number of it is NaN or infinite;
 * UnsupportedError if a package is missing
 */
export function saveModel(model: Model | ModelInTraining, options: SaveOptions & { format: 'tfjs' }): Promise<File[]>;
export function saveModel(
  model: Model | ModelInTraining,
  options?: SaveOptions & { format?: Exclude<FormatName, 'tfjs'> },
): Promise<File>;
export function saveModel(model: Model | ModelInTraining, options?: SaveOptions): Promise<File | File[]>;
export async function saveModel(model: Model | ModelInTraining, options: SaveOptions = {}): Promise<File | File[]> {
  const where = 'saveModel';
  knownOptions(where, options, ['format', 'states', 'name']);
  const { format = 'keras', states = false, name = 'model' } = options;
  const { holds } = formatNamed(where, format);
  if (states && holds !== 'everything') {
    throw new ValueError(
      `${where}: format ${show(format)} has no room for states, expected "keras" with states: true.`,
    );
  }
  checkPath(`${where}: name`, 'a text that is not empty', name);
  const training = holds === 'everything' || holds === 'training';
  const contents = await contentsOfModel(where, model, { states, training });
  const problem = findNotFinite(contents);
  if (problem) throw new ValueError(`${where}: ${problem}: nobody could load it. Has the training diverged?`);
  const files = await filesOfContents(where, contents, format, name);
  return format === 'tfjs' ? files : files[0];
}

/** Writes what a model holds in a format. @throws ValueError, UnsupportedError (as rejections) */
export async function filesOfContents(
  where: string,
  contents: ModelContents,
  format: FormatName,
  name: string,
): Promise<File[]> {
  const { extension, load } = formatNamed(where, format);
  const files = await (await load()).write(where, contents, name.endsWith(extension) ? name : `${name}${extension}`);
  return [...files].map(([own, bytes]) => new File([bytes], own, { type: typeOf(own) }));
}

function typeOf(name: string): string {
  return name.endsWith('.json') ? 'application/json' : 'application/octet-stream';
}
