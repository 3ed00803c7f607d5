import { ValueError } from '../../../runtime/errors.ts';
import { positionOf, shapeText } from '../../../runtime/shape.ts';
import type { Channels } from '../../execution/channels.ts';
import type { NumberArray } from '../../../runtime/numbers.ts';
import type { Loss } from '../../network/objective/losses.ts';

/**
 * Checks that the loss is defined for targets.
 *
 * @param outputs how many outputs the model has
 * @throws ValueError unless they are numbers of classes, or for binary cross-entropy from 0 to 1 wherever they count
 */
export function checkTargets(
  where: string,
  loss: Loss,
  outputs: number,
  { y, mask, weights }: Channels<NumberArray> & { y: NumberArray },
): void {
  const { data, shape } = y;
  if (loss.takesClasses) {
    const wrong = data.findIndex((value) => !(Number.isInteger(value) && value >= 0 && value < outputs));
    if (wrong < 0) return;
    throw new ValueError(
      `${where} holds ${data[wrong]} at index ${wrong}, expected the number of a class, from 0 to ${outputs - 1}.`,
    );
  }
  if (loss.name !== 'binaryCrossentropy') return;
  const isPerStep = mask?.shape[1] === shape[1] && shape.length === 3;
  const counts = (index: number): boolean => {
    const step = Math.floor(index / outputs);
    return weights?.data[step] !== 0 && !(isPerStep && mask!.data[step] === 0);
  };
  const wrong = data.findIndex((value, index) => (value < 0 || value > 1) && counts(index));
  if (wrong < 0) return;
  throw new ValueError(
    `${where} holds ${data[wrong]} at ${shapeText(positionOf(wrong, shape))}, expected numbers from 0 to 1, which ` +
      `binaryCrossentropy takes as probabilities. For numbers of several classes use sparseCategoricalCrossentropy, for ` +
      `others meanSquaredError.`,
  );
}
