import { ValueError } from '../../../runtime/errors.ts';
import { optionalNonNegatives, show } from '../../../runtime/options.ts';

/** A penalty on the size of a weight, l1 · sum of |w| + l2 · sum of w², which is added to the loss. */
export interface Regularizer {
  readonly l1: number;
  readonly l2: number;
}

/** factor · sum of |w|. @throws ValueError @see keras/src/regularizers/regularizers.py */
export function l1(factor = 0.01): Regularizer {
  return l1l2(factor, 0);
}

/** factor · sum of w². @throws ValueError @see keras/src/regularizers/regularizers.py */
export function l2(factor = 0.01): Regularizer {
  return l1l2(0, factor);
}

/** l1 · sum of |w| + l2 · sum of w². @throws ValueError @see keras/src/regularizers/regularizers.py */
export function l1l2(l1 = 0, l2 = 0): Regularizer {
  optionalNonNegatives('l1l2', { l1, l2 });
  return { l1, l2 };
}

/** @throws ValueError unless `value` is a regularizer made by one of the functions above, or left out */
export function regularizerOption(where: string, name: string, value: unknown): Regularizer | undefined {
  if (value === undefined || value === null) return undefined;
  const { l1, l2 } = value as Partial<Regularizer>;
  if (typeof l1 !== 'number' || typeof l2 !== 'number') {
    throw new ValueError(`${where}: ${name} is ${show(value)}, expected e.g. l2(0.01).`);
  }
  return l1l2(l1, l2);
}
