import { ShapeError, ValueError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { show } from '../../runtime/options.ts';
import { elementCount, shapeText, type Shape, type SampleShape } from '../../runtime/shape.ts';
import { StateSlots } from '../../runtime/state-slots.ts';
import type { Precision } from '../../shaders/precision.ts';
import type { ArrayInput, PaddedArray } from './arrays.ts';
import type { NumberRules } from './float32.ts';
import type { Layer, LayerDefinition } from './layers/layer.ts';
import { Parameters } from './parameters.ts';
import { toSamples } from './samples.ts';
import { streamStates } from './stream-states.ts';
import { summaryOf, type LayerSummary, type ModelSummary } from './summary.ts';

/** How many sequences a network keeps states of. */
export interface SequenceCounts {
  /** The rows of a batch. */
  batchSize?: number;
  /** How many ranges of states there are, for `batchSize` rows each. */
  ranges: number;
  /** How many streams there are slots for at first, and at most. Default: no streams. */
  streams?: { initial: number; max: number };
}

/** A stack of layers, their weights, and the slots in which the states of stateful layers outlive a batch. */
export class Network {
  readonly layers: readonly Layer[];
  /** The shape of one sample as the layers take it, [timesteps, features] or [features]. Indices are one feature a step. */
  readonly sampleShape: SampleShape;
  /** The layers' names, kinds, shapes, sizes and options, as users see them. */
  readonly summaries: readonly LayerSummary[];
  readonly outputShape: SampleShape;
  readonly parameters: Parameters;
  /** How many rows of a batch have states; absent if no layer is stateful and none was given. */
  readonly batchSize: number | undefined;
  /** `batchSize` slots for each of the state ranges; absent if no layer is stateful. */
  readonly slots?: StateSlots;
  /** The slots of streams, which larger ones replace on demand; absent without streams. */
  streams?: StateSlots;
  /** For how many streams there is memory at first. */
  readonly initialStreams: number;
  /** The most streams that are open at once. */
  readonly maxStreams: number;
  /** Whether a step of the input is an index. */
  readonly takesIndices: boolean;

  /**
   * @param counts how many sequences a stateful network keeps states of
   * @throws ShapeError, ValueError before anything is made on the GPU
   */
  constructor(
    private readonly gpu: Gpu,
    readonly inputShape: SampleShape,
    definitions: readonly LayerDefinition[],
    { batchSize, ranges, streams }: SequenceCounts,
    readonly precision: Precision = 'float32',
  ) {
    this.layers = buildLayers(inputShape, definitions);
    this.takesIndices = definitions[0].takesIndices ?? false;
    this.sampleShape = this.takesIndices ? [...inputShape, 1] : inputShape;
    this.summaries = this.layers.map((layer, index) => summaryOf(layer, definitions[index]));
    this.outputShape = this.layers.at(-1)!.outputShape;
    this.batchSize = batchSize;
    const isStateful = this.statefulLayers.length > 0;
    if (isStateful && batchSize === undefined) throw missingBatchSize(inputShape);
    this.parameters = new Parameters(
      gpu,
      this.layers.flatMap((layer) => layer.matrices),
    );
    this.initialStreams = streams?.initial ?? 0;
    this.maxStreams = streams?.max ?? 0;
    if (!isStateful) return;
    this.slots = this.makeSlots(ranges * batchSize!);
    // Whether the device can bind the most is known before it is needed.
    if (!streams) return;
    const ofStreams = streamStates(this.sampleShape, this.outputShape);
    this.streams = this.makeSlots(streams.max, ofStreams).resized(streams.initial);
    // A slot that is marked has no output yet.
    this.streams.resetRange(0, streams.max);
  }

  /** The architecture, without the weights. */
  get summary(): ModelSummary {
    const { inputShape, batchSize, initialStreams: initial, maxStreams: max, summaries, parameters } = this;
    const slots = max > 0 ? { slots: { initial, max } } : {};
    return { inputShape, batchSize, ...slots, layers: summaries, parameterCount: parameters.count };
  }

  /** Makes slots for the states of so many sequences, zero at first. @param ofStreams states that belong to no layer */
  makeSlots(capacity: number, ofStreams: Layer['states'] = []): StateSlots {
    const states = this.statefulLayers.flatMap((layer) => layer.states);
    return new StateSlots(this.gpu, capacity, [...states, ...ofStreams]);
  }

  /** Whether there is a slot for each of so many rows of a batch. */
  hasSlotsFor(rows: number): boolean {
    return !this.slots || rows <= this.batchSize!;
  }

  /**
   * Makes slots for a run that tests or predicts with a larger batch size than the network has slots for: its states start from
   * zero and go with it. Returns `undefined` if the network's slots suffice.
   *
   * @param batchSize the requested batch size, so that what happens to the states does not depend on the number of samples
   */
  temporarySlots(rows: number, batchSize = rows): StateSlots | undefined {
    return this.hasSlotsFor(batchSize) ? undefined : this.makeSlots(rows);
  }

  /** The layers whose states are kept in slots, in the order of the slots' states. */
  get statefulLayers(): Layer[] {
    return this.layers.filter(({ isStateful }) => isStateful);
  }

  /** The states that `predict` returns beside the output, in the order of the layers. */
  get returnedStates(): Layer['states'] {
    return this.layers.flatMap(({ returnsState, states }) => (returnsState ? states : []));
  }

  /** The index of a layer's first matrix among all matrices of the network. */
  firstMatrix(layer: number): number {
    return this.layers.slice(0, layer).reduce((count, { matrices }) => count + matrices.length, 0);
  }

  /**
   * The shape of an output for a sample with `steps` time steps.
   *
   * @param shape that of the outputs or of the targets
   * @throws ShapeError if the steps are too few for a layer
   */
  outputSample(shape: SampleShape, steps: number): Shape {
    // Steps of any number come from the input through all layers.
    const after = (count: number, layer: Layer) => layer.outputSteps?.(count) ?? count;
    return withSteps(shape, shape[0] === null ? this.layers.reduce(after, steps) : steps, this.sampleShape);
  }

  /** Checks samples for the input of the network, [samples, ...sampleShape]. @throws ShapeError, ValueError */
  toSamples(where: string, x: ArrayInput, rules?: NumberRules): PaddedArray {
    const [{ paddingValue }] = this.layers;
    const names = this.takesIndices ? ['timesteps'] : undefined;
    const samples = toSamples(where, x, this.inputShape, names, paddingValue, rules);
    if (!this.takesIndices) return samples;
    this.layers[0].checkIndices!(where, samples.data, samples.shape);
    return { ...samples, shape: [...samples.shape, 1] };
  }

  dispose(): void {
    this.parameters.dispose();
    this.slots?.dispose();
    this.streams?.dispose();
  }
}

/**
 * The shape of a sample with `steps` time steps: as many as the data has if the model takes any number, or as a window has with
 * truncated backpropagation through time.
 *
 * @param shape the shape of the input, or that of an output with as many steps, of a network with this `sampleShape`
 */
export function withSteps(shape: SampleShape, steps: number, sampleShape: SampleShape): Shape {
  const hasSteps = shape.length === 2 && sampleShape.length === 2 && (shape[0] === null || shape[0] === sampleShape[0]);
  return hasSteps ? [steps, shape[1]!] : (shape as Shape);
}

/** The shape of a batch of such samples: time-major [T, B, F], or [B, F] without steps. */
export function timeMajor(sample: Shape, rows: number): Shape {
  return sample.length === 1 ? [rows, sample[0]] : [sample[0], rows, ...sample.slice(1)];
}

/** Steps and features of a sample, as the batch kernels count them. */
export function stepsAndFeatures(sample: Shape): { STEPS: number; FEATURES: number } {
  const STEPS = sample.length === 1 ? 1 : sample[0];
  return { STEPS, FEATURES: elementCount(sample) / STEPS };
}

/** @throws ShapeError, ValueError unless they are the shape of a sample and at least one layer */
function checkDefinitions(inputShape: SampleShape, definitions: readonly LayerDefinition[]): void {
  const valid = (size: number | null, axis: number) =>
    (size === null && axis === 0) || (Number.isInteger(size) && size! > 0);
  if (!Array.isArray(inputShape) || ![1, 2].includes(inputShape.length) || !inputShape.every(valid)) {
    throw new ShapeError(
      `sequential: inputShape is ${show(inputShape)}, expected ` +
        `[timesteps, features] without the batch, or [timesteps] for an embedding. Use null as timesteps for sequences ` +
        `of any length.`,
    );
  }
  if (!Array.isArray(definitions) || definitions.length === 0) {
    const given = Array.isArray(definitions) ? 'empty' : show(definitions);
    throw new ValueError(
      `sequential: layers is ${given}, expected at least one layer, e.g. layers: [lstm({ units: 10 })].`,
    );
  }
  definitions.forEach((definition: unknown, index) => {
    if (isLayer(definition)) return;
    throw new ValueError(
      `sequential: layers[${index}] is ${show(definition)}, expected a layer, e.g. lstm({ units: 10 }).`,
    );
  });
  const [{ kind, takesIndices }] = definitions;
  if (inputShape.length === 1 && inputShape[0] === null && !takesIndices) {
    throw new ShapeError(
      `sequential: inputShape is ${shapeText(inputShape)}, and ${kind} needs a known number of features. Use null as ` +
        `timesteps alone: [null, features], or [null] in front of an embedding.`,
    );
  }
}

/** Builds each layer for the output shape of the one before it, with a name of its own. @throws ShapeError, ValueError */
function buildLayers(inputShape: SampleShape, definitions: readonly LayerDefinition[]): Layer[] {
  checkDefinitions(inputShape, definitions);
  const layers: Layer[] = [];
  const used = new Map<string, number>();
  for (const definition of definitions) {
    const count = used.get(definition.kind) ?? 0;
    used.set(definition.kind, count + 1);
    const name = definition.name ?? (count === 0 ? definition.kind : `${definition.kind}_${count}`);
    if (layers.some((other) => other.name === name)) {
      throw new ValueError(`sequential: two layers are named "${name}", expected a name of its own for each.`);
    }
    const before = layers.at(-1);
    if (before?.hasTwoOutputs) {
      throw new ValueError(
        `sequential: ${before.name} has two outputs (mergeMode: null), and ${name} behind it takes one. Make ` +
          `${before.name} the last layer, or merge its outputs, e.g. with mergeMode: "concat".`,
      );
    }
    if (definition.takesIndices && before) {
      throw new ValueError(`sequential: ${name} is layer ${layers.length}, but it can only be the first, layer 0.`);
    }
    layers.push(definition.build(name, before?.outputShape ?? inputShape));
  }
  return layers;
}

function isLayer(value: unknown): value is LayerDefinition {
  const { kind, build } = (value ?? {}) as Partial<LayerDefinition>;
  return typeof kind === 'string' && typeof build === 'function';
}

function missingBatchSize(inputShape: SampleShape): ValueError {
  return new ValueError(
    `sequential: a stateful layer keeps a state for each row of a batch, so the model must know how many rows there ` +
      `are, and batchSize is missing. Give it beside the inputShape ${shapeText(inputShape)}, e.g. batchSize: 1.`,
  );
}
