import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, optionalNonNegatives, show } from '../../../runtime/options.ts';

/** The kinds of constraints; their indices are the numbers in optimizers/weight-constraint.wgsl. */
export const CONSTRAINTS = ['nonNeg', 'norm'] as const satisfies readonly Constraint['kind'][];

/** A constraint onto which a weight is projected after every step of the optimizer. */
export type Constraint =
  | { readonly kind: 'nonNeg' }
  /** The norm of each column is kept between two bounds; with a `rate` below 1 a step moves it only part of the way there. */
  | { readonly kind: 'norm'; readonly lowest: number; readonly largest: number; readonly rate: number };

/** Negative numbers become 0. @see keras/src/constraints/constraints.py */
export function nonNeg(): Constraint {
  return { kind: 'nonNeg' };
}

/** The norm of each column is at most `largest`. @throws ValueError @see keras/src/constraints/constraints.py */
export function maxNorm(largest = 2): Constraint {
  return minMaxNorm({ lowest: 0, largest });
}

/** The norm of each column is 1. @see keras/src/constraints/constraints.py */
export function unitNorm(): Constraint {
  return minMaxNorm({ lowest: 1, largest: 1 });
}

export interface MinMaxNormOptions {
  /** Default: 0. */
  lowest?: number;
  /** Default: 1. */
  largest?: number;
  /** The part of the way to the nearest bound that a norm moves in a step, from 0 to 1. Default: 1. */
  rate?: number;
}

/** The norm of each column stays between two bounds. @throws ValueError @see keras/src/constraints/constraints.py */
export function minMaxNorm(options: MinMaxNormOptions = {}): Constraint {
  knownOptions('minMaxNorm', options, ['lowest', 'largest', 'rate']);
  const { lowest = 0, largest = 1, rate = 1 } = options;
  optionalNonNegatives('minMaxNorm', { lowest, largest, rate });
  if (lowest > largest || rate > 1) {
    throw new ValueError(
      `minMaxNorm: lowest is ${lowest}, largest ${largest} and rate ${rate}, expected lowest at most largest, rate at most 1.`,
    );
  }
  return { kind: 'norm', lowest, largest, rate };
}

/** @throws ValueError unless `value` is a constraint made by one of the functions above, or left out */
export function constraintOption(where: string, name: string, value: unknown): Constraint | undefined {
  if (value === undefined || value === null) return undefined;
  const constraint = value as Constraint;
  if (constraint.kind === 'nonNeg') return constraint;
  if (constraint.kind === 'norm') {
    const { lowest, largest, rate } = constraint;
    return minMaxNorm({ lowest, largest, rate });
  }
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected e.g. maxNorm(2).`);
}
