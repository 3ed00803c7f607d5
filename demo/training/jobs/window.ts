import { adam, cosineDecay } from '../../../src/index.ts';
import { makeData } from '../../experiments/data/sequences.ts';
import { buildNetwork } from '../../experiments/run/network.ts';
import { prepareSequences } from '../../experiments/data/prepare-sequences.ts';
import { compilingIn } from '../../experiments/run/compiling.ts';
import type { CompilingNews } from './compiling.ts';
import type { JobContext } from './job-context.ts';

export interface WindowNews extends CompilingNews {
  /** Done of the training, from 0 to 1. */
  fraction: number;
  epoch: number;
  epochs: number;
}

export interface WindowResult {
  /** On the windows of the test half, after the last epoch. */
  accuracy: number;
  epochs: number;
  updates: number;
}

/** The post trains on one window at a time; batches make it fast, and the last guess for all zeros steady. */
const BATCH_SIZE = 50;
/** After so many updates whole sequences are learnt; short windows give as many in an epoch. */
const UPDATES = 800;

/** Trains the post's network without memory on windows of a length, for a few epochs, and tests it. */
export async function trainOnWindows(
  context: JobContext<WindowNews>,
  { seed, length }: { seed: number; length: number },
): Promise<WindowResult> {
  const { gpu, signal } = context;
  const { train, test } = makeData(seed);
  const [trained, tested] = [train, test].map(({ x, y }) => prepareSequences(x, y, length));
  const batches = Math.ceil(trained.y.data.length / BATCH_SIZE);
  const epochs = Math.ceil(UPDATES / batches);
  const model = await buildNetwork({ gpu, seed }, { timesteps: length, stateful: false });
  try {
    const learningRate = cosineDecay({ initialLearningRate: 0.01, decaySteps: epochs * batches });
    model.compile({ optimizer: adam({ learningRate }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    await model.fit(trained.x, trained.y, {
      batchSize: BATCH_SIZE,
      epochs,
      signal,
      onProgress(progress) {
        const { epoch, batch } = progress;
        const compiling = compilingIn(progress);
        context.tell({ fraction: (epoch + batch / batches) / epochs, epoch, epochs, compiling });
      },
    });
    const { accuracy } = await model.evaluate(tested.x, tested.y, { batchSize: BATCH_SIZE, signal });
    return { accuracy, epochs, updates: epochs * batches };
  } finally {
    model.dispose();
  }
}
