import { describe, expect, test } from 'vitest';
import type { Callback } from '../../../src/index.ts';
import { rng } from '../../harness/random.ts';
import { lstmAndHead, makeModel, makeSamples, type ModelSpec } from './make-model.ts';

const spec: ModelSpec = { inputShape: [3, 2], layers: lstmAndHead(4, false) };

describe('callbacks', () => {
  /** A callback that writes down what is called. */
  function recorder(heard: string[]): Callback {
    const note = (name: string) => (place?: unknown) => {
      heard.push(typeof place === 'number' ? `${name} ${place}` : name);
    };
    const names = ['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onBatchBegin', 'onBatchEnd'];
    const tests = ['onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd'];
    return Object.fromEntries([...names, ...tests].map((name) => [name, note(name)]));
  }

  test("are called in Keras' order", async () => {
    const model = await makeModel(spec);
    const [{ x, y }, validation] = [makeSamples(rng(10), spec, 4), makeSamples(rng(11), spec, 3)];
    const heard: string[] = [];
    const validationData = [validation.x, validation.y] as const;
    await model.fit(x, y, { batchSize: 2, epochs: 2, validationData, callbacks: [recorder(heard)] });
    const training = ['onBatchBegin 0', 'onBatchEnd 0', 'onBatchBegin 1', 'onBatchEnd 1'];
    const testing = ['onTestBatchBegin 0', 'onTestBatchEnd 0', 'onTestBatchBegin 1', 'onTestBatchEnd 1'];
    const epoch = (n: number) => [
      `onEpochBegin ${n}`,
      ...training,
      'onTestBegin',
      ...testing,
      'onTestEnd',
      `onEpochEnd ${n}`,
    ];
    expect(heard).toEqual(['onTrainBegin', ...epoch(0), ...epoch(1), 'onTrainEnd']);
  });

  test('are awaited one after the other', async () => {
    const model = await makeModel(spec);
    const { x, y } = makeSamples(rng(12), spec, 2);
    const heard: string[] = [];
    const slow = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      heard.push('slow');
    };
    await model.fit(x, y, { callbacks: [{ onBatchBegin: slow }, { onBatchBegin: () => void heard.push('quick') }] });
    expect(heard).toEqual(['slow', 'quick']);
  });

  test('hear the figures of their epoch', async () => {
    const model = await makeModel(spec);
    const { x, y } = makeSamples(rng(13), spec, 6);
    const logs: Record<string, number>[] = [];
    const { history } = await model.fit(x, y, {
      epochs: 2,
      validationData: [x, y],
      callbacks: [{ onEpochEnd: (_, log) => void logs.push(log) }],
    });
    expect(Object.keys(history)).toEqual(['loss', 'accuracy', 'valLoss', 'valAccuracy']);
    expect(logs).toEqual(
      [0, 1].map((n) => Object.fromEntries(Object.entries(history).map(([key, list]) => [key, list[n]]))),
    );
  });

  test('may stop the training', async () => {
    const model = await makeModel(spec);
    const { x, y } = makeSamples(rng(14), spec, 6);
    const stop = { onEpochEnd: (epoch: number) => void (model.stopTraining = epoch === 1) };
    const { epoch } = await model.fit(x, y, { epochs: 10, callbacks: [stop] });
    expect(epoch).toEqual([0, 1]);
    expect((await model.fit(x, y, { epochs: 2 })).epoch).toEqual([0, 1]);
  });
});
