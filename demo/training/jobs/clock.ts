import type { ModelInTraining } from '../../../src/index.ts';
import { DEFAULT_SEED, makeData } from '../../experiments/data/sequences.ts';
import { buildNetwork } from '../../experiments/run/network.ts';
import { postWindows, WINDOW_LENGTH } from '../../experiments/data/prepare-sequences.ts';
import type { Weights } from '../../network/step.ts';
import { compilingIn } from '../../experiments/run/compiling.ts';
import type { CompilingNews } from './compiling.ts';
import type { JobContext } from './job-context.ts';

/** Training ends with the first epoch after which so much of the test half is right, and after so many in any case. */
export const ENOUGH = 0.95;
export const MOST_EPOCHS = 15;

/** A network as it is after an epoch. */
export interface TrainedNetwork {
  weights: Weights;
  /** Whole epochs of training. */
  epochs: number;
  testAccuracy: number;
}

export type ClockNews =
  | ({ type: 'progress'; epoch: number; epochs: number; fraction: number } & CompilingNews)
  | { type: 'epoch'; trained: TrainedNetwork };

/**
 * Trains a network of today on the windows of the post, one after the other and without a reset.
 *
 * @returns the network after its best epoch
 */
export async function clock(
  { gpu, signal, tell }: JobContext<ClockNews>,
  { seed }: { seed: number },
): Promise<TrainedNetwork> {
  const data = makeData(DEFAULT_SEED);
  const [train, test] = [postWindows(data.train), postWindows(data.test)];
  const model = await buildNetwork({ gpu, seed }, { timesteps: WINDOW_LENGTH, stateful: true });
  const stop = (): void => void (model.stopTraining = true);
  signal.addEventListener('abort', stop);
  let best: TrainedNetwork | undefined;
  try {
    signal.throwIfAborted();
    await model.fit(train.x, train.y, {
      batchSize: 1,
      epochs: MOST_EPOCHS,
      validationData: [test.x, test.y],
      callbacks: [
        {
          async onEpochEnd(epoch, { valAccuracy: testAccuracy = NaN }, model) {
            if (signal.aborted) return;
            const trained = { weights: await weightsOf(model), epochs: epoch + 1, testAccuracy };
            tell({ type: 'epoch', trained });
            if (!best || testAccuracy >= best.testAccuracy) best = trained;
            if (testAccuracy > ENOUGH) model.stopTraining = true;
          },
        },
      ],
      onProgress(progress) {
        const { epoch, batch, batches = 1 } = progress;
        const fraction = (epoch + batch / batches) / MOST_EPOCHS;
        tell({ type: 'progress', epoch, epochs: MOST_EPOCHS, fraction, compiling: compilingIn(progress) });
      },
    });
  } finally {
    signal.removeEventListener('abort', stop);
    model.dispose();
  }
  signal.throwIfAborted();
  return best!;
}

async function weightsOf(model: ModelInTraining): Promise<Weights> {
  const [kernel, recurrentKernel, bias, headKernel, headBias] = (await model.getWeights()).map(({ data }) => data);
  return { kernel, recurrentKernel, bias, headKernel, headBias };
}
