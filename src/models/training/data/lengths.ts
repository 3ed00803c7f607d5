import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { shapeText } from '../../../runtime/shape.ts';
import { toArray, type ArrayInput, type NumberArray } from '../../network/arrays.ts';
import type { Network } from '../../network/network.ts';

/** How many steps of each sample count, [samples]; the rest is padding, on the right. */
export type Lengths = ArrayInput;

/**
 * The mask of samples with these lengths: 1 for each step that counts, [samples, timesteps, 1].
 *
 * @throws ShapeError, ValueError
 */
export function maskOfLengths(
  where: string,
  { layers }: Network,
  lengths: Lengths,
  { shape }: NumberArray,
): NumberArray {
  const [samples, steps] = shape;
  if (shape.length !== 3) {
    throw new ShapeError(
      `${where} is for samples with timesteps, and x has shape ${shapeText(shape)}, [samples, features]. Leave it out.`,
    );
  }
  const masking = layers.find(({ findsPadding }) => findsPadding);
  if (masking) {
    throw new ValueError(
      `${where} tells what is padding, and ${masking.name} finds it out by itself. Leave out one of the two.`,
    );
  }
  const given = toArray(where, lengths);
  if (given.shape.length !== 1 || given.data.length !== samples) {
    throw new ShapeError(
      `${where} has shape ${shapeText(given.shape)}, expected [samples = ${samples}]: a number for each sample of x.`,
    );
  }
  const counts = given.data;
  const wrong = counts.findIndex((length) => !(Number.isInteger(length) && length >= 0 && length <= steps));
  if (wrong >= 0) {
    throw new ValueError(
      `${where} holds ${counts[wrong]} at index ${wrong}, expected a whole number of steps, from 0 to ${steps}.`,
    );
  }
  const data = Float32Array.from({ length: samples * steps }, (_, n) =>
    n % steps < counts[Math.floor(n / steps)] ? 1 : 0,
  );
  return { data, shape: [samples, steps, 1] };
}
