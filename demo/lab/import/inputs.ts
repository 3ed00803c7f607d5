import { random } from '../../experiments/data/random.ts';
import { counted } from '../../experiments/words.ts';

/** The numbers that a network takes. */
export interface InputForm {
  /** The shape of one sample; `null` timesteps: any number. */
  shape: readonly (number | null)[];
  /** Numbers are whole and below this one, where the first layer looks them up. */
  tokens?: number;
}

/** Numbers in the shape [samples, …]. */
export interface Inputs {
  data: Float32Array<ArrayBuffer>;
  shape: number[];
}

/** More numbers than these are no pleasure to type, and slow to show. */
export const MOST_NUMBERS = 20_000;

/** Steps of a random sample, where any number will do. */
const STEPS = 20;

/** Numbers in a line, where a step has one alone. */
const IN_A_LINE = 10;

/** The numbers of a text as samples for a network; a sentence where they are none. */
export function readInputs(text: string, { shape, tokens }: InputForm): Inputs | string {
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  if (words.length > MOST_NUMBERS) return `The field takes up to ${MOST_NUMBERS.toLocaleString('en')} numbers.`;
  const numbers = words.map(Number);
  const wrong = numbers.findIndex((number) => !Number.isFinite(number));
  if (wrong >= 0) return `“${words[wrong].slice(0, 40)}” is no number.`;
  const notToken = tokens === undefined ? -1 : numbers.findIndex((number) => !isToken(number, tokens));
  if (notToken >= 0) return `${words[notToken]} is no whole number from 0 to ${tokens! - 1}, which this network takes.`;
  const size = sizeOf(shape);
  if (numbers.length === 0 || numbers.length % size !== 0) return wrongCount(shape, size, numbers.length);
  const samples = shape[0] === null ? 1 : numbers.length / size;
  const sample = shape.map((length) => length ?? numbers.length / size);
  return { data: Float32Array.from(numbers), shape: [samples, ...sample] };
}

/** A sample of random numbers, as a text for the field; empty if a sample is too large for that. */
export function randomInputs({ shape, tokens }: InputForm, seed: number): string {
  const count = sizeOf(shape) * (shape[0] === null ? STEPS : 1);
  if (count > MOST_NUMBERS) return '';
  const next = random(seed);
  const draw = (): number => (tokens === undefined ? Number((2 * next() - 1).toFixed(3)) : Math.floor(next() * tokens));
  const numbers = Array.from({ length: count }, draw);
  const features = shape.length > 1 ? shape[1]! : 1;
  const inLine = features > 1 ? features : IN_A_LINE;
  const lines = Array.from({ length: Math.ceil(count / inLine) }, (_, line) =>
    numbers.slice(line * inLine, (line + 1) * inLine).join(' '),
  );
  return lines.join('\n');
}

/** The label of the field. */
export function inputWords({ shape, tokens }: InputForm): string {
  const kind = tokens === undefined ? 'Numbers' : `Whole numbers from 0 to ${tokens - 1}`;
  const size = sizeOf(shape);
  const count = size === 1 ? 'one' : size.toLocaleString('en');
  return `${kind} to predict from, ${count} for each ${shape[0] === null ? 'of any number of steps' : 'sample'}`;
}

const isToken = (number: number, tokens: number): boolean => Number.isInteger(number) && number >= 0 && number < tokens;

/** The numbers of a sample, or those of one step where a sample has any number of them. */
const sizeOf = (shape: InputForm['shape']): number => shape.reduce<number>((size, length) => size * (length ?? 1), 1);

function wrongCount(shape: InputForm['shape'], size: number, count: number): string {
  const unit = shape[0] === null ? 'step' : 'sample';
  const has = `A ${unit} of this network has ${counted(size, 'number')}`;
  if (size > MOST_NUMBERS) return `${has}, more than the field takes.`;
  return `${has}, and there ${count === 1 ? 'is' : 'are'} ${count === 0 ? 'none' : count.toLocaleString('en')}.`;
}
