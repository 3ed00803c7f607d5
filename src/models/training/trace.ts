import { ValueError } from '../../runtime/errors.ts';
import type { NumberArray } from '../../runtime/numbers.ts';
import { knownOptions } from '../../runtime/options.ts';
import { elementCount, type Shape } from '../../runtime/shape.ts';
import { entryOf, IDLE } from '../execution/agenda.ts';
import { mapChannels, namesOf, type Channels } from '../execution/channels.ts';
import type { ProgramKey } from '../execution/program.ts';
import { toPadded, type ArrayInput } from '../network/arrays.ts';
import { FINITE_NUMBERS } from '../network/float32.ts';
import type { StateName, TracedLayer } from '../network/layers/layer.ts';
import type { Network } from '../network/network.ts';
import { isOneSample } from '../network/samples.ts';
import { stepsFirst } from './data/batch-in-place.ts';
import { checkInputs, type CheckedSamples } from './data/checked-data.ts';
import type { SampleData } from './engine/bound-program.ts';
import type { Engine } from './engine/engine.ts';
import type { RunContext } from './engine/state-ranges.ts';
import { OutputArray } from './output-array.ts';
import type { PredictOnBatchOptions } from './predict.ts';
import { piecesOf, TracedSteps, type LayerTrace } from './traced-steps.ts';

type Numbers = Float32Array<ArrayBuffer>;

/** The outputs of a model for some samples, and the gates and states of each step on the way to them. */
export interface Trace {
  /** As `predict` gives them. */
  outputs: OutputArray;
  /** The recurrent layers in their order, two for a `bidirectional`. Arrays are [samples, timesteps, units]. */
  layers: LayerTrace[];
}

/** About how many numbers a batch may leave on the GPU. */
const MAX_NUMBERS = 1_048_576;

/** The most rows of a batch. */
const MAX_ROWS = 1024;

/**
 * Checks a call of `model.trace`, and copies its samples.
 *
 * @returns a function that runs the call when its turn has come
 * @throws ShapeError, ValueError
 */
export function prepareTrace(
  engine: Engine,
  x: ArrayInput,
  options: PredictOnBatchOptions,
): (run: RunContext) => Promise<Trace> {
  const where = 'model.trace';
  knownOptions(where, options, ['lengths', 'initialState']);
  const { network } = engine;
  if (!network.layers.some(({ isRecurrent }) => isRecurrent)) {
    throw new ValueError(
      `${where}: no layer of this model is recurrent, so there are no steps to trace. Call predict.`,
    );
  }
  const { data, shape } = toPadded(`${where}: x`, x, FINITE_NUMBERS, { value: 0 });
  const samples = isOneSample(shape, network.inputShape) ? { data, shape: [1, ...shape] } : x;
  const checked = checkInputs(network, where, samples, options);
  const channels = mapChannels(checked.channels, (array) => ({ ...array, data: array.data.slice() }));
  return (run) => trace(where, engine, run, { ...checked, channels });
}

/** Computes batches of some samples and, where time can be cut, of some of their steps, so that memory stays bounded. */
async function trace(where: string, engine: Engine, run: RunContext, samples: CheckedSamples): Promise<Trace> {
  const { network, programs, gpu, queue } = engine;
  const { count, steps, channels } = samples;
  const [rows, most] = batchOf(network, samples);
  const keyOf = (first: number): ProgramKey => ({
    where,
    mode: 'predict',
    rows,
    steps: Math.min(most, steps - first),
    channels: [...namesOf(channels), ...(first > 0 ? stateNames(network) : [])],
    traces: true,
    isAside: true,
    continuesOutput: first > 0,
  });
  const keys = Array.from({ length: Math.ceil(steps / most) }, (_, n) => keyOf(n * most));
  const result = new Collected(network, samples);
  try {
    await engine.begin(run, keys);
    for (let sample = 0; sample < count; sample += rows) {
      let states: SampleData | undefined;
      for (const [n, key] of keys.entries()) {
        run.throwIfAborted();
        const bound = programs.streaming(key);
        await run.untilAborted(bound.ready);
        const { source, program } = bound;
        const traced = program.traced!;
        const part = { sample, rows, step: n * most, steps: key.steps };
        const data = { ...inputOf(channels, part), ...states };
        const reading = gpu.readback.prepare([source.output.piece, ...traced.flatMap(piecesOf)]);
        queue.push({ bound, entries: entryOf(IDLE), upload: { first: 0, data }, reading });
        await queue.flush();
        const [output, ...pieces] = (await run.untilAborted(reading.result)).map((bytes) => new Float32Array(bytes));
        states = result.take(part, traced, output, pieces);
      }
    }
    return result.trace;
  } finally {
    await engine.release(run);
  }
}

