import { adam, dense, lstm, sequential, type Model } from '../../src/index.ts';
import type { Context } from './experiment.ts';

interface NetworkOptions {
  timesteps: number;
  stateful: boolean;
  /** The settings of Keras 1, with which the post was written: hard sigmoid gates, and a smaller epsilon. */
  keras1?: boolean;
}

/** The post's network: LSTM(10) → Dense(1, sigmoid), trained with Adam on binary cross-entropy. */
export async function buildNetwork({ gpu, seed }: Context, options: NetworkOptions): Promise<Model> {
  const { timesteps, stateful, keras1 = false } = options;
  const model = await sequential(gpu, {
    inputShape: [timesteps, 1],
    batchSize: 1,
    layers: [
      lstm({ units: 10, stateful, recurrentActivation: keras1 ? 'hardSigmoidLegacy' : 'sigmoid' }),
      dense({ units: 1, activation: 'sigmoid' }),
    ],
    seed,
  });
  model.compile({
    optimizer: adam({ epsilon: keras1 ? 1e-8 : 1e-7 }),
    loss: 'binaryCrossentropy',
    metrics: ['accuracy'],
  });
  return model;
}
