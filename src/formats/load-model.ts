import { ShapeError, ValueError, type Gpu, type Model, type ModelInTraining } from '../index.ts';
import { buildModel, type LoadOptions } from './build-model.ts';
import type { Files, ModelContents } from './contents.ts';
import { contentsOfModel } from './contents-of-model.ts';
import { mainFile, type FormatCode, type FormatName } from './formats.ts';
import { checkFinite } from './not-finite.ts';
import { knownOptions, show } from './reading.ts';
import { shapeText } from './shape.ts';
import { openSource, type ModelSource, type OpenedSource } from './sources/source.ts';
import { withoutNames } from './without-names.ts';

/**
 * Makes a model of a file of any format that holds a whole one, which is recognized by its contents. The model is compiled and
 * goes on as it was saved, as far as the format holds that.
 *
 * A part that the library does not understand is refused with its place in the file: nothing is left out or guessed.
 *
 * @throws ValueError, ShapeError (as rejections) if the file cannot be read or is not understood, UnsupportedError if a package
 * is missing, LimitError if the model does not fit on the GPU; no model is left then
 */
export async function loadModel(gpu: Gpu, source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  knownOptions('loadModel', options, ['batchSize', 'slots', 'schedule', 'precision', 'seed']);
  const { where, contents } = await readContents('loadModel', source);
  return inFile(where, () => buildModel(gpu, contents, options));
}

/**
 * Replaces the weights of a model by those of a file, which may hold weights alone. The optimizer and the states stay as they
 * are.
 *
 * @param model a model, or the one that a callback is given
 * @throws ValueError, ShapeError (as rejections) if the file cannot be read or is that of another architecture,
 * UnsupportedError if a package is missing; then no weight is replaced
 */
export async function loadWeights(model: Model | ModelInTraining, source: ModelSource): Promise<void> {
  const opened = await open('loadWeights', source);
  const { where, code, file } = opened;
  const own = await contentsOfModel(where, model, { training: false });
  if (!code.readWeights) {
    const contents = await readWhole(opened);
    checkForm(where, contents, own);
    await inFile(where, async () => model.setWeights(withoutNames(contents.weights!)));
    return;
  }
  const weights = await code.readWeights(where, file, own);
  checkFinite(where, { weights });
  await inFile(where, async () => model.setWeights(withoutNames(weights)));
}

/**
 * Tells the format of a file, or of several that belong together, by its first bytes, or by its name if these tell nothing.
 * Whether all of it can be read, `loadModel` finds; only files of format `'weights'` never hold a whole model.
 *
 * @throws ValueError (as a rejection) if there is no file, none of them is of a known format, or two of them hold a model
 */
export async function formatOf(source: ModelSource): Promise<FormatName> {
  const { files } = await openSource('formatOf', source);
  return mainFile('formatOf', files).format.name;
}

/** Reads what a whole model is made of. @throws ValueError, UnsupportedError (as rejections) */
export async function readContents(
  call: string,
  source: ModelSource,
): Promise<{ where: string; contents: ModelContents }> {
  const opened = await open(call, source);
  return { where: opened.where, contents: await readWhole(opened) };
}

/** @throws ValueError, ShapeError unless two models have layers of the same types and weights of the same shapes */
export function checkForm(where: string, given: ModelContents, own: ModelContents): void {
  const form = ({ layers, weights = [] }: ModelContents) => [
    layers.map(({ type }) => type).join(', '),
    shapesOf(weights),
  ];
  const [[givenLayers, givenShapes], [layers, shapes]] = [form(given), form(own)];
  if (givenLayers !== layers) {
    throw new ValueError(`${where}: the layers are ${givenLayers}, but the model has ${layers}.`);
  }
  if (givenShapes !== shapes) {
    throw new ShapeError(`${where}: the weights have the shapes ${givenShapes}, but those of the model ${shapes}.`);
  }
}

/** Shapes of arrays for an error message. */
export function shapesOf(arrays: readonly { shape: readonly number[] }[]): string {
  return arrays.map(({ shape }) => shapeText(shape)).join(', ');
}

interface Opened {
  /** The call and the file. */
  where: string;
  file: Uint8Array<ArrayBuffer>;
  beside: Files;
  code: FormatCode;
}

async function open(call: string, source: ModelSource): Promise<Opened> {
  const opened = await openSource(call, source);
  const { name, file, format } = mainFile(call, opened.files);
  const where = name ? `${call}: ${name}` : call;
  const code = await format.load();
  return { where, file, code, beside: await filesBeside(where, opened, name, code.namesBeside?.(where, file) ?? []) };
}

/** The files that the main one names. @throws ValueError if one is missing, or there are others */
async function filesBeside(
  where: string,
  { files, fetchBeside }: OpenedSource,
  main: string,
  names: readonly string[],
): Promise<Files> {
  const beside = new Map<string, Uint8Array<ArrayBuffer>>();
  const folder = main.slice(0, main.lastIndexOf('/') + 1);
  for (const name of names) {
    // A file may not make the page read elsewhere: no address, no absolute path, and no folder above.
    const isBelow = !/^([a-z][a-z\d+.-]*:|[/\\])|(^|[/\\])\.\.([/\\]|$)/i.test(name);
    const bytes = isBelow ? (files.get(folder + name) ?? (await fetchBeside?.(name))) : undefined;
    if (bytes === undefined) {
      throw new ValueError(
        `${where}: it names the file ${show(name)}, which is not given. Give it beside ${show(main)}.`,
      );
    }
    beside.set(name, bytes);
  }
  const other = [...files.keys()].find((name) => name !== main && !names.some((own) => folder + own === name));
  if (other !== undefined) throw new ValueError(`${where}: it does not name the file ${show(other)}. Leave that out.`);
  return beside;
}

async function readWhole({ where, code, file, beside }: Opened): Promise<ModelContents> {
  if (!code.read) {
    throw new ValueError(`${where}: it holds weights alone. Make the model with sequential, then call loadWeights.`);
  }
  const contents = await code.read(where, file, beside);
  if (!contents.weights) throw new ValueError(`${where}: it holds no weights, expected those of all layers.`);
  checkFinite(where, contents);
  return contents;
}

/** Lets errors about what was read from a file name the file. */
async function inFile<T>(where: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ValueError) throw new ValueError(`${where}: ${error.message}`, { cause: error });
    if (error instanceof ShapeError) throw new ShapeError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}
