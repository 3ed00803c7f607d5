import type { SampleShape } from '../runtime/shape.ts';
import { ValueError } from '../runtime/errors.ts';
import { Gpu } from '../runtime/gpu.ts';
import { knownOptions, positiveInteger, show } from '../runtime/options.ts';
import { inSlices } from '../runtime/slices.ts';
import type { Precision } from '../shaders/precision.ts';
import type { LayerDefinition } from './network/layers/layer.ts';
import { Network } from './network/network.ts';
import type { Parameters, WeightInput } from './network/parameters.ts';
import { supportedPrecision } from './network/precision.ts';
import { Random } from './network/random.ts';
import { assertScheduleFits, checkSchedule, type Schedule } from './execution/schedule.ts';
import { STATE_RANGES } from './training/engine/state-ranges.ts';
import { assertStreams } from './streams/assert-streams.ts';
import { checkSlots, type SlotsOptions } from './streams/slots-options.ts';
import { Model } from './model.ts';

export interface SequentialOptions {
  /**
   * The shape of one sample, without the batch: [timesteps, features]; [timesteps] for an embedding; [features] for layers
   * without time. `null` timesteps: sequences of any length.
   */
  inputShape: SampleShape;
  /** How many sequences a stateful model keeps states for, one for each row of a batch. Only stateful layers require it. */
  batchSize?: number;
  /**
   * How many streams can be open at once: see `model.openStream`. Each has states of its own, beside those of the rows of a
   * batch. With it `batchSize` may be left out, and is 1. Default: none.
   */
  slots?: number | SlotsOptions;
  layers: readonly LayerDefinition[];
  /** Makes the first weights, the shuffling and the dropout repeatable. Default: a random seed. */
  seed?: number;
  /**
   * The first weights, as `getWeights` gives those of a model with such layers, and as `setWeights` takes them. No initializer
   * runs then, and since initializers draw from the same random numbers, the same seed shuffles and drops otherwise than
   * without `weights`. Default: those of the layers' initializers.
   */
  weights?: readonly WeightInput[];
  /**
   * How updates are cut into dispatches. `'auto'`, the default, takes the fastest way that the model allows: see
   * `model.explain()`. The others are there to compare with: `'resident'` runs whole updates within one workgroup, for
   * small models, and steps of `generate`; `'layered'` gives each layer dispatches of its own; `'fused'` does too, and runs
   * many steps of a recurrent layer in one dispatch, `'stepped'` each in one of its own; `'wavefront'` computes stacked
   * `lstm` layers together, along diagonals of layers and steps, where no step is masked and nothing is dropped.
   */
  schedule?: Schedule;
  /**
   * `'mixedFloat16'` lets the time loop of LSTM layers read weights in half precision; sums, states, gates, gradients and
   * the weights that are trained stay float32. For GPUs with the feature `shader-f16`: see `gpu.hasFloat16`. Other layers,
   * and models that train inside one workgroup, work in float32 all the same. Default: `'float32'`.
   */
  precision?: Precision;
}

/**
 * Builds a model: layers one after the other, with first weights on the GPU. Initializers run in slices of some milliseconds,
 * between which the page can do other work.
 *
 * @throws ShapeError, ValueError (as a rejection) if an option does not fit; LimitError if the device cannot hold the weights;
 *   UnsupportedError if it has no half precision and that is asked for; DeviceLostError, DisposedError
 * @see keras/src/models/sequential.py
 */
export async function sequential(gpu: Gpu, options: SequentialOptions): Promise<Model> {
  const where = 'sequential';
  if (!(gpu instanceof Gpu)) {
    throw new ValueError(`${where}: gpu is ${show(gpu)}, expected what requestGpu() gives: await requestGpu().`);
  }
  gpu.assertUsable(where);
  knownOptions(where, options, [
    'inputShape',
    'batchSize',
    'slots',
    'layers',
    'seed',
    'weights',
    'schedule',
    'precision',
  ]);
  const {
    inputShape,
    layers,
    weights,
    seed = Math.floor(Math.random() * 2 ** 32),
    schedule: wanted = 'auto',
  } = options;
  if (!Number.isFinite(seed)) throw new ValueError(`${where}: seed is ${show(seed)}, expected a finite number.`);
  const streams = checkSlots(where, options.slots);
  const batchSize =
    options.batchSize === undefined ? streams && 1 : positiveInteger(where, 'batchSize', options.batchSize);
  const schedule = checkSchedule(where, wanted);
  const precision = supportedPrecision(where, gpu, options.precision);
  const network = new Network(gpu, inputShape, layers, { batchSize, ranges: STATE_RANGES.length, streams }, precision);
  if (streams) assertStreams(where, network);
  const random = new Random(seed);
  try {
    assertScheduleFits(where, schedule, network);
    await writeWeights(where, gpu, network.parameters, weights === undefined ? random : weights);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return new Model(gpu, network, random, schedule, streams?.onEvict);
}

/**
 * Writes the first weights: those that are given, or what the layers' initializers make of random numbers.
 *
 * @throws ShapeError, ValueError before anything is made on the GPU; LimitError if it has no memory for them
 */
async function writeWeights(
  where: string,
  gpu: Gpu,
  parameters: Parameters,
  from: readonly WeightInput[] | Random,
): Promise<void> {
  const work =
    from instanceof Random ? parameters.initialize(from) : parameters.put(parameters.check(`${where}: weights`, from));
  await gpu.watch(`${where}: the weights`, () => parameters.allocate()).accepted;
  const assertAlive = () => gpu.assertAlive(where);
  assertAlive();
  await inSlices(work, assertAlive);
}
