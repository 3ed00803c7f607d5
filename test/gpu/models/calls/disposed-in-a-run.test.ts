import { expect, onTestFinished, test } from 'vitest';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import {
  adam,
  dense,
  DisposedError,
  lstm,
  sequential,
  type Batch,
  type Batches,
  type Model,
} from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { rowsOf } from '../builders/batches.ts';
import { array } from '../builders/make-model.ts';

const x = array(new Float32Array(64 * 3), [64, 3, 1]);
const y = array(new Float32Array(64), [64, 1]);

async function makeModel(): Promise<Model> {
  const layers = [lstm({ units: 2, stateful: true }), dense({ units: 1, activation: 'sigmoid' })];
  const model = await sequential(gpu, { inputShape: [3, 1], batchSize: 64, seed: 7, layers });
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  return model;
}

const calls: [string, (model: Model) => Promise<unknown>][] = [
  ['fit', (model) => model.fit(x, y, { epochs: 50, batchSize: 4, validationData: [x, y] })],
  ['evaluate', (model) => model.evaluate(x, y, { batchSize: 4 })],
  ['predict', (model) => model.predict(x, { batchSize: 4 })],
  ['trainOnBatch', (model) => model.trainOnBatch(x, y)],
  ['predictOnBatch', (model) => model.predictOnBatch(x)],
];

test.each(calls)(
  'a model disposed in the middle of %s leaves no buffer, and its promise settles',
  async (_name, run) => {
    const buffers = watchBuffers(gpu.device, (label) => label !== 'readback staging');
    onTestFinished(() => buffers.stop());
    for (const delay of [undefined, 0, 1, 3, 10, 30]) {
      const model = await makeModel();
      const result = run(model).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay));
      model.dispose();
      const error = await result;
      expect(error === undefined || error instanceof DisposedError).toBe(true);
      expect(buffers.live().count).toBe(0);
    }
  },
);

const callsOfBatches: [string, (model: Model, batches: Batches) => Promise<unknown>][] = [
  ['fit', (model, batches) => model.fit(batches)],
  ['evaluate', (model, batches) => model.evaluate(batches)],
  ['predict', (model, batches) => model.predict(batches)],
];

test.each(callsOfBatches)(
  'nothing is made any more for a model that is disposed while %s waits for a batch',
  async (_name, call) => {
    const buffers = watchBuffers(gpu.device, (label) => label !== 'readback staging');
    onTestFinished(() => buffers.stop());
    const model = await makeModel();
    async function* disposing(): AsyncGenerator<Batch> {
      yield [x, y];
      model.dispose();
      // Another size takes another program.
      yield [rowsOf(x, 0, 32), rowsOf(y, 0, 32)];
    }
    await expect(call(model, disposing)).rejects.toThrow(DisposedError);
    expect(buffers.live().count).toBe(0);
  },
);
