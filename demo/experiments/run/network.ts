import { adam, binaryCrossentropy, dense, keras1, lstm, sequential, type Gpu, type Model } from '../../../src/index.ts';
import { UNITS } from '../data/sequences.ts';
import type { Context } from './context.ts';

interface NetworkOptions {
  timesteps: number;
  stateful: boolean;
  /** Rows of which it keeps states. Default: 1, as in the post. */
  batchSize?: number;
  /** `'keras1'` for the settings of Keras 1, with which the post was written. */
  settings?: keyof typeof SETTINGS;
}

const SETTINGS = {
  keras1: { lstm: keras1.lstm, optimizer: keras1.adam, loss: keras1.binaryCrossentropy },
  keras3: { lstm, optimizer: adam, loss: binaryCrossentropy },
};

/** The post's network: LSTM(UNITS) → Dense(1, sigmoid), trained with Adam on binary cross-entropy. */
export async function buildNetwork(
  { gpu, seed }: Pick<Context, 'gpu' | 'seed'>,
  options: NetworkOptions,
): Promise<Model> {
  const { timesteps, stateful, batchSize = 1, settings = 'keras3' } = options;
  const { lstm, optimizer, loss } = SETTINGS[settings];
  const model = await sequential(gpu, {
    inputShape: [timesteps, 1],
    batchSize,
    layers: [lstm({ units: UNITS, stateful }), dense({ units: 1, activation: 'sigmoid' })],
    seed,
  });
  model.compile({ optimizer: optimizer(), loss: loss(), metrics: ['accuracy'] });
  return model;
}

/** Builds the post's network for some work, and frees it when that has ended, by an error too. */
export function withNetwork<T>(
  context: Pick<Context, 'gpu' | 'seed'>,
  options: NetworkOptions,
  work: (model: Model) => Promise<T>,
): Promise<T> {
  return withNetworks(context.gpu, [{ ...options, seed: context.seed }], ([model]) => work(model));
}

/**
 * Builds networks for some work, and frees them when that has ended, by an error too. If one of them cannot be built, those
 * that were built before it are freed.
 */
export async function withNetworks<T>(
  gpu: Gpu,
  networks: Iterable<NetworkOptions & Pick<Context, 'seed'>>,
  work: (models: Model[]) => Promise<T>,
): Promise<T> {
  const models: Model[] = [];
  try {
    for (const { seed, ...options } of networks) models.push(await buildNetwork({ gpu, seed }, options));
    return await work(models);
  } finally {
    for (const model of models) model.dispose();
  }
}
