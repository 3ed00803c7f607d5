import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, show, trueOrFalse } from '../../../runtime/options.ts';

/**
 * The learning rate of an update, by its number counted from 0. It is computed on the CPU in float64 when an update is
 * queued, without waiting for the GPU. Any function of that form can be a schedule.
 *
 * @see keras/src/optimizers/schedules/learning_rate_schedule.py
 */
export interface LearningRateSchedule {
  (iteration: number): number;
  /** The function that made it and its options, with defaults filled in; absent in a function of your own. */
  readonly definition?: {
    readonly kind:
      'exponentialDecay' | 'inverseTimeDecay' | 'polynomialDecay' | 'cosineDecay' | 'piecewiseConstantDecay';
    readonly options: Readonly<Record<string, unknown>>;
  };
}

type Definition = NonNullable<LearningRateSchedule['definition']>;

/** A schedule that tells how it was made, so that it can be saved. */
function defined(kind: Definition['kind'], options: object, rate: (iteration: number) => number): LearningRateSchedule {
  return Object.assign(rate, { definition: { kind, options: { ...options } } });
}

export interface ExponentialDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  decayRate: number;
  /** Fall once every `decaySteps` instead of continuously. Default: false. */
  staircase?: boolean;
}

/** initialLearningRate · decayRate ^ (iteration / decaySteps). */
export function exponentialDecay(options: ExponentialDecayOptions): LearningRateSchedule {
  const checked = checkDecay('exponentialDecay', options);
  const { initialLearningRate, decaySteps, decayRate, staircase } = checked;
  return defined('exponentialDecay', checked, (iteration) => {
    return initialLearningRate * decayRate ** progressOf(iteration / decaySteps, staircase);
  });
}

/** initialLearningRate / (1 + decayRate · iteration / decaySteps). */
export function inverseTimeDecay(options: ExponentialDecayOptions): LearningRateSchedule {
  const checked = checkDecay('inverseTimeDecay', options);
  const { initialLearningRate, decaySteps, decayRate, staircase } = checked;
  return defined('inverseTimeDecay', checked, (iteration) => {
    return initialLearningRate / (1 + decayRate * progressOf(iteration / decaySteps, staircase));
  });
}

export interface PolynomialDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  /** Default: 0.0001. */
  endLearningRate?: number;
  /** Default: 1, a straight line. */
  power?: number;
  /** Begin again, more slowly each time, instead of staying at `endLearningRate`. Default: false. */
  cycle?: boolean;
}

/** (initialLearningRate - endLearningRate) · (1 - iteration / decaySteps) ^ power + endLearningRate. */
export function polynomialDecay(options: PolynomialDecayOptions): LearningRateSchedule {
  const where = 'polynomialDecay';
  const names = ['initialLearningRate', 'decaySteps', 'endLearningRate', 'power'];
  knownOptions(where, options, [...names, 'cycle']);
  const defaults = { endLearningRate: 1e-4, power: 1, cycle: false };
  const checked = checkNumbers(where, { ...defaults, ...options }, names, ['cycle']);
  const { initialLearningRate, decaySteps, endLearningRate, power, cycle } = checked;
  return defined(where, checked, (iteration) => {
    const length = cycle ? decaySteps * Math.max(1, Math.ceil(iteration / decaySteps)) : decaySteps;
    const remaining = 1 - (cycle ? iteration : Math.min(iteration, decaySteps)) / length;
    return (initialLearningRate - endLearningRate) * remaining ** power + endLearningRate;
  });
}

export interface CosineDecayOptions {
  initialLearningRate: number;
  decaySteps: number;
  /** The rate at the end, as a fraction of the highest one. Default: 0. */
  alpha?: number;
  /** The rate to rise to, in a straight line, before it falls. Default: no rise. */
  warmupTarget?: number;
  /** How many updates the rise takes. Default: 0. */
  warmupSteps?: number;
}

