import type { FitOptions } from '../../../src/index.ts';
import { makeData, take, type Labelled, type Matrix } from '../../experiments/data/sequences.ts';
import { withNetworks } from '../../experiments/run/network.ts';
import { postWindows, WINDOW_LENGTH, WINDOWS_PER_SEQUENCE } from '../../experiments/data/prepare-sequences.ts';
import { inWholeGroups, ROWS } from '../../pictures/race/data.ts';
import { compilingIn } from '../../experiments/run/compiling.ts';
import type { CompilingNews } from './compiling.ts';
import type { JobContext } from './job-context.ts';

export type Racer = 'in-order' | 'interleaved';

export interface RaceNews extends CompilingNews {
  racer: Racer;
  /** Done of the whole race, from 0 to 1. */
  fraction: number;
  epoch: number;
  /** The test accuracy after this epoch; absent until the epoch has ended. */
  testAccuracy?: number;
}

/**
 * Trains the post's stateful network twice on its windows, in turn an epoch each: with the windows in order, so that row i
 * hands its state to the same window of another sequence; and with as many sequences side by side, so that each row goes
 * through one of them, with a reset where the next ones begin.
 */
export function raceOrders(
  context: JobContext<RaceNews>,
  { seed, epochs }: { seed: number; epochs: number },
): Promise<Record<Racer, number[]>> {
  const network = { seed, timesteps: WINDOW_LENGTH, stateful: true, batchSize: ROWS };
  return withNetworks(context.gpu, [network, network], async (models) => {
    const accuracies: Record<Racer, number[]> = { 'in-order': [], interleaved: [] };
    const racers = racersOf(seed).map((racer, index) => ({ ...racer, model: models[index] }));
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const [index, { name, model, data, options }] of racers.entries()) {
        const share = (done: number): number => (2 * epoch + index + done) / (2 * epochs);
        const { history } = await model.fit(data.x, data.y, {
          ...options,
          batchSize: ROWS,
          signal: context.signal,
          onProgress(progress) {
            const { batch, batches = 1 } = progress;
            context.tell({ racer: name, epoch, compiling: compilingIn(progress), fraction: share(batch / batches) });
          },
        });
        const testAccuracy = history.valAccuracy[0];
        accuracies[name].push(testAccuracy);
        context.tell({ racer: name, epoch, fraction: share(1), testAccuracy });
      }
    }
    return accuracies;
  });
}

/** The data of both, and how they are trained on them. */
function racersOf(seed: number): { name: Racer; data: Labelled; options: FitOptions }[] {
  const { train, test } = makeData(seed);
  const [trained, tested] = [train, test].map((half) => postWindows(wholeGroups(half)));
  return [
    { name: 'in-order', data: trained, options: { validationData: pairOf(tested) } },
    {
      name: 'interleaved',
      data: interleaved(trained),
      options: { validationData: pairOf(interleaved(tested)), resetStates: WINDOWS_PER_SEQUENCE },
    },
  ];
}

const pairOf = ({ x, y }: Labelled): [Matrix, Matrix] => [x, y];

function wholeGroups(half: Labelled): Labelled {
  return take(half, inWholeGroups(half.x.shape[0]));
}

/** From windows sequence by sequence to batches of the same window of several sequences. */
function interleaved({ x, y }: Labelled): Labelled {
  const perGroup = ROWS * WINDOWS_PER_SEQUENCE;
  const order = Array.from({ length: y.data.length }, (_, place) => {
    const [group, rest] = [Math.floor(place / perGroup), place % perGroup];
    const [window, row] = [Math.floor(rest / ROWS), rest % ROWS];
    return group * perGroup + row * WINDOWS_PER_SEQUENCE + window;
  });
  return {
    x: { shape: x.shape, data: Float32Array.from(order.flatMap((from) => [...rowOf(x, from)])) },
    y: { shape: y.shape, data: Float32Array.from(order, (from) => y.data[from]) },
  };
}

function rowOf({ data, shape }: Matrix, index: number): Float32Array {
  const size = data.length / shape[0];
  return data.subarray(index * size, (index + 1) * size);
}
