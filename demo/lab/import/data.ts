import { counted } from '../../experiments/words.ts';
import type { TableContents } from '../../page/table-twin.ts';
import type { OpenedModel } from '../../training/jobs/open-model.ts';
import type { Shaped } from '../../training/jobs/use-model.ts';
import { FORMATS } from '../formats.ts';
import type { InputForm } from './inputs.ts';

type Summary = OpenedModel['summary'];

/** Rows and columns of outputs beyond these are left out. */
const [MOST_ROWS, MOST_COLUMNS] = [200, 32];

/** Outputs of two programs in float32 that are further apart than this are not those of one network. */
const SAME = 1e-4;

export function formOf({ inputShape, layers: [first] }: Pick<Summary, 'inputShape' | 'layers'>): InputForm {
  const tokens = first.type === 'embedding' ? (first.options.inputDim as number) : undefined;
  return { shape: inputShape, tokens };
}

/** The layers of a network, with the options that they were given. */
export function structureTable({ layers, parameterCount }: Pick<Summary, 'layers' | 'parameterCount'>): TableContents {
  const rows = layers.map(({ name, type, options, outputShape, parameterCount: own }) => [
    name,
    type,
    optionWords(options),
    shapeWords(outputShape),
    own.toLocaleString('en'),
  ]);
  return {
    columns: ['layer', 'kind', 'options', 'output of a sample', 'parameters'],
    rows: [...rows, ['all', '', '', '', parameterCount.toLocaleString('en')]],
  };
}

function optionWords(options: object): string {
  const words = Object.entries(options).filter(([name]) => name !== 'name');
  return words.map(([name, value]) => `${name}: ${valueWords(value)}`).join(', ');
}

function valueWords(value: unknown): string {
  const { type, options } = (value ?? {}) as { type?: string; options?: object };
  if (type !== undefined && options !== undefined) return `${type} (${optionWords(options)})`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const shapeWords = (shape: readonly (number | null)[]): string =>
  `[${shape.map((length) => length ?? 'any').join(', ')}]`;

/** A sentence or two about the network that is open. */
export function openedWords({ summary, compiled, source, hasNewWeights }: OpenedModel): string {
  const { inputShape, batchSize } = summary;
  const origin = hasNewWeights
    ? `The network has the weights of ${source!.name} now. `
    : source
      ? `${source.name} is of ${FORMATS[source.format].of}. `
      : '';
  const memory = batchSize === undefined ? '' : ` The network is stateful, for batches of ${batchSize}.`;
  const training = compiled
    ? ` It was compiled with ${compiled.optimizer} and ${compiled.loss}: ${counted(compiled.updates, 'update')} so far.`
    : '';
  return `${origin}A sample has the shape ${shapeWords(inputShape)}.${memory}${training}`;
}

/** How far a network is from what was recorded, in a sentence. */
export function verificationWords({ name, worst, at, count }: NonNullable<OpenedModel['verification']>): {
  text: string;
  isSame: boolean;
} {
  const isSame = worst <= SAME * Math.max(1, Math.abs(at.expected));
  if (isSame) {
    const off = worst === 0 ? 'with the same bits' : `within ${worst.toExponential(1)}`;
    return { isSame, text: `✓ ${counted(count, 'output')} recorded in ${name}: the network gives them ${off}.` };
  }
  const place = `output ${at.element + 1} of batch ${at.batch + 1}`;
  const both = `the network gives ${short(at.got)} for ${short(at.expected)}`;
  return { isSame, text: `Not as recorded in ${name}: at ${place}, the worst of ${count}, ${both}.` };
}

/** The outputs in a sentence. */
export function outputWords({ data }: Pick<Shaped, 'data'>): string {
  const notFinite = data.filter((value) => !Number.isFinite(value)).length;
  const all = counted(data.length, 'output');
  if (notFinite > 0) return `${all}, of which ${notFinite} ${notFinite === 1 ? 'is' : 'are'} not finite.`;
  const [least, most] = data.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  return least === most ? `${all}: ${short(least)}.` : `${all}, from ${short(least)} to ${short(most)}.`;
}

export function outputTable({ data, shape }: Shaped): TableContents {
  const width = shape[shape.length - 1];
  const columns = Math.min(width, MOST_COLUMNS);
  const [hasSteps, steps] = [shape.length > 2, shape[1]];
  const nameOf = (row: number): string =>
    hasSteps ? `sample ${Math.floor(row / steps) + 1}, step ${(row % steps) + 1}` : `sample ${row + 1}`;
  return {
    columns: ['of', ...Array.from({ length: columns }, (_, column) => `output ${column + 1}`)],
    rows: Array.from({ length: Math.min(data.length / width, MOST_ROWS) }, (_, row) => [
      nameOf(row),
      ...Array.from(data.subarray(row * width, row * width + columns), short),
    ]),
  };
}

/** Says what a table of outputs leaves out. */
export function outputCaption({ data, shape }: Shaped): string {
  const width = shape[shape.length - 1];
  const rows = data.length / width;
  const left = [
    rows > MOST_ROWS ? `the first ${MOST_ROWS} of ${rows.toLocaleString('en')} rows` : '',
    width > MOST_COLUMNS ? `the first ${MOST_COLUMNS} of ${width.toLocaleString('en')} outputs` : '',
  ].filter(Boolean);
  return `Predictions${left.length > 0 ? `: ${left.join(', and ')}` : ''}.`;
}

const short = (value: number): string => String(Number(value.toPrecision(6)));
