import { ShapeError } from '../../runtime/errors.ts';
import { elementCount, expectShape, sameShape, shapeText, type Shape, type SampleShape } from '../../runtime/shape.ts';
import { isList } from '../../runtime/options.ts';
import { FINITE_NUMBERS, TARGET_NUMBERS, type NumberRules } from './float32.ts';
import type { NumberArray } from '../../runtime/numbers.ts';
import { padSteps, toPadded, type ArrayInput, type PaddedArray } from './arrays.ts';

/** How many samples there are, and how many steps each was given with if they differ. */
export interface SampleCount {
  count: number;
  lengths?: ArrayLike<number>;
}

/**
 * Samples for the input of a model: [samples, timesteps, features] or [samples, features].
 *
 * @param names what the dimensions of a sample are
 * @param padding the number that pads nested sequences that differ in length, or are shorter than the model's
 * @throws ShapeError, ValueError
 */
export function toSamples(
  where: string,
  value: ArrayInput,
  sample: SampleShape,
  names = sample.length === 1 ? ['features'] : ['timesteps', 'features'],
  padding = 0,
  rules = FINITE_NUMBERS,
): PaddedArray {
  const array = toPadded(where, value, rules, { value: padding });
  const areShort = isList(value) && areShorter(array, sample, names);
  const { data, shape: given, lengths } = areShort ? padSteps(array, sample[0]!, padding) : array;
  if (data.length === 0) {
    const what = given[0] === 0 ? 'samples' : (['samples', ...names][given.indexOf(0)] ?? 'numbers');
    throw new ShapeError(`${where} has shape ${shapeText(given)}: it holds no ${what}. Give at least one.`);
  }
  const shape = shapeOfSamples(given, sample);
  if (lengths) assertSequences(where, { shape, lengths }, sample, names);
  const expected = [{ name: 'samples', size: null }, ...sample.map((size, axis) => ({ name: names[axis], size }))];
  expectShape(where, shape, expected, hintFor(given, sample, names));
  return { data, shape, lengths };
}

/** The shape of samples that were given flat, as one flat row each, or without their only feature: if only one can be meant. */
function shapeOfSamples(given: Shape, sample: SampleShape): Shape {
  const isFlat = given.length === 1;
  const isRows = given.length === 2 && sample.length === 2;
  if (isStepsKnown(sample)) {
    const size = elementCount(sample);
    if (isFlat && given[0] % size === 0) return [given[0] / size, ...sample];
    return isRows && given[1] === size ? [given[0], ...sample] : given;
  }
  // An array [timesteps, 1] may be one sequence, or single steps of many.
  const isOneSequence = given[1] === 1 && given[0] > 1;
  return isRows && sample[1] === 1 && !isOneSequence ? [...given, 1] : given;
}

/** Whether an array of this shape is one sample alone, and cannot be samples in one of the forms of `toSamples`. */
export function isOneSample(given: Shape, sample: SampleShape): boolean {
  return isSample(given, sample) && shapeOfSamples(given, sample) === given;
}

function isSample(shape: Shape, sample: SampleShape): boolean {
  return shape.length === sample.length && sample.every((size, axis) => size === null || size === shape[axis]);
}

/** Whether nested sequences, [samples, timesteps, ...], have fewer steps than samples of the model. */
function areShorter(
  { shape, lengths }: PaddedArray,
  [steps, ...features]: SampleShape,
  names: readonly string[],
): boolean {
  if (names[0] !== 'timesteps' || steps === null || shape.length < 2) return false;
  const [samples, given, ...entry] = shape;
  // An array [timesteps, 1] may be one sequence, or single steps of many.
  const isOneSequence = given === 1 && samples > 1 && !lengths;
  const isWithoutFeature = entry.length === 0 && features[0] === 1 && !isOneSequence;
  return given > 0 && given < steps && (isWithoutFeature || sameShape(entry, features as Shape));
}

function isStepsKnown(sample: SampleShape): sample is Shape {
  return sample[0] !== null;
}

/** @throws ShapeError unless samples of different lengths are sequences that the model takes after padding */
function assertSequences(
  where: string,
  { shape, lengths }: { shape: Shape; lengths: ArrayLike<number> },
  sample: SampleShape,
  names: readonly string[],
): void {
  const [steps, ...features] = sample;
  const isNested = shape.length === sample.length + 1 || (shape.length === 2 && features[0] === 1);
  if (names[0] !== 'timesteps') throw uneven(where, lengths, 'Give all the same length.');
  if (!isNested) {
    throw uneven(where, lengths, `For sequences of different lengths, nest them as ${fullShape(sample, names)}.`);
  }
  if (steps === null || steps === shape[1]) return;
  const anyLength = shapeText(['null', ...features]);
  throw new ShapeError(
    `${where}: the longest sequence has ${shape[1]} steps, expected timesteps = ${steps}. Cut the sequences, or build ` +
      `the model with inputShape: ${anyLength}, for any number of steps.`,
  );
}

