import type { Gpu } from '../../../runtime/gpu.ts';
import {
  derivedFromPartition,
  derivedFromSizes,
  partitionAmong,
  type Partition,
  type ResidentSizes,
} from '../../../shaders/resident/partition.ts';
import type { residentUpdates } from '../../../shaders/resident/resident-updates.ts';
import { workspaceStruct } from '../../../shaders/resident/workspace.ts';
import { activationNumber } from '../../operations/recurrence/activations.ts';
import { Dense } from '../../network/layers/dense.ts';
import { Lstm } from '../../network/layers/lstm.ts';
import type { Network } from '../../network/network.ts';
import type { Compiled } from '../compiled.ts';
import type { Mode } from '../program.ts';

/** The sizes and choices that the kernel of the resident schedule is compiled for. */
export type ResidentConstants = Parameters<typeof residentUpdates.grid>[0];

/** A network and the program that is wanted for it. */
export interface ResidentQuestion {
  gpu: Gpu;
  network: Network;
  mode: Mode;
  rows: number;
  steps: number;
  compiled: Compiled;
}

/** The reason why a network cannot be trained inside one workgroup; nothing if it can. */
export function whyNotResident(question: ResidentQuestion): string | undefined {
  return unsupportedInLayers(question) ?? unsupportedInTraining(question) ?? unsupportedInMemory(question);
}

function unsupportedInLayers({ network, rows }: ResidentQuestion): string | undefined {
  const [recurrent, head, ...more] = network.layers;
  if (!(recurrent instanceof Lstm) || !(head instanceof Dense) || more.length > 0) {
    return 'its layers are not one lstm and one dense';
  }
  const { useBias, goBackwards, dropout, recurrentDropout, activityRegularizer } = recurrent.options;
  if (!useBias || !head.useBias) return 'a layer has no bias';
  if (goBackwards) return `${recurrent.name} goes backwards`;
  if (activityRegularizer) return `${recurrent.name} has an activityRegularizer`;
  if (dropout > 0 || recurrentDropout > 0) return `${recurrent.name} has dropout`;
  if (recurrent.outputShape.length !== 1) return `${recurrent.name} returns sequences`;
  if (network.parameters.parts.some(({ regularizer, constraint }) => regularizer ?? constraint)) {
    return 'a weight has a regularizer or a constraint';
  }
  // The kernel reads states from the slots of the network and from nowhere else.
  return network.hasSlotsFor(rows) ? undefined : 'a batch has more rows than the model has states';
}

function unsupportedInTraining({ network, compiled }: ResidentQuestion): string | undefined {
  const { loss, metrics, optimizer } = compiled;
  const head = network.layers[1];
  if (!optimizer.adam) return 'its optimizer is not adam without clipping, decay, accumulation or amsgrad';
  if (metrics.length > 1) return 'it has more than one metric';
  if (metrics[0] && !metrics[0].ofElements) return `its metric is ${metrics[0].name}`;
  const isLinearSquared = loss.name === 'meanSquaredError' && head.finalActivation === 'linear';
  if (!loss.isPlain || !(isCrossentropyOfLogits(compiled, network) || isLinearSquared)) {
    return 'its loss is neither binaryCrossentropy behind a sigmoid nor meanSquaredError behind nothing';
  }
  return undefined;
}

function unsupportedInMemory(question: ResidentQuestion): string | undefined {
  const partition = fewThreads(question);
  const [{ size }, limit] = [workspaceStruct(sizesOf(question), partition), workgroupBytes(question)];
  if (size > limit) return `it needs ${size} bytes of workgroup memory, more than the ${limit} that a workgroup has`;
  const [{ OWN: own }, most] = [derivedFromPartition(partition), mostOwn(question.gpu)];
  return own > most ? `a thread needs ${own} vectors of weights of the ${most} that it can keep` : undefined;
}

const workgroupBytes = ({ gpu }: ResidentQuestion): number => gpu.device.limits.maxComputeWorkgroupStorageSize;

