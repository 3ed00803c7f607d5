import { describe, expect, test } from 'vitest';
import { trainMany, type Callback, type Logs, type ModelInTraining, type Progress } from '../../../../src/index.ts';
import { rng } from '../../../harness/random.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('what callbacks return', () => {
  const spec: ModelSpec = { inputShape: [3, 2], layers: lstmAndHead(4, false) };
  const { x, y } = makeSamples(rng(3), spec, 8);

  test('is awaited if it has a then, whatever its class', async () => {
    const model = await makeModel(spec);
    const heard: string[] = [];
    const thenable = (name: string) => ({
      // oxlint-disable-next-line unicorn/no-thenable -- what a library of promises of its own gives
      then: (resolve: () => void) => {
        setTimeout(() => {
          heard.push(name);
          resolve();
        }, 2);
      },
    });
    const callbacks = [
      { onEpochBegin: () => thenable('first') as unknown as Promise<void> },
      { onEpochBegin: () => void heard.push('second') },
    ] satisfies Callback[];
    await model.fit(x, y, { callbacks, onProgress: () => thenable('progress') as unknown as Promise<void> });
    expect(heard.filter((name) => name !== 'progress')).toEqual(['first', 'second']);
    expect(heard).toContain('progress');
  });

  test('is not lost of a fit whose callback tests so much that the journal wraps', async () => {
    // One kernel an update, which makes so many of them quickly.
    const resident: ModelSpec = { ...spec, optimizer: { kind: 'adam', learningRate: 0.01 } };
    const [tested, plain] = [await makeModel(resident), await makeModel(resident)];
    const more = makeSamples(rng(5), spec, 33_000);
    const options = { batchSize: 1, shuffle: false };
    const onBatchEnd = async (batch: number, _logs: Logs, model: ModelInTraining) => {
      if (batch === 5) await model.evaluate(more.x, more.y, { batchSize: 1 });
    };
    const { history } = await tested.fit(x, y, { ...options, callbacks: [{ onBatchEnd }] });
    expect(history).toEqual((await plain.fit(x, y, options)).history);
  });

  test('a fit that is stopped before an epoch tells nothing of it', async () => {
    const model = await makeModel(spec);
    const losses: (number | undefined)[] = [];
    const ends: Logs[] = [];
    const callback: Callback = {
      onEpochBegin: (epoch, handle) => void (handle.stopTraining = epoch === 1),
      onTrainEnd: (logs) => void ends.push(logs),
    };
    const onProgress = ({ loss }: Progress) => void losses.push(loss);
    const { history } = await model.fit(x, y, { batchSize: 4, epochs: 3, callbacks: [callback], onProgress });
    expect(history.loss).toHaveLength(1);
    expect(ends.map(({ loss }) => loss)).toEqual(history.loss);
    expect(losses.at(-1)).toBe(history.loss[0]);
  });

  test.each(['fit', 'evaluate', 'trainMany'] as const)(
    'ends %s with its error, if it is one of onProgress',
    async (name) => {
      const model = await makeModel({ ...spec, optimizer: { kind: 'adam', learningRate: 0.01 } });
      const onProgress = async () => {
        await pause(1);
        throw new RangeError('enough');
      };
      const many = makeSamples(rng(4), spec, name === 'evaluate' ? 40_000 : 8);
      const options = { batchSize: 4, epochs: 2, onProgress };
      const running = {
        fit: () => model.fit(many.x, many.y, options),
        evaluate: () => model.evaluate(many.x, many.y, { batchSize: 1, onProgress }),
        trainMany: () => trainMany([model], many.x, many.y, options),
      };
      await expect(running[name]()).rejects.toThrow(RangeError);
      expect((await model.fit(x, y)).history.loss).toHaveLength(1);
      expect(await weightsOf(model)).toHaveLength(5);
    },
  );
});
