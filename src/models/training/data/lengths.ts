import { ShapeError, ValueError } from '../../../runtime/errors.ts';
import { show } from '../../../runtime/options.ts';
import { shapeText } from '../../../runtime/shape.ts';
import type { NumberArray } from '../../arrays.ts';
import type { Network } from '../../network.ts';

/** How many steps of each sample count; the rest is padding, on the right. */
export type Lengths = ArrayLike<number>;

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
      `${where} is for samples of [timesteps, features], and x has shape ${shapeText(shape)}. For an embedding use ` +
        `maskZero: true and pad with 0.`,
    );
  }
  const other = layers.find(({ findsPadding }) => findsPadding);
  if (other) {
    throw new ValueError(
      `${where} tells what is padding, and ${other.name} finds it out by itself, whatever it is told. Leave out one of both.`,
    );
  }
  if (lengths.length !== samples) {
    throw new ShapeError(`${where} holds ${lengths.length} numbers, expected one for each of the ${samples} samples.`);
  }
  const wrong = Array.from(lengths).findIndex(
    (length) => !(Number.isInteger(length) && length >= 0 && length <= steps),
  );
  if (wrong >= 0) {
    throw new ValueError(
      `${where} holds ${show(lengths[wrong])} at index ${wrong}, expected a whole number of steps, from 0 to ${steps}.`,
    );
  }
  const data = Float32Array.from({ length: samples * steps }, (_, n) =>
    n % steps < lengths[Math.floor(n / steps)] ? 1 : 0,
  );
  return { data, shape: [samples, steps, 1] };
}
