import { expect, test } from 'vitest';
import { adam, dense, DeviceLostError, lstm, requestGpu, sequential, type Model } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { array } from '../builders/make-model.ts';

const x = array(new Float32Array(16 * 3), [16, 3, 1]);
const y = array(new Float32Array(16), [16, 1]);

const calls: ((model: Model) => Promise<unknown>)[] = [
  (model) => model.trainOnBatch(x, y),
  (model) => model.testOnBatch(x, y),
  (model) => model.predictOnBatch(x),
  (model) => model.getWeights(),
  (model) => model.evaluate(x, y, { batchSize: 4 }),
  (model) => model.predict(x, { batchSize: 4 }),
  (model) => model.fit(x, y, { epochs: 50, batchSize: 4 }),
];

test('every promise settles when the device is lost at a random moment', async () => {
  const random = rng(randomSeed());
  for (let device = 0; device < 8; device++) {
    const gpu = await requestGpu({ tuning: 'off' });
    const layers = [lstm({ units: 2 }), dense({ units: 1, activation: 'sigmoid' })];
    const model = await sequential(gpu, { inputShape: [3, 1], seed: 7, layers });
    model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
    const chosen = Array.from({ length: 4 }, () => calls[random.integer(0, calls.length - 2)]);
    // A fit comes last, since calls behind it are refused.
    const results = [...chosen, calls.at(-1)!].map((call) => call(model));
    const settled = Promise.allSettled(results);
    await new Promise((resolve) => setTimeout(resolve, random.integer(0, 60)));
    gpu.device.destroy();
    const wrong = (await settled).filter(
      (result) => result.status === 'rejected' && !(result.reason instanceof DeviceLostError),
    );
    expect(wrong).toEqual([]);
  }
});