/** The constants of a network that can be resident, run together with others like it. */
export function residentConstants(question: ResidentQuestion, models = 1): ResidentConstants {
  const { network, mode, compiled } = question;
  const [recurrent] = layersOf(network);
  const { parameters, slots } = network;
  return {
    ...sizesOf(question),
    TRAIN: mode === 'train' ? 1 : 0,
    STATEFUL: slots ? 1 : 0,
    FROM_LOGITS: isCrossentropyOfLogits(compiled, network) ? 1 : 0,
    COLUMNS: compiled.journal.columns,
    CELL_STATES: slots?.offsets[1] ?? 0,
    STATES: slots?.storage.size ?? 0,
    HEAD: parameters.offset(1),
    PARAMETERS: parameters.size,
    ...partitionOf(question, models),
    ACTIVATION: activationNumber(recurrent.options.activation),
    RECURRENT_ACTIVATION: activationNumber(recurrent.recurrentActivation),
    ...(compiled.metrics[0]?.ofElements ?? { METRIC: 0, THRESHOLD: 0.5 }),
  };
}

/** Threads of a SwiftShader subgroup. Subgroups of a workgroup run in turns on one core, so more threads gain nothing. */
const SOFTWARE_THREADS = 4;
/** Models that share a workgroup on a software adapter. */
const PAIR = 2;
const MOST_THREADS = 128;
const THREAD_STEP = 32;

/** Vectors of weights that a thread can keep with their moments in the 256 registers that GPUs have for a thread. */
const MOST_OWN = 16;
/**
 * The same on a software adapter, where private variables are memory. WGSL allows 8 KiB of them, and a vector takes 16 bytes,
 * as do both of its moments and its gradient.
 */
const MOST_OWN_SOFTWARE = 120;

const mostOwn = (gpu: Gpu): number => (gpu.isSoftware ? MOST_OWN_SOFTWARE : MOST_OWN);

/**
 * Two models in a workgroup use the threads of a software adapter's subgroup better than one: fewer of them idle while one
 * computes the head, or have no unit.
 */
function partitionOf(question: ResidentQuestion, models: number): Partition {
  const { gpu } = question;
  const alone = fewThreads(question);
  if (!gpu.isSoftware || models % PAIR !== 0) return alone;
  const sizes = sizesOf(question);
  const paired = { ...partitionAmong(SOFTWARE_THREADS / PAIR, sizes), MODELS_PER_WORKGROUP: PAIR };
  const { size } = workspaceStruct(sizes, paired);
  const fits = PAIR * size <= workgroupBytes(question) && derivedFromPartition(paired).OWN <= MOST_OWN_SOFTWARE;
  return fits ? paired : alone;
}

/** A software adapter gets the fewest threads that can keep the weights, a GPU about one for each vector of weights. */
function fewThreads(question: ResidentQuestion): Partition {
  const { gpu } = question;
  const sizes = sizesOf(question);
  const vectors = derivedFromSizes(sizes).XH_SIZE * sizes.UNITS;
  let threads = gpu.isSoftware ? SOFTWARE_THREADS : Math.ceil(vectors / THREAD_STEP) * THREAD_STEP;
  for (; threads < MOST_THREADS; threads += SOFTWARE_THREADS) {
    const partition = partitionAmong(threads, sizes);
    if (derivedFromPartition(partition).OWN <= mostOwn(gpu)) return partition;
  }
  return partitionAmong(MOST_THREADS, sizes);
}

function sizesOf({ network, rows, steps }: ResidentQuestion): ResidentSizes {
  const [recurrent, head] = layersOf(network);
  return { ROWS: rows, STEPS: steps, INPUTS: recurrent.features, UNITS: recurrent.units, OUTPUTS: head.units };
}

const layersOf = ({ layers }: Network) => layers as [Lstm, Dense];

function isCrossentropyOfLogits(compiled: Compiled, { layers }: Network): boolean {
  return compiled.loss.name === 'binaryCrossentropy' && compiled.fusesActivationOf(layers[1]);
}
