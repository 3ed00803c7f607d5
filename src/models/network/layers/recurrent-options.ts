import { knownOptions, optionalName, oneOf, positiveInteger, trueOrFalse } from '../../../runtime/options.ts';
import { initializerOf, type Initializer, type InitializerOption } from '../initializers.ts';
import { regularizerOption, type Regularizer } from '../objective/regularizers.ts';
import { ACTIVATIONS, type Activation } from '../../operations/recurrence/activations.ts';
import { dropoutRate, dropoutSeed } from './dropout-options.ts';
import { WEIGHT_RULES, weightRules, type RecurrentWeightRules } from './weight-rules.ts';

/** Options that every recurrent layer has, under Keras' names and with its defaults. */
export interface RecurrentOptions extends RecurrentWeightRules {
  /** How many units the layer has. */
  units: number;
  /** Default: `'tanh'`. */
  activation?: Activation;
  /** Default: true. */
  useBias?: boolean;
  /** Default: `'glorotUniform'`. */
  kernelInitializer?: InitializerOption;
  /**
   * Default: `'orthogonal'`, which takes about 3 s on one core with 1000 units and eight times as long with twice as many, so
   * 25 minutes with 8000. Where `weights` are given to `sequential` it does not run.
   */
  recurrentInitializer?: InitializerOption;
  /** Default: `'zeros'`. */
  biasInitializer?: InitializerOption;
  /** Output all steps, [T, units], instead of the last one, [units]. Default: false. */
  returnSequences?: boolean;
  /**
   * `predict` and `predictOnBatch` also return the states after the last step, as `states` beside the outputs. Nothing else
   * changes. Default: false.
   */
  returnState?: boolean;
  /** Read the input from its last step to its first; sequences come out in that order. Default: false. */
  goBackwards?: boolean;
  /** Row i of a batch continues the state of row i of the batch before. Default: false. */
  stateful?: boolean;
  /** The output of a masked step is 0 instead of the output before it. Default: false. */
  zeroOutputForMask?: boolean;
  /**
   * Sequences pass their mask on to the next layer, as in Keras up to 3.15; with `false` they do not, as in Keras 3.16.
   * Default: true.
   */
  passMask?: boolean;
  /**
   * While training, the share of the input's features that is set to zero, the same ones at every step of a sequence.
   * Default: 0.
   */
  dropout?: number;
  /**
   * While training, the share of the state's units that is set to zero in the recurrent product of each gate, the same ones at
   * every step of a sequence. Each gate then has dropout masks of its own for features and units, as in Keras. Default: 0.
   */
  recurrentDropout?: number;
  /** A penalty on the outputs, whose mean over the samples of a batch is added to the loss: `l2(0.01)`. Default: none. */
  activityRegularizer?: Regularizer;
  /** Seed of the dropout, as in `dropout`. Default: a hash of the layer's name. */
  seed?: number;
  /** Name of the layer, which begins the names of its weights. Default: its kind, with a number from the second one on. */
  name?: string;
}

/** The names of the options that every recurrent layer has. */
const COMMON_OPTIONS: readonly string[] = [
  'units',
  'activation',
  'useBias',
  'kernelInitializer',
  'recurrentInitializer',
  'biasInitializer',
  'returnSequences',
  'returnState',
  'goBackwards',
  'stateful',
  'zeroOutputForMask',
  'passMask',
  'dropout',
  'recurrentDropout',
  'activityRegularizer',
  'seed',
  'name',
  ...WEIGHT_RULES,
];

/** Options after checking, with the defaults filled in. */
export interface CheckedOptions {
  units: number;
  activation: Activation;
  useBias: boolean;
  initializers: Record<'kernel' | 'recurrent' | 'bias', Initializer>;
  rules: ReturnType<typeof weightRules>;
  returnSequences: boolean;
  returnState: boolean;
  goBackwards: boolean;
  stateful: boolean;
  zeroOutputForMask: boolean;
  passMask: boolean;
  dropout: number;
  recurrentDropout: number;
  activityRegularizer?: Regularizer;
  seed?: number;
}

/** @throws ValueError if an option has a wrong value or is not known */
export function checkRecurrent(where: string, options: RecurrentOptions, more: readonly string[]): CheckedOptions {
  knownOptions(where, options, [...COMMON_OPTIONS, ...more]);
  const { activation = 'tanh', kernelInitializer = 'glorotUniform', recurrentInitializer = 'orthogonal' } = options;
  const { biasInitializer = 'zeros', name } = options;
  optionalName(where, name);
  return {
    units: positiveInteger(where, 'units', options.units),
    activation: oneOf(where, 'activation', activation, ACTIVATIONS),
    useBias: trueOrFalse(where, 'useBias', options.useBias ?? true),
    initializers: {
      kernel: initializerOf(where, 'kernelInitializer', kernelInitializer),
      recurrent: initializerOf(where, 'recurrentInitializer', recurrentInitializer),
      bias: initializerOf(where, 'biasInitializer', biasInitializer),
    },
    rules: weightRules(where, options),
    returnSequences: trueOrFalse(where, 'returnSequences', options.returnSequences ?? false),
    returnState: trueOrFalse(where, 'returnState', options.returnState ?? false),
    goBackwards: trueOrFalse(where, 'goBackwards', options.goBackwards ?? false),
    stateful: trueOrFalse(where, 'stateful', options.stateful ?? false),
    zeroOutputForMask: trueOrFalse(where, 'zeroOutputForMask', options.zeroOutputForMask ?? false),
    passMask: trueOrFalse(where, 'passMask', options.passMask ?? true),
    dropout: dropoutRate(where, 'dropout', options.dropout ?? 0),
    recurrentDropout: dropoutRate(where, 'recurrentDropout', options.recurrentDropout ?? 0),
    activityRegularizer: regularizerOption(where, 'activityRegularizer', options.activityRegularizer),
    seed: dropoutSeed(where, options.seed),
  };
}
