import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, nonNegative, show } from '../../../runtime/options.ts';
import { atOnce } from '../../../runtime/slices.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import type { Compiled } from '../../execution/compiled.ts';
import type { Weight, WeightInput } from '../../network/parameters.ts';
import type { Engine } from './engine.ts';

/** All that an optimizer remembers from update to update. */
export interface OptimizerState {
  /** How many updates there have been, including those that only accumulated their gradient. */
  iterations: number;
  /** The learning rate; absent if the optimizer has a schedule. */
  learningRate?: number;
  /**
   * For each number that the optimizer stores per weight, by Keras' name for it such as `momentum` and `velocity`, an array for
   * each weight, in the order of `getWeights`. With `gradientAccumulationSteps` there is an `accumulatedGradient` too.
   */
  moments: Record<string, Weight[]>;
}

/** An optimizer's state as `setOptimizerState` takes it; the names of weights may be left out. */
export interface OptimizerStateInput extends Omit<OptimizerState, 'moments'> {
  moments: Readonly<Record<string, readonly WeightInput[]>>;
}

/**
 * Reads the state of the optimizer as it is after the updates queued so far.
 *
 * @param compiled the `compile` whose optimizer it is
 */
export async function readOptimizerState(engine: Engine, compiled: Compiled): Promise<OptimizerState> {
  const { iterations, momentNames, optimizer } = compiled;
  const learningRate = typeof optimizer.learningRate === 'function' ? undefined : compiled.learningRate;
  const bytes = await readMoments(engine, compiled);
  const moments = momentNames.map((name, row) => [name, engine.network.parameters.fromBytes(bytes[row])] as const);
  return { iterations, ...(learningRate !== undefined && { learningRate }), moments: Object.fromEntries(moments) };
}

/** The bytes of each moment. An optimizer that was never used has no memory on the GPU: its moments are zeros. */
async function readMoments(engine: Engine, compiled: Compiled): Promise<ArrayBuffer[]> {
  const { momentNames, momentStorage } = compiled;
  if (momentStorage.made) return engine.read(() => momentNames.map((_, row) => rowOf(compiled, row).piece));
  return momentNames.map(() => new ArrayBuffer(engine.network.parameters.size * Float32Array.BYTES_PER_ELEMENT));
}

/**
 * Checks the state of an optimizer and copies it.
 *
 * @param compiled the `compile` whose optimizer it is for
 * @returns a function that writes it after the updates queued so far
 * @throws ShapeError, ValueError
 */
export function prepareOptimizerState(
  where: string,
  engine: Engine,
  compiled: Compiled,
  state: OptimizerStateInput,
): () => void {
  const { parameters } = engine.network;
  knownOptions(where, state, ['iterations', 'learningRate', 'moments']);
  const { iterations, learningRate, moments } = state;
  if (!Number.isSafeInteger(iterations) || iterations < 0) {
    throw new ValueError(`${where}: iterations is ${show(iterations)}, expected a whole number of at least 0.`);
  }
  checkLearningRate(where, compiled, learningRate);
  checkNames(where, compiled, moments);
  const checked = compiled.momentNames.map((name) => parameters.check(`${where}: moments.${name}`, moments[name]));
  return () => {
    compiled.continueFrom(iterations, learningRate);
    // The memory is made now, so that a state which is asked for next is read from it.
    const rows = checked.map((_, row) => rowOf(compiled, row));
    engine.queue.inOrder(() => checked.forEach((data, row) => atOnce(parameters.put(data, rows[row]))));
  };
}

/** @throws ValueError unless a learning rate is given exactly if the optimizer has no schedule */
function checkLearningRate(where: string, { optimizer }: Compiled, learningRate: unknown): void {
  const hasSchedule = typeof optimizer.learningRate === 'function';
  if (!hasSchedule) nonNegative(where, 'learningRate', learningRate);
  else if (learningRate !== undefined) {
    throw new ValueError(
      `${where}: learningRate is ${show(learningRate)}, but the optimizer has a schedule. Leave it out, or ` +
        `compile with a number.`,
    );
  }
}

/** @throws ValueError unless all moments that the optimizer has are given, and no others */
function checkNames(where: string, { optimizer, momentNames }: Compiled, moments: unknown): void {
  knownOptions(`${where}: moments`, moments, momentNames);
  const missing = momentNames.find((name) => !(name in (moments as object)));
  if (missing === undefined) return;
  throw new ValueError(
    `${where}: moments has no ${show(missing)}, expected ${momentNames.map(show).join(', ')} for ${optimizer.name} with the ` +
      `options of compile. Give the state of an optimizer of the same kind.`,
  );
}

/** One of the optimizer's moments, laid out as the weights are. */
function rowOf({ moments, momentNames, optimizer }: Compiled, row: number): Tensor {
  const [, size] = moments.shape;
  return moments.view(`${optimizer.name} ${momentNames[row]}`, [size], row * size);
}
