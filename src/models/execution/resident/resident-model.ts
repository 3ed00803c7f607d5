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
import { activationNumber, type Activation } from '../../operations/recurrence/activations.ts';
import { Dense } from '../../network/layers/dense.ts';
import { Lstm } from '../../network/layers/lstm.ts';
import type { Network } from '../../network/network.ts';
import type { Compiled } from '../compiled.ts';
import type { Mode } from '../program.ts';

/** The sizes and choices that the kernel of the resident schedule is compiled for. */
export type ResidentConstants = Parameters<typeof residentUpdates.grid>[0];

/** A network, and the batches and updates that a resident program for it would have. */
export interface ResidentSpec {
  gpu: Gpu;
  network: Network;
  mode: Mode;
  rows: number;
  steps: number;
  compiled: Compiled;
}

/** Why the updates of a network cannot run inside one workgroup; `undefined` if they can. */
export function whyNotResident(spec: ResidentSpec): string | undefined {
  return unsupportedInLayers(spec) ?? unsupportedInTraining(spec) ?? unsupportedInMemory(spec);
}

function unsupportedInLayers({ network, rows }: ResidentSpec): string | undefined {
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

function unsupportedInTraining({ network, compiled }: ResidentSpec): string | undefined {
  const { metrics, optimizer } = compiled;
  if (!optimizer.adam) return 'its optimizer is not adam without clipping, decay, accumulation or amsgrad';
  if (metrics.length > 1) return 'it has more than one metric';
  if (metrics[0] && !metrics[0].ofElements) return `its metric is ${metrics[0].name}`;
  const loss = residentLoss(compiled, network);
  if (!loss) return 'its loss is neither meanSquaredError nor binaryCrossentropy that is clipped or behind a sigmoid';
  return loss.activation === 'softmax' ? `${network.layers[1].name} has the activation softmax` : undefined;
}

function unsupportedInMemory(spec: ResidentSpec): string | undefined {
  const partition = partitionAlone(spec);
  const [{ size }, limit] = [workspaceStruct(sizesOf(spec), partition), workgroupBytes(spec)];
  if (size > limit) return `it needs ${size} bytes of workgroup memory, more than the ${limit} that a workgroup has`;
  const [{ OWN: vectors }, most] = [derivedFromPartition(partition), mostVectors(spec.gpu)];
  return vectors > most ? `a thread needs ${vectors} vectors of weights of the ${most} that it can keep` : undefined;
}

const workgroupBytes = ({ gpu }: ResidentSpec): number => gpu.device.limits.maxComputeWorkgroupStorageSize;

/** The constants of a network that can be resident, alone or among several models of the same form. */
export function residentConstants(spec: ResidentSpec, models = 1): ResidentConstants {
  const { network, mode, compiled } = spec;
  const [recurrent] = layersOf(network);
  const { parameters, slots } = network;
  const loss = residentLoss(compiled, network)!;
  return {
    ...sizesOf(spec),
    TRAIN: mode === 'train' ? 1 : 0,
    STATEFUL: slots ? 1 : 0,
    LOSS: RESIDENT_LOSSES.indexOf(loss.name),
    HEAD_ACTIVATION: activationNumber(loss.activation as Activation),
    COLUMNS: compiled.journal.columns,
    CELL_STATES: slots?.offsets[1] ?? 0,
    STATES: slots?.storage.size ?? 0,
    HEAD: parameters.offset(1),
    PARAMETERS: parameters.size,
    ...partitionOf(spec, models),
    ACTIVATION: activationNumber(recurrent.options.activation),
    RECURRENT_ACTIVATION: activationNumber(recurrent.recurrentActivation),
    ...(compiled.metrics[0]?.ofElements ?? { METRIC: 0, THRESHOLD: 0.5 }),
  };
}

/** The threads of a subgroup in SwiftShader, which runs the subgroups of a workgroup in turns, so that more gain nothing. */
const SOFTWARE_THREADS = 4;
/** The number of models that share a workgroup on a software adapter. */
const PAIR = 2;
const MAX_THREADS = 128;
const THREAD_STEP = 32;

/** The most vectors of weights that a thread can keep, with their moments, in the 256 registers that a GPU has for it. */
const MAX_VECTORS = 16;
/**
 * The most vectors on a software adapter, where private variables are memory. WGSL allows 8 KiB of them, and a vector takes 16
 * bytes, as do both of its moments and its gradient.
 */
const MAX_VECTORS_SOFTWARE = 120;

const mostVectors = (gpu: Gpu): number => (gpu.isSoftware ? MAX_VECTORS_SOFTWARE : MAX_VECTORS);

/**
 * The threads of each model among `models`. On a software adapter two share a workgroup if both fit, which leaves fewer threads
 * of a subgroup without a unit, or idle while one computes the head.
 */
function partitionOf(spec: ResidentSpec, models: number): Partition {
  const { gpu } = spec;
  const alone = partitionAlone(spec);
  if (!gpu.isSoftware || models % PAIR !== 0) return alone;
  const sizes = sizesOf(spec);
  const paired = { ...partitionAmong(SOFTWARE_THREADS / PAIR, sizes), MODELS_PER_WORKGROUP: PAIR };
  const { size } = workspaceStruct(sizes, paired);
  const fits = PAIR * size <= workgroupBytes(spec) && derivedFromPartition(paired).OWN <= MAX_VECTORS_SOFTWARE;
  return fits ? paired : alone;
}

/**
 * The threads of a model that has a workgroup to itself: on a software adapter as few as can keep the weights, on a GPU about
 * one for each vector of weights.
 */
function partitionAlone(spec: ResidentSpec): Partition {
  const { gpu } = spec;
  const sizes = sizesOf(spec);
  const vectors = derivedFromSizes(sizes).XH_SIZE * sizes.UNITS;
  let threads = gpu.isSoftware ? SOFTWARE_THREADS : Math.ceil(vectors / THREAD_STEP) * THREAD_STEP;
  for (; threads < MAX_THREADS; threads += SOFTWARE_THREADS) {
    const partition = partitionAmong(threads, sizes);
    if (derivedFromPartition(partition).OWN <= mostVectors(gpu)) return partition;
  }
  return partitionAmong(MAX_THREADS, sizes);
}

function sizesOf({ network, rows, steps }: ResidentSpec): ResidentSizes {
  const [recurrent, head] = layersOf(network);
  return { ROWS: rows, STEPS: steps, INPUTS: recurrent.features, UNITS: recurrent.units, OUTPUTS: head.units };
}

const layersOf = ({ layers }: Network) => layers as [Lstm, Dense];

/** The losses that the kernel knows; their indices are the numbers in resident/forward.wgsl. */
export const RESIDENT_LOSSES = ['squaredError', 'crossentropyOfLogit', 'crossentropyOfProbability'] as const;

/** A loss that the kernel knows, and the activation of the head that it computes before it. */
interface ResidentLoss {
  name: (typeof RESIDENT_LOSSES)[number];
  activation: Dense['finalActivation'];
}

/** The kernel's form of the loss; `undefined` if it has none. */
function residentLoss(compiled: Compiled, network: Network): ResidentLoss | undefined {
  const { loss } = compiled;
  const [, head] = layersOf(network);
  const activation = head.finalActivation;
  if (!loss.isPlain) return undefined;
  if (loss.name === 'meanSquaredError') return { name: 'squaredError', activation };
  if (loss.name !== 'binaryCrossentropy') return undefined;
  if (compiled.fusesActivationOf(head)) return { name: 'crossentropyOfLogit', activation: 'linear' };
  // A loss that fuses a sigmoid takes the outputs of other heads as they are, some of them as logits.
  return loss.fusedActivation ? undefined : { name: 'crossentropyOfProbability', activation };
}
