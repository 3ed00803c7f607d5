import { describe, expect, onTestFinished, test } from 'vitest';
import { adam, dense, lstm, requestGpu, sequential, trainMany, type Model } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { array, elementsOf, weightsOf } from '../builders/make-model.ts';

// Just enough work to be worth measuring, so that the first call of a shape waits for that.
const [ROWS, STEPS, FEATURES, UNITS] = [8, 30, 3, 80];

type Random = ReturnType<typeof rng>;

/** Arguments of a call, and the call itself. `spoil` overwrites all of its arrays. */
interface Prepared {
  call: (model: Model) => unknown;
  spoil: () => void;
}

describe('arrays may be used again as soon as a call that takes them has returned', () => {
  const numbers = (random: Random, ...shape: number[]) => array(random.array(elementsOf(shape), 1), shape);
  const overwrite = (...arrays: { data: Float32Array }[]) => {
    for (const { data } of arrays) data.fill(0.125);
  };

  function samples(random: Random, count: number, units: number) {
    const x = numbers(random, count, STEPS, FEATURES);
    const y = numbers(random, count, 1);
    const initialState = { lstm: [numbers(random, count, units), numbers(random, count, units)] };
    const sampleWeight = array(random.array(count, 1).map(Math.abs), [count]);
    const lengths = Uint8Array.from({ length: count }, () => random.integer(1, STEPS));
    const spoil = () => {
      overwrite(x, y, sampleWeight, ...initialState.lstm);
      lengths.fill(1);
    };
    return { x, y, initialState, sampleWeight, lengths, spoil };
  }

  const calls: [name: string, prepare: (random: Random, units: number) => Prepared][] = [
    [
      'fit',
      (random, units) => {
        const { x, y, spoil, ...options } = samples(random, 2 * ROWS, units);
        const other = samples(random, 2 * ROWS, units);
        return {
          call: (model) =>
            model.fit(x, y, {
              ...options,
              batchSize: ROWS,
              epochs: 2,
              validationData: [other.x, other.y, other.sampleWeight],
              validationLengths: other.lengths,
            }),
          spoil: () => {
            spoil();
            other.spoil();
          },
        };
      },
    ],
    [
      'fit with resets',
      (random, units) => {
        const { x, y, spoil } = samples(random, 2 * ROWS, units);
        const resetStates = Uint8Array.from({ length: 2 * ROWS }, () => random.integer(0, 1));
        return {
          call: (model) => model.fit(x, y, { batchSize: ROWS, epochs: 2, resetStates }),
          spoil: () => {
            spoil();
            resetStates.fill(1);
          },
        };
      },
    ],
    [
      'evaluate',
      (random, units) => {
        const { x, y, spoil, ...options } = samples(random, 2 * ROWS, units);
        return { call: (model) => model.evaluate(x, y, { ...options, batchSize: ROWS }), spoil };
      },
    ],
    [
      'predict',
      (random, units) => {
        const { x, initialState, lengths, spoil } = samples(random, 2 * ROWS, units);
        return { call: (model) => model.predict(x, { initialState, lengths, batchSize: ROWS }), spoil };
      },
    ],
    ...(['trainOnBatch', 'testOnBatch'] as const).map((name): (typeof calls)[number] => [
      name,
      (random, units) => {
        const { x, y, spoil, ...options } = samples(random, ROWS, units);
        return { call: (model) => model[name](x, y, options), spoil };
      },
    ]),
    [
      'predictOnBatch',
      (random, units) => {
        const { x, initialState, lengths, spoil } = samples(random, ROWS, units);
        return { call: (model) => model.predictOnBatch(x, { initialState, lengths }), spoil };
      },
    ],
    [
      'setStates',
      (random, units) => {
        const states = ['lstm/h', 'lstm/c'].map((name) => ({ name, ...numbers(random, ROWS, units) }));
        const slots = Array.from({ length: ROWS }, (_, row) => row);
        return {
          call: (model) => {
            model.setStates(states, { slots });
            return model.getStates();
          },
          spoil: () => {
            overwrite(...states);
            slots.fill(0);
          },
        };
      },
    ],
    [
      'setWeights',
      (random, units) => {
        const shapes = [[FEATURES, 4 * units], [units, 4 * units], [4 * units], [units, 1], [1]];
        const weights = shapes.map((shape) => numbers(random, ...shape));
        return {
          call: (model) => {
            model.setWeights(weights);
            return model.getWeights();
          },
          spoil: () => overwrite(...weights),
        };
      },
    ],
    [
      'resetStates',
      () => {
        const slots = [1, 2];
        return {
          call: (model) => {
            model.resetStates(slots);
            return model.getStates();
          },
          spoil: () => slots.fill(0),
        };
      },
    ],
  ];

  async function makeModel(units: number, on = gpu) {
    const layers = [lstm({ units, stateful: true }), dense({ units: 1 })];
    const model = await sequential(on, { inputShape: [STEPS, FEATURES], batchSize: ROWS, layers, seed: 3 });
    onTestFinished(() => model.dispose());
    model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
    return model;
  }

  /** What a call gives, and the model that it leaves behind. */
  async function outcome(model: Model, result: unknown) {
    return [await result, await weightsOf(model), await model.getStates()];
  }

  test.each(calls)('%s', async (_name, prepare) => {
    const seed = randomSeed();
    const [plain, spoilt] = [prepare(rng(seed), 3), prepare(rng(seed), 3)];
    const [one, other] = [await makeModel(3), await makeModel(3)];
    const expected = await outcome(one, plain.call(one));
    const result = spoilt.call(other);
    spoilt.spoil();
    expect(await outcome(other, result)).toEqual(expected);
  });

  test.each(calls)('%s, which waits for a predict', async (_name, prepare) => {
    const seed = randomSeed();
    const run = async (isSpoilt: boolean) => {
      const random = rng(seed);
      const { call, spoil } = prepare(random, 3);
      const before = samples(random, 2 * ROWS, 3);
      const model = await makeModel(3);
      const predicted = model.predict(before.x, { batchSize: ROWS });
      const result = call(model);
      if (isSpoilt) {
        spoil();
        before.spoil();
      }
      return [(await predicted).data, ...(await outcome(model, result))];
    };
    expect(await run(true)).toEqual(await run(false));
  });

  test.each(calls.filter(([name]) => ['fit', 'evaluate', 'predict'].includes(name)))(
    '%s, which has to be tuned first',
    async (_name, prepare) => {
      // It has measured nothing yet; the device has compiled for the tests before.
      const own = await requestGpu({ tuning: 'session', device: gpu.device });
      onTestFinished(() => own.dispose());
      const model = await makeModel(UNITS, own);
      const seed = randomSeed();
      const run = async (isSpoilt: boolean) => {
        const { call, spoil } = prepare(rng(seed), UNITS);
        model.setWeights(weights);
        model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
        model.resetStates();
        const result = call(model);
        if (isSpoilt) spoil();
        return outcome(model, result);
      };
      const weights = await model.getWeights();
      // The first call is the one that waits; the second finds everything measured, and runs the same kernels.
      expect(await run(true)).toEqual(await run(false));
    },
  );

  test('trainMany', async () => {
    const seed = randomSeed();
    const make = async () => {
      const layers = [lstm({ units: 3 }), dense({ units: 1 })];
      const models = [0, 1].map(async (n) => {
        const model = await sequential(gpu, { inputShape: [STEPS, FEATURES], layers, seed: n });
        model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
        return model;
      });
      return Promise.all(models);
    };
    const run = async (isSpoilt: boolean) => {
      const [models, { x, y, spoil }] = [await make(), samples(rng(seed), ROWS, 3)];
      const running = trainMany(models, x, y, { batchSize: 1, epochs: 2, validationData: [x, y] });
      if (isSpoilt) spoil();
      return [await running, await weightsOf(models[0]), await weightsOf(models[1])];
    };
    expect(await run(true)).toEqual(await run(false));
  });
});
