import { ShapeError, ValueError } from '../runtime/errors.ts';
import { knownOptions, positiveInteger } from '../runtime/options.ts';
import { shapeText } from '../runtime/shape.ts';
import type { NumberArray } from '../runtime/numbers.ts';
import { readNumbers, type NumberInput } from './numbers.ts';

export interface OneHotOptions {
  /** How many classes there are: Keras' `num_classes`. Default: the largest label and one more. */
  classes?: number;
}

/**
 * Turns labels into vectors with a 1 at the label and 0 elsewhere, as Keras' `to_categorical`, which however drops a last
 * dimension of size 1: here single steps, [samples, 1], stay sequences.
 *
 * @param labels whole numbers from 0 on, of any shape
 * @returns the shape of the labels with the classes behind: [samples, classes] or [samples, timesteps, classes]
 * @throws ShapeError if there are no labels; ValueError if one is not a whole number below `classes`, or they
 *   are too many for memory
 * @see keras/src/utils/numerical_utils.py to_categorical
 */
export function oneHot(labels: NumberInput, options: OneHotOptions = {}): NumberArray {
  const where = 'oneHot';
  knownOptions(where, options, ['classes']);
  const { data, shape } = readNumbers(`${where}: labels`, labels);
  if (data.length === 0) throw new ShapeError(`${where}: labels has shape ${shapeText(shape)}: it is empty.`);
  const classes =
    options.classes === undefined
      ? data.reduce((most, label) => Math.max(most, label), 0) + 1
      : positiveInteger(where, 'classes', options.classes);
  const wrong = data.findIndex((label) => !Number.isInteger(label) || label < 0 || label >= classes);
  if (wrong >= 0) {
    const range = options.classes === undefined ? 'from 0 on' : `from 0 to ${classes - 1}`;
    const advice =
      options.classes === undefined ? 'Number the classes first.' : 'Number the classes, or give more `classes`.';
    throw new ValueError(
      `${where}: labels holds ${data[wrong]} at index ${wrong}, expected whole numbers ${range}. ${advice}`,
    );
  }
  const vectors = allocate(data.length, classes);
  for (let index = 0; index < data.length; index++) vectors[index * classes + data[index]] = 1;
  return { data: vectors, shape: [...shape, classes] };
}

/** @throws ValueError if there is no memory for so many vectors */
function allocate(labels: number, classes: number): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(labels * classes);
  } catch {
    throw new ValueError(
      `oneHot: ${labels} labels of ${classes} classes make ${labels * classes} numbers, for which there is no memory. Number ` +
        `the classes without gaps, or leave them as they are, for sparseCategoricalCrossentropy.`,
    );
  }
}
