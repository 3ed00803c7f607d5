import { makeData, SEQUENCE_LENGTH, take } from '../../experiments/data/sequences.ts';
import { buildNetwork } from '../../experiments/run/network.ts';
import { prepareSequences } from '../../experiments/data/prepare-sequences.ts';
import { type CompilingNews, tellCompiling } from './compiling.ts';
import type { JobContext } from './job-context.ts';

export interface TapeOptions {
  seed: number;
  /** After how many sequences to tell the weights, in ascending order; training ends after the last of them. */
  after: readonly number[];
}

export interface TapeNews extends CompilingNews {
  /** Weights that have come since they were told last. */
  snapshots?: readonly FlatSnapshot[];
}

/** The weights after so many sequences, one behind the other in the order of `getWeights`. */
export interface FlatSnapshot {
  seen: number;
  numbers: Float32Array;
}

/** The page is told at most this often, since it draws no faster. */
const NEWS_MS = 33;

/** Trains the network that the memory tape shows: a number at a time, with a reset after each sequence. */
export async function tape(context: JobContext<TapeNews>, { seed, after }: TapeOptions): Promise<{ seconds: number }> {
  const { gpu, signal, tell } = context;
  const model = await buildNetwork({ gpu, seed }, { timesteps: 1, stateful: true });
  let waiting: FlatSnapshot[] = [];
  let told = -Infinity;
  const pass = (): void => {
    if (waiting.length > 0) tell({ snapshots: waiting });
    waiting = [];
    told = performance.now();
  };
  const keep = async (seen: number, reader: Pick<typeof model, 'getWeights'>): Promise<void> => {
    const weights = await reader.getWeights();
    waiting.push({ seen, numbers: Float32Array.from(weights.flatMap(({ data }) => [...data])) });
    if (performance.now() - told >= NEWS_MS) pass();
  };

  try {
    if (after[0] === 0) await keep(0, model);
    const sequences = take(makeData(seed).train, after[after.length - 1]);
    const { x, y } = prepareSequences(sequences.x, sequences.y, 1);
    let began = performance.now();
    await model.fit(x, y, {
      batchSize: 1,
      shuffle: false,
      resetStates: SEQUENCE_LENGTH,
      signal,
      callbacks: [
        {
          // Kernels have compiled by then.
          onTrainBegin: () => void (began = performance.now()),
          onBatchEnd(batch, _logs, reader) {
            const seen = (batch + 1) / SEQUENCE_LENGTH;
            return after.includes(seen) ? keep(seen, reader) : undefined;
          },
        },
      ],
      onProgress: (progress) => tellCompiling(progress, tell),
    });
    const seconds = (performance.now() - began) / 1000;
    pass();
    return { seconds };
  } finally {
    model.dispose();
  }
}
