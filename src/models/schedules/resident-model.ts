import type { Gpu } from '../../runtime/gpu.ts';
import type { residentUpdates } from '../../shaders/resident-updates.ts';
import { activationNumber } from '../layers/activations.ts';
import { Dense } from '../layers/dense.ts';
import { Lstm } from '../layers/lstm.ts';
import type { Network } from '../network.ts';
import type { Compiled } from '../training/compile.ts';
import type { Mode } from './program.ts';

/** The sizes and choices that the kernel of the resident schedule is compiled for. */
export type ResidentConstants = Parameters<typeof residentUpdates.grid>[0];

/** A network and what it would be run for. */
export interface ResidentQuestion {
  gpu: Gpu;
  network: Network;
  mode: Mode;
  rows: number;
  steps: number;
  compiled: Compiled;
}

/** What stands in the way of a network's being trained inside one workgroup; nothing if it can be. */
export function residentObstacle(question: ResidentQuestion): string | undefined {
  return obstacleInLayers(question) ?? obstacleInTraining(question) ?? obstacleInMemory(question);
}

function obstacleInLayers({ network, rows }: ResidentQuestion): string | undefined {
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
  // The kernel knows no other slots than the network's.
  return network.hasSlotsFor(rows) ? undefined : 'a batch has more rows than the model has states';
}

function obstacleInTraining({ network, compiled }: ResidentQuestion): string | undefined {
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

function obstacleInMemory({ gpu, network, rows, steps }: ResidentQuestion): string | undefined {
  const { inputs, units, outputs } = sizes(network);
  const joined = inputs + 1 + units;
  const cells = rows * units;
  const arrays = [
    4 * joined * units, // weights
    (units + 1) * outputs, // head
    (steps + 1) * rows * joined, // joined
    (steps + 1) * cells, // c
    4 * steps * cells, // gates
    cells, // dc
    rows * outputs, // output_gradient
    2 * rows * outputs, // noted
  ];
  const bytes = arrays.reduce((sum, floats) => sum + 16 * Math.ceil(floats / 4), 0);
  const limit = gpu.device.limits.maxComputeWorkgroupStorageSize;
  return bytes <= limit ? undefined : `it needs ${bytes} bytes of the ${limit} that a workgroup has`;
}

/** Only for a network without an obstacle. */
export function residentConstants({ gpu, network, mode, rows, steps, compiled }: ResidentQuestion): ResidentConstants {
  const { inputs, units, outputs, recurrent } = sizes(network);
  const { parameters, slots } = network;
  return {
    ROWS: rows,
    STEPS: steps,
    INPUTS: inputs,
    UNITS: units,
    OUTPUTS: outputs,
    TRAIN: mode === 'train' ? 1 : 0,
    STATEFUL: slots ? 1 : 0,
    FROM_LOGITS: isCrossentropyOfLogits(compiled, network) ? 1 : 0,
    COLUMNS: compiled.journal.columns,
    CELL_STATES: slots?.offsets[1] ?? 0,
    STATES: slots?.place.size ?? 0,
    HEAD: parameters.offset(1),
    PARAMETERS: parameters.size,
    THREADS: threads(gpu, (inputs + 1 + units) * units),
    ACTIVATION: activationNumber(recurrent.options.activation),
    RECURRENT_ACTIVATION: activationNumber(recurrent.recurrentActivation),
    ...(compiled.metrics[0]?.ofElements ?? { METRIC: 0, THRESHOLD: 0.5 }),
  };
}

/** Threads of SwiftShader's subgroups, which run a workgroup in turns on one core: more would only wait for each other. */
const SOFTWARE_THREADS = 4;
const MOST_THREADS = 128;
const THREAD_STEP = 32;

/** @param vectors of weights, which the optimizer steps through */
function threads({ device }: Gpu, vectors: number): number {
  if (device.adapterInfo?.isFallbackAdapter || device.adapterInfo?.architecture === 'swiftshader') {
    return SOFTWARE_THREADS;
  }
  return Math.min(MOST_THREADS, Math.ceil(vectors / THREAD_STEP) * THREAD_STEP);
}

function sizes({ layers }: Network) {
  const [recurrent, head] = layers as [Lstm, Dense];
  return { inputs: recurrent.features, units: recurrent.units, outputs: head.units, recurrent };
}

function isCrossentropyOfLogits(compiled: Compiled, { layers }: Network): boolean {
  return compiled.loss.name === 'binaryCrossentropy' && compiled.takesOver(layers[1]);
}
