import { ValueError } from '../../../runtime/errors.ts';
import { positionOf, shapeText } from '../../../runtime/shape.ts';
import type { Channels } from '../../execution/channels.ts';
import type { NumberArray } from '../../../runtime/numbers.ts';
import type { Loss } from '../../network/objective/losses.ts';

/** Tells which targets a loss of several classes takes, and which loss takes others; `undefined` for other losses. */
export function targetHint({ name }: Loss): string | undefined {
  if (name === 'sparseCategoricalCrossentropy') {
    return 'Give numbers of classes; vectors with a 1 at the class are for the loss categoricalCrossentropy.';
  }
  if (name === 'categoricalCrossentropy') {
    return 'Give a 1 for the right class and 0 for others; numbers of classes are for the loss sparseCategoricalCrossentropy.';
  }
  return undefined;
}

/**
 * Checks that the loss is defined for targets.
 *
 * @param outputs how many outputs the model has
 * @throws ValueError unless they are numbers of classes, or wherever they count from 0 to 1 for binary cross-entropy, and at
 *   least 0 for categorical cross-entropy
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
  const isBinary = loss.name === 'binaryCrossentropy';
  if (!isBinary && loss.name !== 'categoricalCrossentropy') return;
  const largest = isBinary ? 1 : Infinity;
  const isPerStep = mask?.shape[1] === shape[1] && shape.length === 3;
  const counts = (index: number): boolean => {
    const step = Math.floor(index / outputs);
    return weights?.data[step] !== 0 && !(isPerStep && mask!.data[step] === 0);
  };
  const wrong = data.findIndex((value, index) => (value < 0 || value > largest) && counts(index));
  if (wrong < 0) return;
  throw new ValueError(
    `${where} holds ${data[wrong]} at ${shapeText(positionOf(wrong, shape))}, expected numbers ` +
      `${isBinary ? 'from 0 to 1' : 'of at least 0'}, which ${loss.name} takes as probabilities. For numbers of several ` +
      `classes use sparseCategoricalCrossentropy, for others meanSquaredError.`,
  );
}