/** Half a cosine wave from the first rate down to `alpha` times that; if `warmupTarget` is given, a linear rise to it first. */
export function cosineDecay(options: CosineDecayOptions): LearningRateSchedule {
  const where = 'cosineDecay';
  const names = ['initialLearningRate', 'decaySteps', 'alpha', 'warmupSteps'];
  knownOptions(where, options, [...names, 'warmupTarget']);
  const { warmupTarget, ...others } = options;
  const checked = checkNumbers(where, { alpha: 0, warmupSteps: 0, ...others }, names);
  const { initialLearningRate, decaySteps, alpha, warmupSteps } = checked;
  const highest = warmupTarget ?? initialLearningRate;
  if (!Number.isFinite(highest)) {
    throw new ValueError(`${where}: warmupTarget is ${show(warmupTarget)}, expected a finite number.`);
  }
  if (warmupSteps < 0 || (warmupSteps > 0 && warmupTarget === undefined)) {
    throw new ValueError(
      `${where}: warmupSteps is ${warmupSteps} and warmupTarget ${show(warmupTarget)}, expected at least 0 steps, and a ` +
        `rate to rise to if there are any.`,
    );
  }
  return defined(where, { ...checked, warmupTarget }, (iteration) => {
    if (iteration < warmupSteps) {
      return initialLearningRate + ((highest - initialLearningRate) * iteration) / warmupSteps;
    }
    const done = Math.min(iteration - warmupSteps, decaySteps) / decaySteps;
    return highest * ((1 - alpha) * 0.5 * (1 + Math.cos(Math.PI * done)) + alpha);
  });
}

export interface PiecewiseConstantDecayOptions {
  /** The number of the last update of each piece but the last, in rising order. */
  boundaries: readonly number[];
  /** The rate of each piece: one more than there are boundaries. */
  values: readonly number[];
}

/** A constant rate for each piece: values[0] up to and including update boundaries[0], then values[1], and so on. */
export function piecewiseConstantDecay(options: PiecewiseConstantDecayOptions): LearningRateSchedule {
  const where = 'piecewiseConstantDecay';
  knownOptions(where, options, ['boundaries', 'values']);
  const { boundaries, values } = options;
  const isRising = Array.isArray(boundaries) && boundaries.every((b, n) => n === 0 || b > boundaries[n - 1]);
  if (
    !isRising ||
    !Array.isArray(values) ||
    values.length !== boundaries.length + 1 ||
    !values.every(Number.isFinite)
  ) {
    throw new ValueError(
      `${where}: boundaries ${show(boundaries)} and values ${show(values)}, expected rising boundaries and one value more.`,
    );
  }
  return defined(where, { boundaries: [...boundaries], values: [...values] }, (iteration) => {
    const piece = boundaries.findIndex((boundary) => iteration <= boundary);
    return values[piece < 0 ? boundaries.length : piece];
  });
}

function checkDecay(where: string, options: ExponentialDecayOptions): Required<ExponentialDecayOptions> {
  const names = ['initialLearningRate', 'decaySteps', 'decayRate'];
  return { staircase: false, ...checkNumbers(where, options, names, ['staircase']) };
}

/** How many times the rate has decayed: a whole number if it falls as a staircase. */
function progressOf(decays: number, staircase: boolean): number {
  return staircase ? Math.floor(decays) : decays;
}

/** Checks that the named options are finite numbers, and `decaySteps` above 0, and returns all options. */
function checkNumbers<T extends object>(
  where: string,
  options: T,
  names: readonly string[],
  flags: readonly string[] = [],
): T {
  knownOptions(where, options, [...names, ...flags]);
  for (const name of flags) trueOrFalse(where, name, (options as Record<string, unknown>)[name] ?? false);
  for (const name of names) {
    const value = (options as Record<string, unknown>)[name];
    if (!Number.isFinite(value) || (name === 'decaySteps' && (value as number) <= 0)) {
      const expected = name === 'decaySteps' ? 'a number above 0' : 'a finite number';
      throw new ValueError(`${where}: ${name} is ${show(value)}, expected ${expected}.`);
    }
  }
  return options;
}
