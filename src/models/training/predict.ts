import { knownOptions } from '../../runtime/options.ts';
import type { StateSlots } from '../../runtime/state-slots.ts';
import type { Outputs } from '../execution/channels.ts';
import type { NumberArray } from '../../runtime/numbers.ts';
import type { ArrayInput } from '../network/arrays.ts';
import type { Network } from '../network/network.ts';
import { checkBatchSize, checkInputs, keyOf, type SampleOptions } from './data/checked-data.ts';
import { Dataset } from './data/dataset.ts';
import { checkSignal } from './engine/abort.ts';
import type { Engine } from './engine/engine.ts';
import type { RunContext } from './engine/state-ranges.ts';
import type { LayerState } from './engine/states.ts';
import { OutputArray } from './output-array.ts';

export interface PredictOnBatchOptions extends Pick<SampleOptions, 'lengths' | 'initialState'> {}

export interface PredictOptions extends PredictOnBatchOptions {
  /**
   * Samples in a batch; if there are fewer, all of them. Default: the model's batchSize if it has one, otherwise 32. With a
   * larger one than that, however many samples there are, a stateful model has states of its own for this call: from zero,
   * carried from batch to batch, and gone afterwards.
   */
  batchSize?: number;
  /**
   * Ends the call when it is aborted: the call rejects with the signal's reason, after the batches already queued, whose states
   * stay, and before anything changed if the signal was aborted already.
   */
  signal?: AbortSignal;
}

/** The outputs for some samples, [samples, outputs] or [samples, timesteps, outputs], and what else layers return. */
export interface Prediction extends OutputArray {
  /**
   * The states after the last step, [samples, units] each, of every layer with `returnState: true`, in the order of
   * `getStates`: what `initialState` takes to go on from there. Absent if there is no such layer.
   */
  states?: (LayerState & OutputArray)[];
  /**
   * The two outputs of a last layer `bidirectional` with `mergeMode: null`, which `data` holds concatenated. Absent with any
   * other last layer.
   */
  outputs?: [forward: OutputArray, backward: OutputArray];
}

/**
 * Checks a call of `model.predict` and uploads its samples, whose arrays may be used again afterwards.
 *
 * @returns a function that runs the call when its turn has come: all batches run on the GPU before their outputs are read
 * together. It must be called in any case, since it frees the samples
 * @throws ShapeError, ValueError, LimitError
 */
export function preparePredict(
  engine: Engine,
  x: ArrayInput,
  options: PredictOptions,
): (run: RunContext) => Promise<Prediction> {
  const where = 'model.predict';
  knownOptions(where, options, ['batchSize', 'lengths', 'initialState', 'signal']);
  checkSignal(where, options.signal);
  const { network } = engine;
  const samples = checkInputs(network, where, x, options);
  const { count, steps } = samples;
  const { rows, batchSize } = checkBatchSize(where, network, options.batchSize, count);
  const dataset = Dataset.of(engine.gpu, where, samples, {
    output: network.outputSample(network.outputShape, steps),
    ...Object.fromEntries(network.returnedStates.map(({ name, size }) => [name, [size]])),
  });

  return async (run) => {
    let slots: StateSlots | undefined;
    try {
      const key = keyOf(where, 'predict', { ...samples, rows });
      await engine.begin(run, [key]);
      slots = network.temporarySlots(rows, batchSize);
      const bound = engine.programs.bind(key, dataset, slots);
      await run.untilAborted(bound.ready);
      const numbers = Uint32Array.from({ length: count }, (_, index) => index);
      for (let first = 0; first < count; first += rows) {
        run.throwIfAborted();
        engine.push(bound, numbers.subarray(first, first + rows), { range: slots ?? run.range });
        if (engine.queue.isFull) await engine.queue.flush();
      }
      await engine.queue.flush();
      const outputs = await dataset.readOutputs();
      await bound.acceptance.settled();
      return prediction(network, outputs);
    } finally {
      await engine.release(run, dataset, slots);
    }
  };
}

/** Builds the result of `predict` from the program's outputs. */
export function prediction(network: Network, { output, ...states }: Outputs<NumberArray>): Prediction {
  const { layers, returnedStates: returned } = network;
  return Object.assign(outputArray(output), {
    ...(returned.length > 0 && {
      states: returned.map(({ name }) => Object.assign(outputArray(states[name]!), { name })),
    }),
    ...(layers.at(-1)!.hasTwoOutputs && { outputs: [half(output, 0), half(output, 1)] as Prediction['outputs'] }),
  });
}

function outputArray({ data, shape }: NumberArray): OutputArray {
  return new OutputArray(data, shape);
}

/** The first or the second half of the features. */
function half({ data, shape }: NumberArray, which: 0 | 1): OutputArray {
  const features = shape.at(-1)! / 2;
  return new OutputArray(
    data.filter((_, index) => Math.floor(index / features) % 2 === which),
    [...shape.slice(0, -1), features],
  );
}