/** The error for samples of different lengths where that is not possible. */
function uneven(where: string, lengths: ArrayLike<number>, hint: string): ShapeError {
  const other = Array.from(lengths).findIndex((length) => length !== lengths[0]);
  return new ShapeError(
    `${where}: the nested arrays are uneven: that at [0] has length ${lengths[0]}, and that at [${other}] length ` +
      `${lengths[other]}. ${hint}`,
  );
}

/** The shape of samples, with names for dimensions of any size. */
function fullShape(sample: SampleShape, names: readonly string[]): string {
  return shapeText(['samples', ...sample.map((size, axis) => size ?? names[axis])]);
}

/** Tells how samples of this shape become such as the model takes. */
function hintFor(given: Shape, sample: SampleShape, names: readonly string[]): string {
  if (isSample(given, sample)) {
    const single = isStepsKnown(sample)
      ? ''
      : `, and for single steps of many, ${shapeText([given[0], 1, ...sample.slice(1)])}`;
    return `For one sample, give shape ${shapeText([1, ...given])}${single}.`;
  }
  if (given.length === 1) {
    return isStepsKnown(sample)
      ? `A flat array needs ${elementCount(sample)} numbers for each sample.`
      : `Steps of any number do not follow from a flat array: give { data, shape: ${fullShape(sample, names)} }.`;
  }
  if (names[0] === 'timesteps' && isSample([sample[0] ?? 1, ...given.slice(2)], sample)) {
    const anyLength = shapeText(['null', ...sample.slice(1)]);
    return `Pad or cut the sequences, or build the model with inputShape: ${anyLength}, for any number of steps.`;
  }
  return `Reshape it, or build the model with another inputShape.`;
}

/**
 * Targets for the output of a model, [samples, ...output]. They may be given flat, as one flat row a sample, or as
 * [samples, timesteps] if there is one output; if the sequences of x differ in length, so may theirs.
 *
 * @param hint a sentence that tells what they should be
 * @throws ShapeError, ValueError
 */
export function toTargets(
  where: string,
  value: ArrayInput,
  samples: SampleCount,
  output: Shape,
  hint = `It needs one target for each sample of x, shaped as the model's output.`,
): NumberArray {
  const names = output.length === 1 ? ['outputs'] : ['timesteps', 'outputs'];
  const expected = [
    { name: 'samples', size: samples.count },
    ...output.map((size, axis) => ({ name: names[axis], size })),
  ];
  const array = besideSamples(where, value, samples, output, TARGET_NUMBERS);
  expectShape(where, array.shape, expected, hint);
  return array;
}

/**
 * Numbers that lie beside samples, [samples, ...beside], in one of the forms of `toTargets`. With another number of them the
 * shape is as it was given, for the caller to refuse.
 *
 * @throws ShapeError, ValueError
 */
export function besideSamples(
  where: string,
  value: ArrayInput,
  samples: SampleCount,
  beside: Shape,
  rules: NumberRules,
): NumberArray {
  const isSequence = beside.length === 2;
  const padding = { value: 0, steps: isSequence ? beside[0] : undefined };
  const array = toPadded(where, value, rules, padding);
  const areShort = isSequence && isList(value) && areShortAs(samples, array, beside[0]);
  const { data, shape, lengths } = areShort ? padSteps(array, beside[0], padding.value) : array;
  if (lengths) assertLengths(where, lengths, isSequence ? samples : { count: samples.count });
  const whole = [samples.count, ...beside];
  const isFlat = shape.length === 1 || (shape.length === 2 && shape[0] === samples.count);
  return { data, shape: isFlat && data.length === elementCount(whole) ? whole : shape };
}

/** Whether nested arrays have the number of steps that all samples of x were given with, which is less than `steps`. */
function areShortAs({ lengths }: SampleCount, { shape, lengths: own }: PaddedArray, steps: number): boolean {
  if (!lengths || own || shape.length < 2 || shape[1] >= steps) return false;
  return Array.from(lengths).every((length) => length === shape[1]);
}

/** @throws ShapeError unless each sample has as many steps as that of x */
function assertLengths(where: string, lengths: readonly number[], samples: SampleCount): void {
  const { lengths: expected } = samples;
  if (!expected) throw uneven(where, lengths, 'Their lengths may differ only as those of the samples x do.');
  const wrong = lengths.findIndex((length, index) => length !== expected[index]);
  if (wrong < 0 || lengths.length !== samples.count) return;
  throw new ShapeError(
    `${where}: sample ${wrong} has ${lengths[wrong]} steps, expected ${expected[wrong]}, as sample ${wrong} of x.`,
  );
}
