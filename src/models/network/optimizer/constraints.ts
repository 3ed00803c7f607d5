import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, show } from '../../../runtime/options.ts';
import { atLeastZero } from './step-options.ts';

/** Kinds of constraints; positions are the numbers in optimizers/weight-constraint.wgsl. */
export const CONSTRAINTS = ['nonNeg', 'norm'] as const satisfies readonly Constraint['kind'][];

/** What a weight is brought back to after every step. */
export type Constraint =
  | { readonly kind: 'nonNeg' }
  /** Norms of columns between two bounds; `rate` 1 goes all the way there, less goes part of it. */
  | { readonly kind: 'norm'; readonly lowest: number; readonly largest: number; readonly rate: number };

/** No number below 0. @see keras/src/constraints/constraints.py */
export function nonNeg(): Constraint {
  return { kind: 'nonNeg' };
}

/** The norm of each column at most `largest`. @throws ValueError @see keras/src/constraints/constraints.py */
export function maxNorm(largest = 2): Constraint {
  return minMaxNorm({ lowest: 0, largest });
}

/** The norm of each column 1. @see keras/src/constraints/constraints.py */
export function unitNorm(): Constraint {
  return minMaxNorm({ lowest: 1, largest: 1 });
}

export interface MinMaxNormOptions {
  /** Default: 0. */
  lowest?: number;
  /** Default: 1. */
  largest?: number;
  /** How much of the way a step goes, from 0 to 1. Default: 1. */
  rate?: number;
}

/** The norm of each column between two bounds. @throws ValueError @see keras/src/constraints/constraints.py */
export function minMaxNorm(options: MinMaxNormOptions = {}): Constraint {
  knownOptions('minMaxNorm', options, ['lowest', 'largest', 'rate']);
  const { lowest = 0, largest = 1, rate = 1 } = options;
  atLeastZero('minMaxNorm', { lowest, largest, rate });
  if (lowest > largest || rate > 1) {
    throw new ValueError(
      `minMaxNorm: lowest is ${lowest}, largest ${largest} and rate ${rate}, expected lowest up to largest, rate up to 1.`,
    );
  }
  return { kind: 'norm', lowest, largest, rate };
}

/** @throws ValueError unless it is a constraint, by one of the functions above, or nothing */
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
