import { ValueError, type OptimizerState } from '../../index.ts';
import type { ArrayContents, CompileContents, ModelContents } from '../contents.ts';
import type { Hdf5Array } from '../hdf5/tree.ts';
import { elementsOf } from '../shape.ts';
import { checkShapes, floats } from './arrays.ts';
import { snakeCase } from './config/objects.ts';
import type { SavedWeight } from './layer-weights.ts';

/** A variable of an optimizer. */
export interface Variable {
  /** Keras' name for what it is: `iteration`, `learning_rate`, or a moment such as `velocity`. */
  readonly name: string;
  /** The number of the weight that a moment belongs to. */
  readonly weight?: number;
  readonly array: Hdf5Array;
}

type Optimizer = CompileContents['optimizer'];

/** Keras' name for the sum of gradients that have not been applied yet. */
const ACCUMULATOR = 'accumulatedGradient';

/**
 * The moments that Keras stores, in its order: those of a group lie beside each other for every weight. Momentum that is
 * zero has none there.
 */
export function momentGroups({ name, options }: Optimizer): string[][] {
  const accumulator = options.gradientAccumulationSteps ? [[ACCUMULATOR]] : [];
  const momentum = options.momentum ? [['momentum']] : [];
  if (name === 'sgd') return [...accumulator, ...momentum];
  if (name === 'rmsprop') {
    return [...accumulator, ['velocity'], ...momentum, ...(options.centered ? [['averageGradient']] : [])];
  }
  return [...accumulator, ['momentum', 'velocity'], ...(options.amsgrad ? [['velocityHat']] : [])];
}

/** The moments that an optimizer has here: momentum has its place even if it is zero. */
function ownMoments(optimizer: Optimizer): string[] {
  const names = new Set(momentGroups(optimizer).flat());
  if (optimizer.name === 'sgd' || optimizer.name === 'rmsprop') names.add('momentum');
  return [...names];
}

const hasSchedule = ({ options }: Optimizer) => typeof options.learningRate !== 'number';

/** The name of an optimizer's object in Keras. */
export function optimizerName({ compile }: ModelContents): string {
  const name = compile!.optimizer.name;
  return name === 'sgd' ? 'SGD' : name;
}

/** The variables of an optimizer in Keras' order, or nothing if its state is not known. */
export function writeOptimizer({ compile, optimizerState, weights = [] }: ModelContents): Variable[] | undefined {
  if (!compile || !optimizerState) return undefined;
  const { optimizer } = compile;
  const { iterations, learningRate, moments } = optimizerState;
  const scalar = (name: string, data: Hdf5Array['data']): Variable => ({ name, array: { shape: [], data } });
  const rate = learningRate ?? optimizer.options.learningRate;
  return [
    scalar('iteration', new BigInt64Array([BigInt(iterations)])),
    ...(hasSchedule(optimizer) ? [] : [scalar('learning_rate', new Float32Array([rate as number]))]),
    ...momentGroups(optimizer).flatMap((group) =>
      weights.flatMap((_, weight) =>
        group.map((moment) => {
          const { shape, data } = moments[moment][weight];
          return { name: kerasName(moment), weight, array: { shape, data } };
        }),
      ),
    ),
  ];
}

const kerasName = (moment: string) => (moment === ACCUMULATOR ? 'gradient_accumulator' : snakeCase(moment));

/**
 * Reads an optimizer's variables in Keras' order: the number of updates, the learning rate unless there is a schedule, then the
 * moments.
 *
 * @param weights the weights that the optimizer changes
 * @returns nothing if the optimizer has never run
 * @throws ValueError, ShapeError if a variable is missing, left over, or of another shape
 */
export function readOptimizer(
  where: string,
  variables: readonly (Hdf5Array & { name: string })[],
  { optimizer }: CompileContents,
  weights: readonly SavedWeight[],
): OptimizerState | undefined {
  const scalars = variables.findIndex(({ shape }) => shape.length > 0);
  const [leading, others] = split(variables, scalars < 0 ? variables.length : scalars);
  const { iterations, rate } = readScalars(where, leading);
  const groups = momentGroups(optimizer);
  if (others.length === 0 && iterations === 0) return undefined;
  const arrays = others.map((variable) => floats(where, variable.name, variable));
  const expected = groups.flatMap((group) => weights.flatMap((weight) => group.map(() => weight)));
  checkShapes(where, `the state of ${optimizer.name}`, arrays, expected);
  const moments: Record<string, ArrayContents[]> = {};
  let at = 0;
  for (const group of groups) {
    group.forEach((name, offset) => {
      moments[name] = weights.map((_, weight) => arrays[at + weight * group.length + offset]);
    });
    at += group.length * weights.length;
  }
  return withRate(optimizer, { iterations, moments: complete(optimizer, moments, weights) }, rate);
}

/** Puts the moments in that Keras does not store, since they are zero. */
export function complete(
  optimizer: Optimizer,
  moments: Record<string, ArrayContents[]>,
  weights: readonly SavedWeight[],
): OptimizerState['moments'] {
  const zeros = ({ name, shape }: SavedWeight) => ({
    name,
    shape,
    data: new Float32Array(elementsOf(shape)),
  });
  return Object.fromEntries(ownMoments(optimizer).map((name) => [name, moments[name] ?? weights.map(zeros)]));
}

/** The rate in the configuration is exact, and that of the variable rounded to float32, unless they are two. */
export function withRate({ options }: Optimizer, state: OptimizerState, rate: number | undefined): OptimizerState {
  const { learningRate } = options;
  if (typeof learningRate !== 'number') return state;
  const isSame = rate === undefined || Math.fround(learningRate) === rate;
  return { ...state, learningRate: isSame ? learningRate : rate };
}

function split<T>(values: readonly T[], at: number): [T[], T[]] {
  return [values.slice(0, at), values.slice(at)];
}

export function readScalars(
  where: string,
  scalars: readonly (Hdf5Array & { name: string })[],
): { iterations: number; rate?: number } {
  const [iteration, learningRate, other] = scalars;
  if (!iteration || !(iteration.data instanceof BigInt64Array) || other) {
    throw new ValueError(
      `${where}: the optimizer begins with ${scalars.length} single numbers, expected the number of updates as int64 and ` +
        `at most a learning rate.`,
    );
  }
  const iterations = Number(iteration.data[0]);
  if (!Number.isSafeInteger(iterations) || iterations < 0) {
    throw new ValueError(`${where}: ${iteration.name} is ${iteration.data[0]}, expected a number of updates.`);
  }
  return { iterations, rate: learningRate && floats(where, learningRate.name, learningRate).data[0] };
}
