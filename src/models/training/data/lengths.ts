import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { shapeText, type Shape } from '../../../runtime/shape.ts';
import type { NumberArray } from '../../../runtime/numbers.ts';
import { toArray, type ArrayInput } from '../../network/arrays.ts';
import { OTHER_NUMBERS } from '../../network/float32.ts';
import type { Network } from '../../network/network.ts';

/** How many steps of each sample count, [samples]; the rest is padding, on the right. */
export type Lengths = ArrayInput;

/**
 * Checks the lengths of samples of this shape.
 *
 * @param own how many steps each sample was given with, if some were padded
 * @throws ShapeError, ValueError
 */
export function toLengths(
  where: string,
  lengths: Lengths,
  [samples, steps]: Shape,
  own?: ArrayLike<number>,
): Float32Array {
  const { data, shape } = toArray(where, lengths, OTHER_NUMBERS);
  if (shape.length !== 1 || data.length !== samples) {
    throw new ShapeError(
      `${where} has shape ${shapeText(shape)}, expected [samples = ${samples}]: a number for each sample of x.`,
    );
  }
  const wrong = data.findIndex((length) => !(Number.isInteger(length) && length >= 0 && length <= steps));
  if (wrong >= 0) {
    throw new ValueError(
      `${where} holds ${data[wrong]} at index ${wrong}, expected a whole number of steps, from 0 to ${steps}.`,
    );
  }
  const longer = own ? data.findIndex((length, sample) => length > own[sample]) : -1;
  if (longer >= 0) {
    throw new ValueError(
      `${where} holds ${data[longer]} at index ${longer}, and sample ${longer} of x was given with ${own![longer]} steps: ` +
        `the others are padding. Give at most ${own![longer]}, or leave lengths out.`,
    );
  }
  return data;
}

/**
 * The mask of samples with these lengths: 1 for each step that counts, [samples, timesteps, 1].
 *
 * @param shape the shape of the samples
 * @throws ShapeError, ValueError if the model takes no mask
 */
export function maskOfLengths(
  where: string,
  { layers }: Network,
  lengths: ArrayLike<number>,
  shape: Shape,
): NumberArray {
  const [samples, steps] = shape;
  if (shape.length !== 3) {
    throw new ShapeError(
      `${where} is for samples with timesteps, and x has shape ${shapeText(shape)}, [samples, features]. Leave it out.`,
    );
  }
  const masking = layers.find(({ paddingValue }) => paddingValue !== undefined);
  if (masking) {
    throw new ValueError(
      `${where} tells what is padding, and ${masking.name} finds it out by itself. Leave out one of the two.`,
    );
  }
  const data = Float32Array.from({ length: samples * steps }, (_, n) =>
    n % steps < lengths[Math.floor(n / steps)] ? 1 : 0,
  );
  return { data, shape: [samples, steps, 1] };
}
