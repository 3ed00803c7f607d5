import { constraintOption, type Constraint } from '../optimizer/constraints.ts';
import { regularizerOption, type Regularizer } from '../objective/regularizers.ts';

/** What keeps the weights of a layer small, or within bounds. */
export interface WeightRules {
  /** A penalty on the kernel, part of the loss: `l2(0.01)`. Default: none. */
  kernelRegularizer?: Regularizer;
  biasRegularizer?: Regularizer;
  /** What the kernel is brought back to after each step: `maxNorm(2)`. Default: nothing. */
  kernelConstraint?: Constraint;
  biasConstraint?: Constraint;
}

export interface RecurrentWeightRules extends WeightRules {
  recurrentRegularizer?: Regularizer;
  recurrentConstraint?: Constraint;
}

type Rules = { regularizer?: Regularizer; constraint?: Constraint };

const KINDS = ['kernel', 'recurrent', 'bias'] as const;

/** The names of the options: all, or without those of a recurrent kernel. */
export const WEIGHT_RULES = KINDS.flatMap((kind) => [`${kind}Regularizer`, `${kind}Constraint`]);
export const PLAIN_WEIGHT_RULES = WEIGHT_RULES.filter((name) => !name.startsWith('recurrent'));

/**
 * The rules of each kind of weight, to be spread into its `WeightPart`.
 *
 * @throws ValueError if an option has a wrong value
 */
export function weightRules(where: string, options: RecurrentWeightRules): Record<(typeof KINDS)[number], Rules> {
  const rulesOf = (kind: (typeof KINDS)[number]): Rules => ({
    regularizer: regularizerOption(where, `${kind}Regularizer`, options[`${kind}Regularizer`]),
    constraint: constraintOption(where, `${kind}Constraint`, options[`${kind}Constraint`]),
  });
  return { kernel: rulesOf('kernel'), recurrent: rulesOf('recurrent'), bias: rulesOf('bias') };
}
