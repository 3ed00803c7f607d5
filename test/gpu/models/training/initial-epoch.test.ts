import { describe, expect, test } from 'vitest';
import { learningRateScheduler, ValueError, type Callback, type Progress } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { expectError } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const spec: ModelSpec = { inputShape: [4, 2], layers: lstmAndHead(5, false) };

describe('initialEpoch', () => {
  const data = () => makeSamples(rng(randomSeed()), spec, 50);
  const models = async () => [await makeModel(spec), await makeModel(spec)] as const;

  test('goes on with a training that was ended, as if it had not been', async () => {
    const { x, y } = data();
    const [inTwo, inOne] = await models();
    const callbacks = () => [learningRateScheduler((epoch) => 0.1 / (epoch + 1))];
    const first = await inTwo.fit(x, y, { epochs: 2, callbacks: callbacks() });
    const second = await inTwo.fit(x, y, { epochs: 5, initialEpoch: 2, callbacks: callbacks() });
    const whole = await inOne.fit(x, y, { epochs: 5, callbacks: callbacks() });
    expect([...first.epoch, ...second.epoch]).toEqual(whole.epoch);
    expect([...first.history.loss, ...second.history.loss]).toEqual(whole.history.loss);
    expect(await weightsOf(inTwo)).toEqual(await weightsOf(inOne));
  });

  test('is the number of the first epoch that callbacks and progress tell of', async () => {
    const { x, y } = data();
    const [model] = await models();
    const heard: number[] = [];
    const progress: Progress[] = [];
    const { epoch } = await model.fit(x, y, {
      epochs: 5,
      initialEpoch: 3,
      callbacks: [{ onEpochBegin: (number) => void heard.push(number) }],
      onProgress: (made) => void progress.push(made),
    });
    expect(epoch).toEqual([3, 4]);
    expect(heard).toEqual([3, 4]);
    expect(new Set(progress.map((made) => made.epoch))).toEqual(new Set([3, 4]));
    expect(progress.map((made) => made.epochs).every((epochs) => epochs === 5)).toBe(true);
    expect(progress.at(-1)!.remainingSeconds).toBe(0);
  });

  test('that equals epochs leaves nothing to do', async () => {
    const { x, y } = data();
    const [model, untouched] = await models();
    const heard: string[] = [];
    const note: Callback = {
      onTrainBegin: () => void heard.push('onTrainBegin'),
      onEpochBegin: () => void heard.push('onEpochBegin'),
      onTrainEnd: () => void heard.push('onTrainEnd'),
    };
    const fitted = await model.fit(x, y, { epochs: 3, initialEpoch: 3, callbacks: [note] });
    expect(fitted).toEqual({ epoch: [], history: {} });
    expect(heard).toEqual(['onTrainBegin', 'onTrainEnd']);
    expect(await weightsOf(model)).toEqual(await weightsOf(untouched));
  });

  test.each([
    [5, 'initialEpoch is 5, expected a whole number from 0 to epochs = 4'],
    [-1, 'initialEpoch is -1'],
    [0.5, 'initialEpoch is 0.5'],
  ])('of %s with 4 epochs is refused', async (initialEpoch, says) => {
    const { x, y } = data();
    const [model] = await models();
    await expectError(() => model.fit(x, y, { epochs: 4, initialEpoch }), ValueError, [`model.fit: ${says}`]);
  });
});
