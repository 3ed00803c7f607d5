import { describe, expect, onTestFinished, test } from 'vitest';
import { adam, dense, lstm, requestGpu, sequential, trainMany, type Model } from '../../../src/index.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { array, elementsOf, weightsOf } from './make-model.ts';

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

  async function makeModel(units: number, tuning: 'session' | 'off') {
    const gpu = await requestGpu({ tuning });
    onTestFinished(() => gpu.dispose());
    const layers = [lstm({ units, stateful: true }), dense({ units: 1 })];
    const model = await sequential(gpu, { inputShape: [STEPS, FEATURES], batchSize: ROWS, layers, seed: 3 });
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
    const [one, other] = [await makeModel(3, 'off'), await makeModel(3, 'off')];
    const expected = await outcome(one, plain.call(one));
    const result = spoilt.call(other);
    spoilt.spoil();
    expect(await outcome(other, result)).toEqual(expected);
  });

  test.each(calls)('%s, which waits for a predict that has to be tuned first', async (_name, prepare) => {
    const seed = randomSeed();
    const model = await makeModel(UNITS, 'session');
    const again = async () => {
      const random = rng(seed);
      const { call, spoil } = prepare(random, UNITS);
      const { x } = samples(random, 2 * ROWS, UNITS);
      return { call, spoil, x };
    };
    // The same twice on one model, so that both times the same kernels run: the first time nothing is reused.
    const weights = (await model.getWeights()).map(({ shape, data }) => ({ shape, data: data.slice() }));
    const from = () => {
      model.setWeights(weights);
      model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
      model.resetStates();
    };
    const spoilt = await again();
    from();
    const first = model.predict(spoilt.x, { batchSize: ROWS });
    const result = spoilt.call(model);
    spoilt.spoil();
    spoilt.x.data.fill(0.125);
    const seen = [(await first).data, ...(await outcome(model, result))];

    const plain = await again();
    from();
    const predicted = (await model.predict(plain.x, { batchSize: ROWS })).data;
    expectAlike(seen, [predicted, ...(await outcome(model, plain.call(model)))]);
  });

  test('trainMany', async () => {
    const seed = randomSeed();
    const make = async () => {
      const gpu = await requestGpu({ tuning: 'off' });
      onTestFinished(() => gpu.dispose());
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

/** Kernels that were measured meanwhile may sum in another order, so numbers may differ by their rounding. */
function expectAlike(seen: unknown, expected: unknown): void {
  const flat = (value: unknown): number[] => {
    if (typeof value === 'number') return [value];
    if (ArrayBuffer.isView(value)) return [...(value as Float32Array)];
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(flat) : [];
  };
  const [a, b] = [flat(seen), flat(expected)];
  expect(a.length).toBe(b.length);
  const worst = a.reduce(
    (most, value, index) => Math.max(most, Math.abs(value - b[index]) / (1 + Math.abs(b[index]))),
    0,
  );
  expect(worst).toBeLessThan(1e-4);
}
