import { describe, expect, test, vi } from 'vitest';
import {
  BusyError,
  DisposedError,
  ValueError,
  learningRateScheduler,
  lstm,
  sequential,
  sgd,
  trainMany,
  type Callback,
  type Model,
  type ModelInTraining,
} from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const spec: ModelSpec = { inputShape: [3, 2], layers: lstmAndHead(4, false) };
const compiled = { loss: 'binaryCrossentropy' } as const;
const data = (count = 6) => makeSamples(rng(randomSeed()), spec, count);

describe('model.learningRate', () => {
  test('is that of the optimizer, and set it holds from the next update on', async () => {
    const [set, made] = [await makeModel(spec), await makeModel(spec)];
    const { x, y } = data();
    expect(set.learningRate).toBe(0.1);
    set.learningRate = 0.3;
    expect(set.learningRate).toBe(0.3);
    made.compile({ ...compiled, optimizer: sgd({ learningRate: 0.3 }) });
    for (const model of [set, made]) await model.fit(x, y, { shuffle: false });
    expect(await weightsOf(set)).toEqual(await weightsOf(made));
    set.compile({ ...compiled, optimizer: sgd({ learningRate: 0.2 }) });
    expect(set.learningRate).toBe(0.2);
  });

  test('changes in the order of the calls, awaited or not, and is read as it was last set', async () => {
    const [loose, awaited] = [await makeModel(spec), await makeModel(spec)];
    const { x, y } = data();
    const calls: ((model: Model) => Promise<unknown> | void)[] = [
      // Until it has ended, all that follows waits for its turn.
      (model: Model) => model.evaluate(x, y),
      (model: Model) => model.trainOnBatch(x, y),
      (model: Model) => {
        model.learningRate *= 4;
        model.learningRate /= 2;
        expect(model.learningRate).toBe(0.2);
      },
      (model: Model) => model.trainOnBatch(x, y),
    ];
    const results = await Promise.all(calls.map(async (call) => call(loose)));
    const expected: unknown[] = [];
    for (const call of calls) expected.push(await (call(awaited) as Promise<unknown>));
    expect(results).toEqual(expected);
    expect(await weightsOf(loose)).toEqual(await weightsOf(awaited));
  });

  test('set while a fit waits for its turn counts for that fit, whose callbacks read and set it too', async () => {
    const [loose, awaited] = [await makeModel(spec), await makeModel(spec)];
    const { x, y } = data();
    const seen: number[][] = [];
    const fit = async (model: Model) => {
      const onEpochBegin = (_epoch: number, inside: ModelInTraining) => {
        inside.learningRate /= 2;
        seen.push([inside.learningRate, model.learningRate]);
      };
      await model.fit(x, y, { epochs: 2, shuffle: false, callbacks: [{ onEpochBegin }] });
    };
    const calls = [loose.evaluate(x, y), fit(loose)];
    loose.learningRate = 0.4;
    loose.learningRate = 0.5;
    expect(loose.learningRate).toBe(0.5);
    await Promise.all(calls);
    awaited.learningRate = 0.5;
    await fit(awaited);
    const rates = [0.25, 0.125];
    expect(seen).toEqual([...rates, ...rates].map((rate) => [rate, rate]));
    for (const model of [loose, awaited]) {
      expect(model.learningRate).toBe(0.125);
      await model.trainOnBatch(x, y);
    }
    expect(await weightsOf(loose)).toEqual(await weightsOf(awaited));
  });

  const before: [string, (model: Model, samples: ReturnType<typeof data>) => Promise<unknown> | undefined][] = [
    ['nothing', () => undefined],
    ['a predict', (model, { x }) => model.predict(x)],
    ['an evaluate', (model, { x, y }) => model.evaluate(x, y)],
    ['a predict and batches', (model, { x, y }) => Promise.all([model.predict(x), model.trainOnBatch(x, y)])],
  ];
  test.each(before)('set right after the call of a fit counts for it, with %s called before', async (_what, call) => {
    const [atOnce, awaited] = [await makeModel(spec), await makeModel(spec)];
    const samples = data();
    const { x, y } = samples;
    const options = { epochs: 3, shuffle: false };
    const first = call(atOnce, samples);
    const fitting = atOnce.fit(x, y, options);
    atOnce.learningRate = 0.7;
    expect(atOnce.learningRate).toBe(0.7);
    await call(awaited, samples);
    awaited.learningRate = 0.7;
    expect(await fitting).toEqual(await awaited.fit(x, y, options));
    await first;
    expect(await weightsOf(atOnce)).toEqual(await weightsOf(awaited));
  });

  test.each(['fit', 'trainMany'] as const)('can be set while %s runs, from outside and in callbacks', async (name) => {
    const adam = { ...spec, optimizer: { kind: 'adam', learningRate: 0.02 } } as const;
    const [watched, scheduled] = [await makeModel(adam), await makeModel(adam)];
    const { x, y } = data();
    const rates = [0.02, 0.01, 0.04, 0.03];
    const seen: number[] = [];
    const callback: Callback = {
      onEpochBegin: async (epoch, inside) => {
        if (epoch === 1) watched.learningRate = rates[1];
        if (epoch === 2) await new Promise<void>((resolve) => setTimeout(() => resolve(setOutside(rates[2])), 2));
        if (epoch === 3) inside.learningRate = rates[3];
        seen.push(watched.learningRate, inside.learningRate);
      },
    };
    const setOutside = (rate: number) => void (watched.learningRate = rate);
    const options = { batchSize: 2, epochs: 4 };
    if (name === 'fit') await watched.fit(x, y, { ...options, callbacks: [callback] });
    else await trainMany([watched], x, y, { ...options, callbacks: () => [callback] });
    await scheduled.fit(x, y, { ...options, callbacks: [learningRateScheduler((epoch) => rates[epoch])] });
    expect(seen).toEqual(rates.flatMap((rate) => [rate, rate]));
    expect(await weightsOf(watched)).toEqual(await weightsOf(scheduled));
  });

  test('of a schedule is that of the next update, and cannot be set', async () => {
    const model = await makeModel(spec);
    const { x, y } = data();
    model.compile({ ...compiled, optimizer: sgd({ learningRate: (iteration) => 1 / (1 + iteration) }) });
    const read = [model.learningRate];
    await model.trainOnBatch(x, y);
    read.push(model.learningRate);
    expect(read).toEqual([1, 0.5]);
    await expectError(() => (model.learningRate = 0.1), ValueError, [
      'model.learningRate',
      'has a schedule',
      'Compile',
    ]);
    expect(model.learningRate).toBe(0.5);
  });

  test.each([NaN, Infinity, -1, '0.1', undefined, null])('is not set to %s', async (wrong) => {
    const model = await makeModel(spec);
    const says = ['model.learningRate: learningRate is', 'expected a finite number of at least 0'];
    await expectError(() => (model.learningRate = anything(wrong)), ValueError, says);
    expect(model.learningRate).toBe(0.1);
  });

  test('needs a model that can be used, is compiled, and whose evaluate does not wait for a callback', async () => {
    const bare = await sequential(gpu, { inputShape: [3, 2], layers: [lstm({ units: 1 })] });
    await expectError(() => bare.learningRate, ValueError, ['model.learningRate', 'model.compile(']);
    await expectError(() => (bare.learningRate = 1), ValueError, ['model.learningRate', 'model.compile(']);
    bare.dispose();
    await expectError(() => bare.learningRate, DisposedError, ['model.learningRate']);

    const model = await makeModel(spec);
    const { x, y } = data();
    const onTestBegin = async () => {
      await Promise.resolve();
      await expectError(() => (model.learningRate = 1), BusyError, ['model.learningRate', 'model.evaluate']);
    };
    await model.evaluate(x, y, { callbacks: [{ onTestBegin }] });
    expect(model.learningRate).toBe(0.1);
  });
});

