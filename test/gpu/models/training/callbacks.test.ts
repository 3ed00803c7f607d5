import { describe, expect, test } from 'vitest';
import { earlyStopping, terminateOnNaN, type Callback, type ModelInTraining } from '../../../../src/index.ts';
import { rng } from '../../../harness/random.ts';
import { countGpuCalls } from '../../count-calls.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';

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

  test('are those that were in the list when the call was made', async () => {
    const model = await makeModel(spec);
    const { x, y } = makeSamples(rng(17), spec, 2);
    const heard: string[] = [];
    const callbacks = [{ onTestBegin: () => void heard.push('own') }];
    const evaluating = [model.evaluate(x, y), model.evaluate(x, y, { callbacks })];
    callbacks[0] = { onTestBegin: () => void heard.push('other') };
    await Promise.all(evaluating);
    expect(heard).toEqual(['own']);
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

  test('terminateOnNaN ends a training whose loss is NaN, without a readback of its own', async () => {
    const { x, y } = makeSamples(rng(15), spec, 60);
    const run = async (isSick: boolean, callbacks: Callback[]) => {
      const model = await makeModel(spec);
      if (isSick)
        model.setWeights((await model.getWeights()).map(({ shape, data }) => ({ shape, data: data.fill(NaN) })));
      const calls = countGpuCalls();
      const { history } = await model.fit(x, y, { batchSize: 2, epochs: 3, callbacks });
      return { epochs: history.loss.length, readbacks: calls().mapAsync };
    };
    const [sick, healthy, alone] = [
      await run(true, [terminateOnNaN()]),
      await run(false, [terminateOnNaN()]),
      await run(false, [{ onBatchEnd() {} }]),
    ];
    expect(sick.epochs).toBe(1);
    expect(healthy.epochs).toBe(3);
    expect(healthy.readbacks).toBeLessThanOrEqual(alone.readbacks + 2);
    expect(alone.readbacks).toBeLessThan(10);
  });

  test('earlyStopping gives the history and the weights of before back, if the loss was NaN from the first epoch on', async () => {
    const model = await makeModel(spec);
    const { x, y } = makeSamples(rng(16), spec, 6);
    const before = await weightsOf(model);
    const poison = {
      onEpochBegin: async (epoch: number, inside: ModelInTraining) => {
        if (epoch > 0) return;
        const weights = (await inside.getWeights()).map(({ shape, data }) => ({ shape, data: data.map(() => NaN) }));
        await inside.setWeights(weights);
      },
    };
    const stopping = earlyStopping({ monitor: 'loss', restoreBestWeights: true, patience: 2 });
    const { history, epoch } = await model.fit(x, y, { epochs: 20, callbacks: [stopping, poison] });
    expect(epoch).toEqual([0, 1]);
    expect(history.loss).toEqual([NaN, NaN]);
    expect(await weightsOf(model)).toEqual(before);
    expect((await model.evaluate(x, y)).loss).toBeGreaterThan(0);
  });
});
