import type { Callback } from '../../../src/index.ts';
import { fact } from '../judging/claims.ts';
import { makeData, take } from '../data/sequences.ts';
import type { EpochResult } from '../experiment.ts';
import { postWindows, WINDOW_LENGTH } from '../data/prepare-sequences.ts';
import type { Context, Outcome } from './context.ts';
import { withNetwork } from './network.ts';
import { trainWithFit } from './train-with-fit.ts';

/** Trains the same network twice, with validation data and without, and compares what became of it. */
export async function trainWithAndWithoutValidation(context: Context): Promise<Outcome> {
  const data = makeData(context.seed);
  const [train, test] = [postWindows(take(data.train, 40)), postWindows(take(data.test, 20))];
  let testBatches = 0;
  const count: Callback = { onTestBatchBegin: () => void testBatches++ };

  const alone = await trained(halfOf(context, 0), { train });
  const watched = await trained(halfOf(context, 1), { train, test, callbacks: [count] });

  const { epochs } = watched;
  const updates = (alone.epochs.length + epochs.length) * train.x.shape[0];
  if (context.signal.aborted) return { epochs, updates };
  const differing = watched.bits.filter((bits, index) => bits !== alone.bits[index]).length;
  const expectedBatches = epochs.length * test.x.shape[0];
  const facts = [
    fact('the same weights and states', differing === 0, `${differing} of ${alone.bits.length} numbers different`),
    fact(
      `a callback for each of ${expectedBatches} test batches`,
      testBatches === expectedBatches,
      `${testBatches} calls`,
    ),
  ];
  return { epochs, updates, facts };
}

/** Trains without any reset, so that a state which validation disturbed would show in all that follows. */
function trained(context: Context, training: Parameters<typeof trainWithFit>[2]): Promise<Trained> {
  return withNetwork(context, { timesteps: WINDOW_LENGTH, stateful: true }, async (model) => {
    const epochs = await trainWithFit(model, context, training);
    const weights = await model.getWeights();
    // The next prediction depends on the states that the training left behind.
    const next = await model.predictOnBatch([Array.from({ length: WINDOW_LENGTH }, () => [0])]);
    const numbers = Float32Array.from([...weights, next].flatMap(({ data }) => [...data]));
    return { epochs, bits: new Uint32Array(numbers.buffer) };
  });
}

interface Trained {
  epochs: EpochResult[];
  /** All weights and the next prediction. */
  bits: Uint32Array;
}

/**
 * A context for the first (0) or second (1) training. Only the second tells of its epochs, since it has test figures, and
 * neither tells figures in between, which would stand among those of the other.
 */
function halfOf(context: Context, half: 0 | 1): Context {
  return {
    ...context,
    onEpoch: (result) => half === 1 && context.onEpoch(result),
    onProgress: ({ fraction, epoch, epochs, compiling }) =>
      context.onProgress({ fraction: (half + fraction) / 2, epoch, epochs, compiling }),
  };
}
