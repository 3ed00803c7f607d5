import { describe, expect, onTestFinished, test } from 'vitest';
import { gru, lstm, sequential, type Logs, type Model, type ModelInTraining } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { array, makeModel, makeSamples } from '../builders/make-model.ts';
import { SLOTS, close, expectSame, statefulModels } from '../builders/stateful-models.ts';

/** More rows than the models have slots. */
const WIDE = SLOTS + 4;

describe.each(statefulModels)('any batch size, whatever the training batch size was, with %s:', (_name, spec) => {
  const data = (count: number) => makeSamples(rng(randomSeed()), spec, count);

  test('predict with more rows than there are slots has its own states', async () => {
    const [trained, wide] = [await makeModel(spec), await makeModel({ ...spec, batchSize: WIDE })];
    const { x: seen, y: targets } = data(6 * SLOTS);
    await trained.fit(seen, targets);
    wide.setWeights(await trained.getWeights());
    const before = await trained.getStates();
    const { x } = data(3 * WIDE - 1);
    // Twice: what a call leaves behind must not reach the next one.
    for (let call = 0; call < 2; call++) {
      wide.resetStates();
      expect(await trained.predict(x, { batchSize: WIDE })).toEqual(await wide.predict(x));
      wide.resetStates();
      const batch = array(x.data.slice(0, 8 * WIDE), [WIDE, 4, 2]);
      expect(await trained.predictOnBatch(batch)).toEqual(await wide.predictOnBatch(batch));
    }
    expect(await trained.getStates()).toEqual(before);
  });

  test('so has evaluate, and resets in it are its own', async () => {
    const [trained, wide] = [await makeModel(spec), await makeModel({ ...spec, batchSize: WIDE })];
    const { x: seen, y: targets } = data(6 * SLOTS);
    await trained.fit(seen, targets);
    wide.setWeights(await trained.getWeights());
    const before = await trained.getStates();
    const { x, y } = data(4 * WIDE);
    const batch = [array(x.data.slice(0, 8 * WIDE), [WIDE, 4, 2]), array(y.data.slice(0, WIDE), [WIDE, 1])] as const;
    const options = (model: Model) => ({
      batchSize: WIDE,
      resetStates: 3,
      // Concerns the states of the evaluation alone.
      callbacks: [{ onTestBatchBegin: (n: number) => (n === 1 ? model.resetStates([0, WIDE - 1]) : undefined) }],
    });
    for (let call = 0; call < 2; call++) {
      wide.resetStates();
      const expected = await wide.evaluate(x, y, options(wide));
      const { loss } = await trained.evaluate(x, y, options(trained));
      expectClose([loss], [expected.loss], { ...close, what: 'loss of all' });
      wide.resetStates();
      const tested = await wide.testOnBatch(...batch);
      const [one, other] = await Promise.all([trained.testOnBatch(...batch), trained.testOnBatch(...batch)]);
      expectClose([one.loss, other.loss], [tested.loss, tested.loss], { ...close, what: 'losses of a batch' });
    }
    expect(await trained.getStates()).toEqual(before);
  });

  test('a look with more rows, in a callback of fit, leaves training alone too', async () => {
    const [watched, plain] = [await makeModel(spec), await makeModel(spec)];
    const { x, y } = data(6 * SLOTS);
    const other = data(WIDE);
    const onBatchEnd = async (_batch: number, _logs: Logs, model: ModelInTraining) => {
      await model.predict(other.x, { batchSize: WIDE });
      await model.evaluate(other.x, other.y, { batchSize: WIDE });
    };
    expect(await watched.fit(x, y, { callbacks: [{ onBatchEnd }] })).toEqual(await plain.fit(x, y));
    await expectSame(watched, plain);
  });
});

test('a stateless layer among stateful ones has no slots, in a run of its own neither', async () => {
  const layers = [lstm({ units: 3, returnSequences: true }), gru({ units: 2, stateful: true })];
  const model = await sequential(gpu, { inputShape: [4, 2], batchSize: SLOTS, layers });
  onTestFinished(() => model.dispose());
  const wide = await sequential(gpu, { inputShape: [4, 2], batchSize: WIDE, layers });
  onTestFinished(() => wide.dispose());
  wide.setWeights(await model.getWeights());
  expect((await model.getStates()).map(({ name }) => name)).toEqual(['gru/h']);
  const { x } = makeSamples(rng(randomSeed()), { inputShape: [4, 2] }, 2 * WIDE);
  expect(await model.predict(x, { batchSize: WIDE })).toEqual(await wide.predict(x));
});
