import type { Gpu } from '../../runtime/gpu.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { StructArray } from '../../runtime/struct.ts';
import type { generateSteps } from '../../shaders/generation/generate-steps.ts';
import { drawStruct } from '../../shaders/generation/draw.ts';
import { LAYER_KINDS, layerStepStruct, SOFTMAX, TILE_COLUMNS } from '../../shaders/generation/layer-step.ts';
import type { Layer } from '../network/layers/layer.ts';
import type { Network } from '../network/network.ts';
import { STREAM_INPUT, STREAM_OUTPUT } from '../network/stream-states.ts';
import { activationNumber } from '../operations/recurrence/activations.ts';
import type { GenerationPlan } from './generate-options.ts';

type Kind = (typeof LAYER_KINDS)[number];
type LayerStep = Record<keyof typeof layerStepStruct.fields, number>;

/** The layers that do something in a step that predicts; the others pass on what they get. */
function stepLayers({ layers }: Network): Layer[] {
  return layers.filter(({ step }) => step?.kind !== 'identity');
}

/** Why one workgroup cannot compute a step of a layer; `undefined` if it can. */
export function unsupportedLayer(network: Network): string | undefined {
  const wrong = stepLayers(network).find((layer) => kindOf(layer) === undefined);
  if (wrong) return `${wrong.name} has no kernel for that`;
  return network.precision === 'float32' ? undefined : `its weights are read in half precision`;
}

/** The kind of a layer; `undefined` if there is no kernel for it. */
function kindOf({ step }: Layer): Kind | undefined {
  return LAYER_KINDS.find((kind) => kind === step?.kind);
}

/** The threads of a workgroup: those of a subgroup of a software adapter, which runs the others in turns, or of several. */
function threadsOn({ isSoftware, device }: Gpu): number {
  return isSoftware ? 4 : Math.min(256, device.limits.maxComputeInvocationsPerWorkgroup);
}

/** The layers of a network as the kernel takes them, and the constants that follow from them. */
export interface ResidentLayers {
  /** For the kernel's binding `layers`. */
  table: Uint32Array<ArrayBuffer>;
  constants: Parameters<typeof generateSteps.grid>[0];
  /** The bytes of workgroup memory. */
  bytes: number;
  /** The multiply-adds of a step of one row. */
  work: number;
}

/** @param network one without an `unsupportedLayer` */
export function residentLayers(gpu: Gpu, network: Network, kind: GenerationPlan['kind']): ResidentLayers {
  const threads = threadsOn(gpu);
  const { steps, end } = layerSteps(network, kind, threads);
  const table = new StructArray(layerStepStruct, steps.length);
  steps.forEach((step, n) => table.write(n, step));
  const sums = Math.max(...steps.map((step) => Math.max(sumsOf(step, threads), step.units)));
  const constants = {
    VALUES: sizeClass(end, 1024),
    SUMS: sizeClass(sums, 2048),
    DRAWS: Number(kind === 'classes'),
    THREADS: threads,
  };
  const bytes = 4 * (constants.VALUES + constants.SUMS) + drawStruct.size + 16;
  const work = steps.reduce((sum, step) => sum + workOf(step), 0);
  return { table: table.first(steps.length), constants, bytes, work };
}

/** The layers with the positions of their numbers in workgroup memory, which ends at `end`. */
function layerSteps(network: Network, kind: GenerationPlan['kind'], threads: number) {
  const slots = network.streams!;
  const drawsClasses = kind === 'classes';
  const layers = stepLayers(network);
  const outputs = network.outputShape.at(-1)!;
  const window = drawsClasses ? 0 : network.sampleShape.at(-1)!;
  const positionOf = (state: Tensor | undefined) =>
    state ? (state.byteOffset - slots.storage.tensor.byteOffset) / 4 : 0;
  // The output of the last layer lies behind the window, so that it moves in from there.
  let end = window + outputs;
  const take = (count: number) => (end += count) - count;
  let input = 0;
  const steps = layers.map((layer, n): LayerStep => {
    const units = layer.outputShape.at(-1)!;
    const [h, c] = layer.states.map(({ name }) => positionOf(slots.get(name)));
    const step = {
      ...sizesOf(layer, units, threads),
      ...activationsOf(layer),
      units,
      takes_class: Number(drawsClasses && n === 0 && !network.takesIndices),
      weights: network.parameters.offset(network.firstMatrix(network.layers.indexOf(layer))),
      input,
      output: n === layers.length - 1 ? window : take(units),
      c: c === undefined ? 0 : take(units),
      h_states: h ?? 0,
      c_states: c ?? 0,
      window: n === 0 ? window : 0,
      input_states: n === 0 ? positionOf(slots.get(STREAM_INPUT)) : 0,
      output_states: positionOf(slots.get(STREAM_OUTPUT)),
    };
    input = step.output;
    return step;
  });
  return { steps, end };
}

/** A power of two with room for so many numbers and `least`, so that one kernel serves nearly all models. */
const sizeClass = (count: number, least: number): number => Math.max(least, 2 ** Math.ceil(Math.log2(count)));

/** The rows of the weights that lie below the kernel: biases and the recurrent kernel. */
const OTHER_ROWS: Record<Kind, (units: number) => number> = {
  embedding: () => 0,
  dense: () => 1,
  simpleRnn: (units) => 1 + units,
  lstm: (units) => 1 + units,
  gru: (units) => 2 + units,
};

function sizesOf(layer: Layer, units: number, threads: number) {
  const [{ rows, columns }] = layer.matrices;
  const kind = kindOf(layer)!;
  return {
    kind: LAYER_KINDS.indexOf(kind),
    inputs: rows - OTHER_ROWS[kind](units),
    columns,
    lanes: Math.min(threads, Math.ceil(columns / TILE_COLUMNS)),
  };
}

function activationsOf({ step }: Layer) {
  const { activation = 'linear', recurrentActivation = 0 } = step!;
  return {
    activation: activation === 'softmax' ? SOFTMAX : activationNumber(activation),
    recurrent_activation: recurrentActivation,
  };
}

/** How many partial sums of its columns a layer has in workgroup memory. */
function sumsOf({ kind, columns, lanes }: LayerStep, threads: number): number {
  if (kind === LAYER_KINDS.indexOf('embedding')) return 0;
  return Math.floor(threads / lanes) * columns * (kind === LAYER_KINDS.indexOf('gru') ? 2 : 1);
}

function workOf({ kind, columns, inputs, units, takes_class }: LayerStep): number {
  if (kind === LAYER_KINDS.indexOf('embedding')) return units;
  const terms = (takes_class ? 1 : inputs) + (kind === LAYER_KINDS.indexOf('dense') ? 0 : units);
  return columns * terms;
}
