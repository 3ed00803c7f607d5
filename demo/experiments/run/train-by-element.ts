import type { Model } from '../../../src/index.ts';
import { type Labelled, makeData, SEQUENCE_LENGTH } from '../data/sequences.ts';
import type { EpochResult } from '../experiment.ts';
import type { Context, Outcome } from './context.ts';
import { withNetwork } from './network.ts';

type OnBatch = Model['trainOnBatch'];
interface Means {
  loss: number;
  accuracy: number;
}

/** After how many sequences to wait for the results of their elements. */
const SEQUENCES_AT_ONCE = 25;

/** The post's loop: one element at a time, each with the target of its sequence, and a reset after each sequence. */
export async function trainByElement(context: Context, { stateful }: { stateful: boolean }): Promise<Outcome> {
  const data = makeData(context.seed);
  const epochs = await withNetwork(context, { timesteps: 1, stateful }, (model) => trainEpochs(model, context, data));
  return { epochs, updates: epochs.length * data.train.x.data.length };
}

async function trainEpochs(
  model: Model,
  context: Context,
  { train, test }: Record<'train' | 'test', Labelled>,
): Promise<EpochResult[]> {
  const epochs: EpochResult[] = [];
  for (let epoch = 0; epoch < context.epochs && !context.signal.aborted; epoch++) {
    const tell = (trained: number, means: Means): void => {
      context.onProgress({ fraction: (epoch + trained) / context.epochs, epoch, epochs: context.epochs, ...means });
    };
    const training = await pass(model, train, (x, y) => model.trainOnBatch(x, y), context.signal, tell);
    const testing = await pass(model, test, (x, y) => model.testOnBatch(x, y), context.signal);
    if (context.signal.aborted) break;
    const result = { ...training, testLoss: testing.loss, testAccuracy: testing.accuracy };
    epochs.push(result);
    context.onEpoch(result);
  }
  return epochs;
}

/** Feeds every element of every sequence to `onBatch` and takes the means of what comes back. */
async function pass(
  model: Model,
  { x, y }: Labelled,
  onBatch: OnBatch,
  signal: AbortSignal,
  tell?: (fraction: number, means: Means) => void,
): Promise<Means> {
  const [sequences] = x.shape;
  const sums = { loss: 0, accuracy: 0, elements: 0 };
  const means = (): Means => ({ loss: sums.loss / sums.elements, accuracy: sums.accuracy / sums.elements });

  let sent: ReturnType<OnBatch>[] = [];
  for (let sequence = 0; sequence < sequences && !signal.aborted; sequence++) {
    for (let step = 0; step < SEQUENCE_LENGTH; step++) {
      const element = x.data[sequence * SEQUENCE_LENGTH + step];
      sent.push(onBatch([[[element]]], [[y.data[sequence]]]));
    }
    model.resetStates();

    // To await each element would cost a round trip to the GPU and back for each. What is called without waiting runs in
    // the same order, resets included, and goes out together.
    const last = sequence === sequences - 1;
    if (!last && (sequence + 1) % SEQUENCES_AT_ONCE !== 0) continue;
    for (const { loss, accuracy } of await Promise.all(sent)) {
      sums.loss += loss;
      sums.accuracy += accuracy;
      sums.elements++;
    }
    sent = [];
    tell?.((sequence + 1) / sequences, means());
  }
  return means();
}
