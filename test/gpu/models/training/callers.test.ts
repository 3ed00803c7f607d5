import { describe, expect, onTestFinished, test } from 'vitest';
import { BusyError, adam, requestGpu, type Logs, type Model, type ModelInTraining } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { expectError } from '../builders/expect-error.ts';
import { makeModel, makeSamples } from '../builders/make-model.ts';
import { SLOTS, expectSame, nextPrediction, statefulModels } from '../builders/stateful-models.ts';

const pause = (ms = 5) => new Promise((resolve) => setTimeout(resolve, ms));

describe.each(statefulModels)('who is calling is told by the model that callbacks get, with %s:', (_name, spec) => {
  const data = (samples = 4 * SLOTS) => makeSamples(rng(randomSeed()), spec, samples);
  const models = async () => [await makeModel(spec), await makeModel(spec)] as const;

  test('every function of a callback gets it as its last argument', async () => {
    const model = await makeModel(spec);
    const { x, y } = data();
    const heard = new Map<string, unknown>();
    const functions = ['TrainBegin', 'TrainEnd', 'EpochBegin', 'EpochEnd', 'BatchBegin', 'BatchEnd'];
    const tests = ['TestBegin', 'TestEnd', 'TestBatchBegin', 'TestBatchEnd'];
    const names = [...functions, ...tests].map((name) => `on${name}`);
    const note = (name: string) => [name, (...args: unknown[]) => void heard.set(name, args.at(-1))];
    let own: ModelInTraining | undefined;
    const setModel = (given: ModelInTraining) => void (own = given);
    await model.fit(x, y, {
      validationData: [x, y],
      callbacks: [{ ...Object.fromEntries(names.map(note)), setModel }],
    });
    expect([...heard.keys()].toSorted()).toEqual(names.toSorted());
    for (const given of heard.values()) expect(given).toBe(own);
  });

  test('an evaluate that a callback does not await runs before the next batch, as if it had been awaited', async () => {
    const [loose, awaited] = await models();
    const { x, y } = data();
    const other = data();
    const seen: Promise<Logs>[] = [];
    const expected: Logs[] = [];
    const onBatchEnd = () => void seen.push(loose.evaluate(other.x, other.y));
    await loose.fit(x, y, { epochs: 2, callbacks: [{ onBatchEnd }] });
    await awaited.fit(x, y, {
      epochs: 2,
      callbacks: [
        { onBatchEnd: async (_batch, _logs, model) => void expected.push(await model.evaluate(other.x, other.y)) },
      ],
    });
    expect(await Promise.all(seen)).toEqual(expected);
    await expectSame(loose, awaited);
  });

  test('fit ends after it, so that compile and dispose behind fit do no harm', async () => {
    const own = await requestGpu({ tuning: 'off' });
    onTestFinished(() => own.dispose());
    const model = await makeModel(spec, own);
    const { x, y } = data();
    let ended = false;
    const onTrainEnd = (_logs: Logs, inside: ModelInTraining) => {
      void inside.evaluate(x, y, { callbacks: [{ onTestBatchEnd: () => pause(1) }] }).then(() => (ended = true));
    };
    await model.fit(x, y, { callbacks: [{ onTrainEnd }] });
    expect(ended).toBe(true);
    model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
    expect((await model.fit(x, y)).history.loss).toHaveLength(1);
    model.dispose();
    const other = await makeModel(spec, own);
    expect((await other.evaluate(x, y)).loss).toBeGreaterThan(0);
  });

  test('a callback that begins an evaluate and throws ends fit with its error, and after the evaluate', async () => {
    const [model, plain] = await models();
    const { x, y } = data();
    const order: string[] = [];
    let tested: Promise<Logs> | undefined;
    const onBatchEnd = (_batch: number, _logs: Logs, inside: ModelInTraining) => {
      tested = inside.evaluate(x, y);
      void tested.then(() => order.push('evaluate'));
      throw new RangeError('enough');
    };
    await expect(model.fit(x, y, { callbacks: [{ onBatchEnd }] })).rejects.toThrow(RangeError);
    order.push('fit');
    expect(order).toEqual(['evaluate', 'fit']);
    await plain.trainOnBatch(...batchOf(x, y));
    plain.resetStates();
    expect(await tested).toEqual(await plain.evaluate(x, y));
  });

  test('an evaluate with asynchronous callbacks that nobody awaits leaves predict carrying states', async () => {
    const [loose, plain] = await models();
    const { x, y } = data();
    const evaluated = loose.evaluate(x, y, { callbacks: [{ onTestBatchBegin: () => pause(1) }] });
    await evaluated;
    await plain.evaluate(x, y);
    for (let n = 0; n < 2; n++) expect(await nextPrediction(loose)).toEqual(await nextPrediction(plain));
    expect((await loose.predict(x)).data).toEqual((await plain.predict(x)).data);
    expect((await loose.predict(x)).data).toEqual((await plain.predict(x)).data);
  });

  test('an evaluate by a callback keeps to the loss of the run, whatever is compiled after its call', async () => {
    const [model, plain] = await models();
    const { x, y } = data();
    let inside: Logs | undefined;
    const onTestEnd = async (_logs: Logs, handle: ModelInTraining) => {
      inside = await handle.evaluate(x, y);
    };
    const evaluated = model.evaluate(x, y, { callbacks: [{ onTestEnd }] });
    model.compile({ optimizer: adam(), loss: 'meanAbsoluteError' });
    await evaluated;
    expect(inside).toEqual(await plain.evaluate(x, y));
  });

  test('two predicts at once in a callback each start from zero', async () => {
    const [watched, fresh] = await models();
    const { x, y } = data();
    const other = data();
    const seen: Float32Array[] = [];
    const onTrainBegin = async (model: ModelInTraining) => {
      const both = await Promise.all([model.predict(other.x), model.predict(other.x)]);
      seen.push(...both.map(({ data: outputs }) => outputs));
    };
    await watched.fit(x, y, { callbacks: [{ onTrainBegin }] });
    const expected = (await fresh.predict(other.x)).data;
    expect(seen).toEqual([expected, expected]);
  });

  test('a call from outside during an asynchronous callback is refused, and not taken for one of the callback', async () => {
    const [watched, plain] = await models();
    const { x, y } = data();
    let enter!: () => void;
    const entered = new Promise<void>((resolve) => {
      enter = resolve;
    });
    const onBatchBegin = async (batch: number) => {
      if (batch === 1) enter();
      await pause();
    };
    const running = watched.fit(x, y, { callbacks: [{ onBatchBegin }] });
    await entered;
    await expectError(() => watched.predict(x), BusyError, [
      'model.predict',
      'model.fit is still running',
      'last argument',
    ]);
    await expectError(() => watched.evaluate(x, y), BusyError, ['model.evaluate', 'last argument']);
    expect(await running).toEqual(await plain.fit(x, y));
    await expectSame(watched, plain);
  });

  describe('what would wait for its own end is refused instead of hanging:', () => {
    type Samples = ReturnType<typeof data>;
    const changing: [string, (model: Model, samples: Samples) => unknown][] = [
      ['fit', (model, { x, y }) => model.fit(x, y)],
      ['trainOnBatch', (model, { x, y }) => model.trainOnBatch(...batchOf(x, y))],
      ['testOnBatch', (model, { x, y }) => model.testOnBatch(...batchOf(x, y))],
      ['predictOnBatch', (model, { x }) => model.predictOnBatch(x)],
      ['setWeights', (model) => model.setWeights([])],
      ['setStates', (model) => model.setStates([])],
      ['compile', (model) => model.compile({ optimizer: adam(), loss: 'meanSquaredError' })],
    ];
    const later: typeof changing = [
      ...changing,
      ['evaluate', (model, { x, y }) => model.evaluate(x, y)],
      ['predict', (model, { x }) => model.predict(x)],
      ['getWeights', (model) => model.getWeights()],
      ['getStates', (model) => model.getStates()],
      ['resetStates', (model) => model.resetStates()],
    ];

    test.each([
      ...changing.map(([name, call]) => [name, 'before its first await', false, call] as const),
      ...later.map(([name, call]) => [name, 'after an await', true, call] as const),
    ])('%s of the model itself, by a callback of evaluate %s', async (name, _when, isLater, call) => {
      const model = await makeModel(spec);
      const samples = data();
      const errors: unknown[] = [];
      const onTestBegin = async () => {
        if (isLater) await pause(1);
        try {
          await call(model, samples);
        } catch (error) {
          errors.push(error);
        }
      };
      await model.evaluate(samples.x, samples.y, { callbacks: [{ onTestBegin }] });
      expect(errors).toEqual([expect.any(BusyError)]);
      expect((errors[0] as Error).message).toMatch(new RegExp(`^model\\.${name}: .*model\\.evaluate.*last argument`));
    });

    test.each([
      ['before its first await', false],
      ['after an await', true],
    ])('predict of the outer run, by a callback of a nested one %s', async (_when, isLater) => {
      const model = await makeModel(spec);
      const { x, y } = data();
      const errors: unknown[] = [];
      await model.fit(x, y, {
        callbacks: [
          {
            async onTrainBegin(inside) {
              const onTestBegin = async () => {
                if (isLater) await pause(1);
                await inside.predict(x).catch((error: unknown) => errors.push(error));
              };
              const callbacks = [{ onTestBegin }];
              // The last of two that are begun is not the one that calls.
              await Promise.all([inside.evaluate(x, y, { callbacks }), inside.evaluate(x, y)]);
            },
          },
        ],
      });
      expect(errors).toEqual([expect.any(BusyError)]);
    });
  });

  test('resets through it concern the states of the run, from asynchronous callbacks too', async () => {
    const [handle, policy] = await models();
    const { x, y } = data(6 * SLOTS);
    const onBatchBegin = async (batch: number, model: ModelInTraining) => {
      await pause(0);
      if (batch % 4 === 0) model.resetStates();
    };
    await handle.fit(x, y, { epochs: 2, callbacks: [{ onBatchBegin }] });
    await policy.fit(x, y, { epochs: 2, resetStates: 4 });
    await expectSame(handle, policy);
  });

  test('it reads and writes weights and states between two batches', async () => {
    const [handle, byHand] = await models();
    const { x, y } = data(2 * SLOTS);
    const zeros = (await byHand.getStates()).map(({ shape, data: values }) => ({
      shape,
      data: values.map(() => 0.25),
    }));
    const weights = (await byHand.getWeights()).map(({ shape, data: values }) => ({
      shape,
      data: values.map((v) => v / 2),
    }));
    const read: unknown[] = [];
    const onBatchEnd = async (batch: number, _logs: Logs, model: ModelInTraining) => {
      if (batch > 0) return;
      read.push(await model.getStates(), await model.getWeights());
      model.setStates(zeros);
      await model.setWeights(weights);
    };
    await handle.fit(x, y, { callbacks: [{ onBatchEnd }] });
    const [first, second] = [part(x, y, 0), part(x, y, 1)];
    await byHand.trainOnBatch(...first);
    expect(read).toEqual([await byHand.getStates(), await byHand.getWeights()]);
    byHand.setStates(zeros);
    byHand.setWeights(weights);
    await byHand.trainOnBatch(...second);
    await expectSame(handle, byHand);
  });

  test('after the end of the run it is refused', async () => {
    const model = await makeModel(spec);
    const { x, y } = data();
    let kept: ModelInTraining | undefined;
    await model.fit(x, y, { callbacks: [{ setModel: (given) => void (kept = given) }] });
    await expectError(() => kept!.evaluate(x, y), BusyError, ['model.evaluate', 'model.fit', 'has ended']);
    await expectError(() => kept!.resetStates(), BusyError, ['model.resetStates', 'has ended']);
  });

  type Samples = ReturnType<typeof data>;
  function part(x: Samples['x'], y: Samples['y'], index: number) {
    const size = x.data.length / y.data.length;
    const [from, to] = [index * SLOTS, (index + 1) * SLOTS];
    return [
      { data: x.data.slice(from * size, to * size), shape: [SLOTS, ...x.shape.slice(1)] },
      { data: y.data.slice(from, to), shape: [SLOTS, 1] },
    ] as const;
  }
  const batchOf = (x: Samples['x'], y: Samples['y']) => part(x, y, 0);
});
