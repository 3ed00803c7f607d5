import { constraintOption, type Constraint } from '../optimizer/constraints.ts';
import { regularizerOption, type Regularizer } from '../objective/regularizers.ts';

/** Options for the regularizers and constraints of a layer's weights, under Keras' names. */
export interface WeightRules {
  /** A penalty on the kernel, which is added to the loss: `l2(0.01)`. Default: none. */
  kernelRegularizer?: Regularizer;
  biasRegularizer?: Regularizer;
  /** A constraint onto which the kernel is projected after each step of the optimizer: `maxNorm(2)`. Default: none. */
  kernelConstraint?: Constraint;
  biasConstraint?: Constraint;
}

export interface RecurrentWeightRules extends WeightRules {
  recurrentRegularizer?: Regularizer;
  recurrentConstraint?: Constraint;
}

type Rules = { regularizer?: Regularizer; constraint?: Constraint };

const KINDS = ['kernel', 'recurrent', 'bias'] as const;

/** The names of these options for recurrent layers. */
export const WEIGHT_RULES = KINDS.flatMap((kind) => [`${kind}Regularizer`, `${kind}Constraint`]);
/** The names of these options for layers without a recurrent kernel. */
export const FEEDFORWARD_WEIGHT_RULES = WEIGHT_RULES.filter((name) => !name.startsWith('recurrent'));

/**
 * Checks the options, and returns the regularizer and the constraint of each kind of weight, for its `WeightPart`.
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
