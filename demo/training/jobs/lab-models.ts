import { adam, dense, embedding, lstm, sequential, type Gpu, type Model } from '../../../src/index.ts';
import * as numbers from '../../lab/numbers/plan.ts';
import * as text from '../../lab/text/plan.ts';

/** The network of a forecast: it says the next value, a stateful one at each step and a stateless one after a window. */
export async function forecastModel(
  gpu: Gpu,
  { memory, window, units }: Pick<numbers.ForecastSettings, 'memory' | 'window' | 'units'>,
  batchSize: number,
): Promise<Model> {
  const stateful = memory === 'stateful';
  const model = await sequential(gpu, {
    inputShape: [window, 1],
    batchSize: stateful ? batchSize : undefined,
    layers: [lstm({ units, stateful, returnSequences: stateful }), dense({ units: 1 })],
    seed: numbers.SEED,
  });
  model.compile({ optimizer: adam({ learningRate: numbers.LEARNING_RATE }), loss: 'meanSquaredError' });
  return model;
}

/** The network that writes: from each character it says how likely each of `alphabet` comes next. */
export async function writerModel(gpu: Gpu, units: number, rows: number, alphabet: number): Promise<Model> {
  const model = await sequential(gpu, {
    inputShape: [null],
    batchSize: rows,
    layers: [
      embedding({ inputDim: alphabet, outputDim: text.EMBEDDED }),
      lstm({ units, stateful: true, returnSequences: true }),
      dense({ units: alphabet, activation: 'softmax' }),
    ],
    seed: text.SEED,
  });
  model.compile({
    optimizer: adam({ learningRate: text.LEARNING_RATE }),
    loss: 'sparseCategoricalCrossentropy',
  });
  return model;
}