/** The samples and the steps of a batch. */
interface Part {
  /** The first sample, and for how many there are rows. */
  sample: number;
  rows: number;
  step: number;
  steps: number;
}

/** How many samples and how many of their steps a batch has. */
function batchOf({ layers, sampleShape }: Network, { count, steps }: CheckedSamples): [rows: number, steps: number] {
  const sizes = layers.flatMap(({ isRecurrent, matrices, states }) =>
    isRecurrent ? [...matrices.map(({ columns }) => columns), ...states.map(({ size }) => size)] : [],
  );
  const ofStep = sizes.reduce((sum, size) => sum + size, sampleShape.at(-1)!);
  const isWhole = sampleShape.length < 2 || layers.some(({ needsWholeSequences }) => needsWholeSequences);
  const most = isWhole ? steps : Math.min(steps, Math.ceil(MAX_NUMBERS / ofStep));
  return [Math.min(count, MAX_ROWS, Math.ceil(MAX_NUMBERS / (ofStep * most))), most];
}

function stateNames({ layers }: Network): StateName[] {
  return layers.flatMap(({ states }) => states.map(({ name }) => name));
}

/** The channels of a batch, time-major. Rows behind the last sample hold zeros. */
function inputOf(channels: Channels<NumberArray>, { sample, rows, step, steps }: Part): SampleData {
  return stepsFirst(
    mapChannels(channels, ({ data, shape: [, ...entry] }) => {
      const size = elementCount(entry);
      const isSequence = entry.length === 2;
      const shape = [rows, ...(isSequence ? [steps, entry[1]] : entry)];
      const part = new Float32Array(elementCount(shape));
      const [from, length] = isSequence ? [step * entry[1], steps * entry[1]] : [0, size];
      for (let row = 0; row < rows; row++) {
        const first = (sample + row) * size + from;
        part.set(data.subarray(first, first + length), row * length);
      }
      return { data: part, shape };
    }),
  );
}

/** Collects the results of the batches of a call. */
class Collected {
  readonly #outputShape: Shape;
  readonly #outputs: Numbers;
  readonly #layers: TracedSteps[] = [];

  constructor(
    network: Network,
    private readonly samples: CheckedSamples,
  ) {
    this.#outputShape = [samples.count, ...network.outputSample(network.outputShape, samples.steps)];
    this.#outputs = new Float32Array(elementCount(this.#outputShape));
  }

  /** Takes what a batch has left on the GPU. @returns its last states, with which the next steps begin */
  take(part: Part, traced: readonly TracedLayer[], output: Numbers, pieces: readonly Numbers[]): SampleData {
    this.#takeOutput(part, output);
    const last: Record<StateName, Numbers> = {};
    let next = 0;
    traced.forEach((layer, n) => {
      const own = pieces.slice(next, (next += piecesOf(layer).length));
      const [stored, rows, units] = layer.states[0].shape;
      const isPart = part.steps < this.samples.steps;
      const shape = [this.samples.count, isPart ? this.samples.steps : stored - 1];
      this.#layers[n] ??= new TracedSteps(shape, layer);
      for (let row = 0; row < this.#rowsOf(part); row++) {
        const steps = { from: 0, count: stored - 1, sample: part.sample + row, at: part.step };
        this.#layers[n].take(layer, { pieces: own, row, ...steps });
      }
      layer.cell.states.forEach((state, index) => {
        last[`${layer.name}/${state}`] = own[index].subarray((stored - 1) * rows * units);
      });
    });
    return last as SampleData;
  }

  get trace(): Trace {
    return {
      outputs: new OutputArray(this.#outputs, this.#outputShape),
      layers: this.#layers.map(({ result }) => result),
    };
  }

  #takeOutput(part: Part, output: Numbers): void {
    const [, ...entry] = this.#outputShape;
    const features = entry.at(-1)!;
    const [all, first] = entry.length === 2 ? [entry[0], part.step] : [1, 0];
    const steps = output.length / (part.rows * features);
    for (let row = 0; row < this.#rowsOf(part); row++) {
      for (let step = 0; step < steps; step++) {
        const from = (step * part.rows + row) * features;
        const to = ((part.sample + row) * all + first + step) * features;
        this.#outputs.set(output.subarray(from, from + features), to);
      }
    }
  }

  #rowsOf({ sample, rows }: Part): number {
    return Math.min(rows, this.samples.count - sample);
  }
}
