import { describe, expect, test } from 'vitest';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { meanLoss } from '../../../reference/losses.ts';
import type { DenseSpec, LayerSpec } from '../../../reference/reference-model.ts';
import { array, makeModel, makePair, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const adam = { kind: 'adam', learningRate: 0.02, epsilon: 1e-2 } as const;

const schedules = ['layered', 'fused', 'stepped'] as const;

/** Deno compiles all kernels once more, so it runs some of the cases. */
const here = <Case>(cases: Case[]): Case[] => ('Deno' in globalThis ? cases.filter((_, n) => n % 3 === 2) : cases);

interface Alike {
  units: number;
  rows: number;
  steps: number;
  features: number;
  outputs: number;
  stateful: boolean;
  /** Default: cross-entropy for one output, otherwise squared error. */
  loss?: ModelSpec['loss'];
  /** Activation of the head. Default: sigmoid with cross-entropy, linear with squared error. */
  activation?: DenseSpec['activation'];
}

describe('all schedules train alike', () => {
  // Few units, which one workgroup compiles the sooner, and mostly the same, with which the other kernels are compiled.
  const cases: Alike[] = [
    { units: 1, rows: 1, steps: 1, features: 1, outputs: 1, stateful: false },
    { units: 10, rows: 1, steps: 1, features: 1, outputs: 1, stateful: true },
    { units: 3, rows: 5, steps: 7, features: 2, outputs: 1, stateful: true },
    // Just at and just above the workgroup memory that WebGPU promises, 16 KiB.
    { units: 3, rows: 3, steps: 63, features: 2, outputs: 2, stateful: false },
    { units: 3, rows: 3, steps: 64, features: 2, outputs: 2, stateful: true },
    { units: 33, rows: 5, steps: 2, features: 1, outputs: 1, stateful: true },
    { units: 3, rows: 5, steps: 7, features: 2, outputs: 1, stateful: true, loss: 'binaryCrossentropy, clipped' },
    { units: 3, rows: 3, steps: 4, features: 2, outputs: 2, stateful: false, loss: 'binaryCrossentropy, clipped' },
    { units: 3, rows: 3, steps: 4, features: 2, outputs: 2, stateful: false, activation: 'tanh' },
  ];
  test.each(here(cases))('%o', async ({ units, rows, steps, features, outputs, stateful, ...more }) => {
    const random = rng(randomSeed());
    const { loss = outputs === 1 ? 'binaryCrossentropy' : 'meanSquaredError' } = more;
    const { activation = loss === 'meanSquaredError' ? 'linear' : 'sigmoid' } = more;
    const layers: LayerSpec[] = [
      { kind: 'lstm', units, stateful },
      { kind: 'dense', units: outputs, activation },
    ];
    const spec: ModelSpec = {
      inputShape: [steps, features],
      layers,
      batchSize: rows,
      optimizer: adam,
      loss,
      // Nothing that counts: one prediction near the threshold would make a whole difference.
      metrics: ['meanAbsoluteError'],
    };
    const samples = 3 * rows + 1;
    const x = array(random.array(samples * steps * features, 1), [samples, steps, features]);
    const targets = Array.from({ length: samples * outputs }, () => random.integer(0, 1));
    const y = array(targets, [samples, outputs]);
    const run = async (schedule: ModelSpec['schedule']) => {
      const model = await makeModel({ ...spec, schedule });
      const { history } = await model.fit(x, y, { epochs: 2, shuffle: false, validationData: [x, y], batchSize: rows });
      const tested = await model.evaluate(x, y, { batchSize: rows });
      const predicted = (await model.predict(x, { batchSize: rows })).data;
      return {
        figures: [...Object.values(history).flat(), ...Object.values(tested)],
        predicted,
        weights: await weightsOf(model),
      };
    };
    // Asked for by name, the schedule must apply to the losses and the heads that the kernel knows.
    const auto = await run((more.loss ?? more.activation) ? 'resident' : 'auto');
    for (const schedule of schedules) {
      const other = await run(schedule);
      const close = { atol: 5e-6, rtol: 5e-6, reason: 'the same sums in another order, over eight steps' };
      expectClose(other.figures, auto.figures, { ...close, what: `figures, ${schedule}` });
      expectClose(other.predicted, auto.predicted, { ...close, what: `predictions, ${schedule}` });
      other.weights.forEach((weight, n) =>
        expectClose(weight, auto.weights[n], { ...close, what: `weight ${n}, ${schedule}` }),
      );
    }
  });
});

describe('models that fit into a workgroup, and those that only look like it, train as the reference', () => {
  const lstmThen = (...rest: LayerSpec[]): LayerSpec[] => [{ kind: 'lstm', units: 4 }, ...rest];
  const cases: [name: string, spec: Partial<ModelSpec>, outputs: number, isResident: boolean][] = [
    [
      'a head with tanh',
      { layers: lstmThen({ kind: 'dense', units: 2, activation: 'tanh' }), loss: 'meanSquaredError' },
      2,
      true,
    ],
    ['mean squared error behind a sigmoid', { loss: 'meanSquaredError' }, 1, true],
    ['clipped cross-entropy', { loss: 'binaryCrossentropy, clipped' }, 1, true],
    ['cross-entropy of a head without sigmoid', { layers: lstmThen({ kind: 'dense', units: 1 }) }, 1, false],
    [
      'a second dense layer',
      { layers: lstmThen({ kind: 'dense', units: 3 }, { kind: 'dense', units: 1, activation: 'sigmoid' }) },
      1,
      false,
    ],
    ['no head at all', { layers: lstmThen(), loss: 'meanSquaredError' }, 4, false],
    ['two metrics', { metrics: ['meanAbsoluteError', 'meanSquaredError'] }, 1, false],
    ['no metric', { metrics: [] }, 1, true],
  ];
  test.each(here(cases))('%s', async (_name, change, outputs, isResident) => {
    const [rows, steps, features] = [3, 4, 2];
    const { model, twin, random } = await makePair({
      inputShape: [steps, features],
      layers: lstmThen({ kind: 'dense', units: 1, activation: 'sigmoid' }),
      optimizer: adam,
      metrics: [],
      ...change,
    });
    const x = random.array(rows * steps * features, 1);
    const y = Float32Array.from({ length: rows * outputs }, () => random.integer(0, 1));
    const close = { atol: 1e-5, rtol: 1e-5, reason: 'float32 against float64 over three steps' };
    for (let step = 0; step < 3; step++) {
      const p = twin.predictOnBatch(x);
      const expected = {
        loss: twin.trainOnBatch(x, y).loss,
        meanAbsoluteError: meanLoss('meanAbsoluteError', p, y),
        meanSquaredError: meanLoss('meanSquaredError', p, y),
      };
      const seen = await model.trainOnBatch(array(x, [rows, steps, features]), array(y, [rows, outputs]));
      for (const [name, figure] of Object.entries(seen)) {
        expectClose([figure], [expected[name as keyof typeof expected]], { ...close, what: `${name} of step ${step}` });
      }
    }
    expect(model.explain()[0].decision === 'resident').toBe(isResident);
    const weights = await weightsOf(model);
    expect(weights).toHaveLength(twin.weights.length);
    weights.forEach((weight, n) => expectClose(weight, twin.weights[n], { ...close, what: `weight ${n}` }));
  });
});
