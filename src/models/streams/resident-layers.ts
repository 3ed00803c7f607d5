import type { Gpu } from '../../runtime/gpu.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { StructArray } from '../../runtime/struct.ts';
import type { generateSteps } from '../../shaders/generation/generate-steps.ts';
import { drawStruct } from '../../shaders/generation/draw.ts';
import { LAYER_KINDS, layerStepStruct, SOFTMAX, TILE_COLUMNS } from '../../shaders/generation/layer-step.ts';
import { Dense } from '../network/layers/dense.ts';
import { Dropout } from '../network/layers/dropout.ts';
import { Embedding } from '../network/layers/embedding.ts';
import { LastStep } from '../network/layers/last-step.ts';
import type { Layer } from '../network/layers/layer.ts';
import { RecurrentLayer } from '../network/layers/recurrent-layer.ts';
import type { Network } from '../network/network.ts';
import { STREAM_INPUT, STREAM_OUTPUT } from '../network/stream-states.ts';
import { activationNumber } from '../operations/recurrence/activations.ts';
import type { GenerationPlan } from './generate-options.ts';

type Kind = (typeof LAYER_KINDS)[number];
type LayerStep = Record<keyof typeof layerStepStruct.fields, number>;

/** The layers that do something in a step that predicts; the others pass on what they get. */
function stepLayers({ layers }: Network): Layer[] {
  return layers.filter((layer) => !(layer instanceof Dropout || layer instanceof LastStep));
}

/** Why one workgroup cannot compute a step of a layer; `undefined` if it can. */
export function unsupportedLayer(network: Network): string | undefined {
  const wrong = stepLayers(network).find((layer) => kindOf(layer) === undefined);
  if (wrong) return `${wrong.name} has no kernel for that`;
  return network.precision === 'float32' ? undefined : `its weights are read in half precision`;
}

/** The kind of a layer; `undefined` if there is no kernel for it. */
function kindOf(layer: Layer): Kind | undefined {
  if (layer instanceof Dense) return 'dense';
  // A mask would leave out the steps in which the class is the padding.
  if (layer instanceof Embedding) return layer.paddingValue === undefined ? 'embedding' : undefined;
  if (!(layer instanceof RecurrentLayer) || layer.options.goBackwards) return undefined;
  return LAYER_KINDS.find((kind) => kind === layer.cell.name);
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
  const slots = network.streams!;
  const drawsClasses = kind === 'classes';
  const layers = stepLayers(network);
  const OUTPUTS = network.outputShape.at(-1)!;
  const INPUTS = drawsClasses ? 0 : network.sampleShape.at(-1)!;
  const positionOf = (state: Tensor | undefined) =>
    state ? (state.byteOffset - slots.storage.tensor.byteOffset) / 4 : 0;
  let [end, sums, work] = [INPUTS + OUTPUTS, 1, 0];
  const take = (count: number) => (end += count) - count;
  let input = 0;
  const table = new StructArray(layerStepStruct, layers.length);
  layers.forEach((layer, n) => {
    const isLast = n === layers.length - 1;
    const units = layer.outputShape.at(-1)!;
    const [h, c] = layer.states.map(({ name }) => positionOf(slots.get(name)));
    const step: LayerStep = {
      ...sizesOf(layer, threads),
      ...activationsOf(layer),
      units,
      takes_class: Number(drawsClasses && n === 0 && !network.takesIndices),
      weights: network.parameters.offset(network.firstMatrix(network.layers.indexOf(layer))),
      input,
      output: isLast ? INPUTS : take(units),
      c: c === undefined ? 0 : take(units),
      h_states: h ?? 0,
      c_states: c ?? 0,
      window: n === 0 ? INPUTS : 0,
      input_states: n === 0 ? positionOf(slots.get(STREAM_INPUT)) : 0,
      output_states: positionOf(slots.get(STREAM_OUTPUT)),
    };
    table.write(n, step);
    input = step.output;
    sums = Math.max(sums, sumsOf(step, threads), units);
    work += workOf(step);
  });
  const constants = {
    VALUES: sizeClass(end, 1024),
    SUMS: sizeClass(sums, 2048),
    DRAWS: Number(drawsClasses),
    THREADS: threads,
  };
  const bytes = 4 * (constants.VALUES + constants.SUMS) + drawStruct.size + 16;
  return { table: table.first(layers.length), constants, bytes, work };
}

/** A power of two with room for so many numbers and `least`, so that one kernel serves nearly all models. */
const sizeClass = (count: number, least: number): number => Math.max(least, 2 ** Math.ceil(Math.log2(count)));

function sizesOf(layer: Layer, threads: number) {
  const [{ rows, columns }] = layer.matrices;
  const kind = kindOf(layer)!;
  const others = layer instanceof RecurrentLayer ? layer.cell.biases + layer.units : Number(kind === 'dense');
  return {
    kind: LAYER_KINDS.indexOf(kind),
    inputs: rows - others,
    columns,
    lanes: Math.min(threads, Math.ceil(columns / TILE_COLUMNS)),
  };
}

function activationsOf(layer: Layer) {
  if (layer instanceof RecurrentLayer) {
    const { cell, options } = layer;
    return { activation: activationNumber(options.activation), recurrent_activation: cell.recurrentActivation ?? 0 };
  }
  const activation = layer instanceof Dense ? layer.finalActivation : 'linear';
  return { activation: activation === 'softmax' ? SOFTMAX : activationNumber(activation), recurrent_activation: 0 };
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