describe('a property that a model does not have', () => {
  const cases: [name: string, hint: string][] = [
    ['learning_rate', ' Did you mean "learningRate"?'],
    ['stop_training', ' Did you mean "stopTraining"?'],
    ['optimizer', ' Those that can be set are stopTraining and learningRate.'],
  ];
  // As in a script that is not strict, where JavaScript itself never throws: `Reflect.set` does not either.
  test.each(cases)('is not set: %s', async (name, hint) => {
    const model = await makeModel(spec);
    const { x, y } = data();
    const says = [`model.${name}: a model has no such property.${hint}`];
    await expectError(() => Reflect.set(model, name, 1), ValueError, says);
    let inside: ModelInTraining | undefined;
    await model.fit(x, y, {
      callbacks: [
        {
          onTrainBegin: async (given) => {
            inside = given;
            await expectError(() => Reflect.set(given, name, 1), ValueError, says);
          },
        },
      ],
    });
    for (const each of [model, inside!]) expect(name in each).toBe(false);
  });

  test('nor is a method, nor stopTraining to anything but true or false', async () => {
    const model = await makeModel(spec);
    const { x, y } = data();
    const fit: unknown = Reflect.get(model, 'fit');
    const method = 'this is a method, which cannot be set. Those that can be set are stopTraining and learningRate.';
    await expectError(() => Reflect.set(model, 'fit', () => 1), ValueError, [`model.fit: ${method}`]);
    await expectError(() => Reflect.set(model, 'stopTraining', 'yes'), ValueError, [
      'model.stopTraining: stopTraining is "yes", expected true or false',
    ]);
    const onEpochEnd = async (_epoch: number, _logs: unknown, own: ModelInTraining) => {
      await expectError(() => Reflect.set(own, 'evaluate', 1), ValueError, [`model.evaluate: ${method}`]);
      await expectError(() => Reflect.set(own, 'stopTraining', 1), ValueError, [
        'a callback of model.fit: model.stopTraining: stopTraining is 1',
      ]);
    };
    expect((await model.fit(x, y, { epochs: 2, callbacks: [{ onEpochEnd }] })).epoch).toEqual([0, 1]);
    expect([Reflect.get(model, 'fit'), model.stopTraining]).toEqual([fit, false]);
  });

  test('is refused alone: a method can be replaced, as libraries for tests do', async () => {
    const model = await makeModel(spec);
    const spy = vi.spyOn(model, 'resetStates').mockImplementation(() => {});
    model.resetStates();
    expect(spy).toHaveBeenCalledOnce();
    expect(model).toBeInstanceOf(Object);
  });
});
