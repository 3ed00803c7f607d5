import { describe, onTestFinished, test } from 'vitest';
import {
  adam,
  dense,
  l1,
  l1l2,
  l2,
  lstm,
  maxNorm,
  minMaxNorm,
  nonNeg,
  sequential,
  sgd,
  unitNorm,
  type Constraint,
  type LstmOptions,
  type Regularizer,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { finiteDifference } from '../../../reference/finite-difference.ts';
import { adam as twinAdam } from '../../../reference/optimizers.ts';
import { ReferenceModel } from '../../../reference/reference-model.ts';
import { gpu } from '../../gpu.ts';
import { UNITS, cases, close, setUp, shapeOf } from '../builders/loss-cases.ts';
import { array, lstmAndHead, makeSamples, setWeights, weightsOf } from '../builders/make-model.ts';

const scaled = (factor: (norm: number) => number) => (column: number[]) => {
  const norm = Math.hypot(...column);
  return column.map((w) => w * factor(norm));
};

/** What each constraint makes of a column. */
const constraints: [name: string, rule: Constraint, expected: (column: number[]) => number[]][] = [
  ['nonNeg', nonNeg(), (column) => column.map((w) => Math.max(w, 0))],
  ['maxNorm', maxNorm(0.8), scaled((norm) => Math.min(norm, 0.8) / norm)],
  ['unitNorm', unitNorm(), scaled((norm) => 1 / norm)],
  [
    'minMaxNorm',
    minMaxNorm({ lowest: 1.2, largest: 1.5, rate: 0.5 }),
    scaled((norm) => 0.5 + (0.5 * Math.min(Math.max(norm, 1.2), 1.5)) / norm),
  ],
];

/** A matrix of so many columns, each replaced by what is made of it. */
function byColumns(weight: Float64Array, columns: number, of: (column: number[]) => number[]): number[] {
  const replaced = Array.from({ length: columns }, (_, c) => of([...weight].filter((__, k) => k % columns === c)));
  return Array.from(weight, (_, k) => replaced[k % columns][Math.floor(k / columns)]);
}

describe('rules for weights', () => {
  const plain = cases['mean absolute error'];

  test('penalties are part of the loss, in training and in testing, and of the gradient', async () => {
    const rules = { kernelRegularizer: l1l2(0.03, 0.02), biasRegularizer: l1l2(0, 0.05) };
    const { model, x, y, kernel, bias, totalLoss } = await setUp(plain, 'none', rules);
    model.compile({ optimizer: sgd({ learningRate: 1 }), loss: plain.loss });
    const targets = array(y.flat(), shapeOf(plain));
    const penalized = () =>
      totalLoss() +
      kernel.reduce((sum, w) => sum + 0.03 * Math.abs(w) + 0.02 * w * w, 0) +
      bias.reduce((sum, w) => sum + 0.05 * w * w, 0);
    const before = await weightsOf(model);
    const tested = await model.evaluate(x, targets, { batchSize: 2 });
    const { loss } = await model.trainOnBatch(x, targets);
    expectClose([tested.loss, loss], [penalized(), penalized()], { ...close, what: 'losses' });
    const after = await weightsOf(model);
    for (const [n, weight] of [kernel, bias].entries()) {
      const gradient = before[n].map((value, k) => value - after[n][k]);
      expectClose(gradient, finiteDifference(penalized, weight), { ...close, what: `gradient of weight ${n}` });
    }
  });

  test.each(constraints)(
    '%s is applied to columns of the kernel and to the whole bias',
    async (_name, rule, expected) => {
      const rules = { kernelConstraint: rule, biasConstraint: rule };
      const { model, x, y, kernel, bias } = await setUp(plain, 'none', rules);
      model.compile({ optimizer: sgd({ learningRate: 0 }), loss: plain.loss });
      await model.trainOnBatch(x, array(y.flat(), shapeOf(plain)));
      const [seenKernel, seenBias] = await weightsOf(model);
      expectClose(seenKernel, byColumns(kernel, UNITS, expected), { atol: 1e-6, rtol: 1e-6, what: 'kernel' });
      expectClose(seenBias, byColumns(bias, 1, expected), { atol: 1e-6, rtol: 1e-6, what: 'bias' });
    },
  );
});

describe('rules for the weights of an LSTM, over five steps of training', () => {
  const [UNITS_OF_LSTM, ROWS] = [4, 3];
  const spec = { inputShape: [5, 2], layers: lstmAndHead(UNITS_OF_LSTM, false) } as const;
  // Options with which one workgroup would train the model, if it knew the rules.
  const options = { learningRate: 0.05, epsilon: 1e-2 };
  const close = { atol: 5e-6, rtol: 5e-6, reason: 'float32 against float64 over five steps' };

  type Column = (column: number[]) => number[];
  /** Trains a model and its twin, whose penalties are l1 · |w| + l2 · w²; the lists are by kernel, recurrent, bias. */
  async function expectAsTwin(
    rules: Partial<LstmOptions>,
    penalties: Partial<Regularizer>[],
    columns: (Column | undefined)[],
  ) {
    const random = rng(randomSeed());
    const twin = new ReferenceModel({ ...spec, loss: 'binaryCrossentropy' });
    const weights = twin.weights.map(({ length }) => random.array(length, 0.5));
    twin.setWeights(weights);
    const layers = [lstm({ units: UNITS_OF_LSTM, ...rules }), dense({ units: 1, activation: 'sigmoid' })];
    const model = await sequential(gpu, { inputShape: spec.inputShape, layers });
    onTestFinished(() => model.dispose());
    await setWeights(model, weights);
    model.compile({ optimizer: adam(options), loss: 'binaryCrossentropy' });
    const optimizer = twinAdam(options);

    for (let step = 0; step < 5; step++) {
      const { x, y } = makeSamples(random, spec, ROWS);
      const expected = twin.gradients(x.data, y.data);
      penalties.forEach(({ l1: a = 0, l2: b = 0 }, n) => {
        twin.weights[n].forEach((w, k) => {
          expected.loss += a * Math.abs(w) + b * w ** 2;
          expected.gradients[n][k] += a * Math.sign(w) + 2 * b * w;
        });
      });
      optimizer.step(twin.weights, expected.gradients);
      columns.forEach((column, n) => {
        const width = n === 2 ? 1 : 4 * UNITS_OF_LSTM;
        if (column) twin.weights[n].set(byColumns(twin.weights[n], width, column));
      });
      const { loss } = await model.trainOnBatch(x, y);
      expectClose([loss], [expected.loss], { ...close, what: `loss of step ${step}` });
      (await weightsOf(model)).forEach((weight, n) => {
        expectClose(weight, twin.weights[n], { ...close, what: `weight ${n} after step ${step}` });
      });
    }
  }

  const kinds = ['kernel', 'recurrent', 'bias'] as const;
  /** A list with a value in the place of one kind. */
  const at = <T>(kind: (typeof kinds)[number], value: T, others: T) =>
    kinds.map((other) => (other === kind ? value : others));

  describe.each(kinds)('of the %s:', (kind) => {
    test.each([
      ['l1', l1(0.03)],
      ['l2', l2(0.2)],
      ['l1l2', l1l2(0.02, 0.1)],
    ])('%s', async (_name, penalty) => {
      await expectAsTwin({ [`${kind}Regularizer`]: penalty }, at<Partial<Regularizer>>(kind, penalty, {}), []);
    });

    test.each(constraints)('%s', async (_name, rule, column) => {
      await expectAsTwin({ [`${kind}Constraint`]: rule }, [], at<Column | undefined>(kind, column, undefined));
    });
  });

  test('all of them, each its own', async () => {
    const penalties = [l1(0.03), l2(0.1), l1l2(0.01, 0.05)];
    const rules = [constraints[1], constraints[3], constraints[0]];
    await expectAsTwin(
      Object.fromEntries(
        kinds.flatMap((kind, n) => [
          [`${kind}Regularizer`, penalties[n]],
          [`${kind}Constraint`, rules[n][1]],
        ]),
      ),
      penalties,
      rules.map(([, , column]) => column),
    );
  });
});
