import { describe, test } from 'vitest';
import { l1l2, maxNorm, minMaxNorm, nonNeg, sgd, unitNorm } from '../../../src/index.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { finiteDifference } from '../../reference/finite-difference.ts';
import { FEATURES, UNITS, cases, close, setUp, shapeOf } from './loss-cases.ts';
import { array, weightsOf } from './make-model.ts';

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

  const scaled = (factor: (norm: number) => number) => (column: number[]) => {
    const norm = Math.hypot(...column);
    return column.map((w) => w * factor(norm));
  };
  test.each([
    ['nonNeg', nonNeg(), (column: number[]) => column.map((w) => Math.max(w, 0))],
    ['maxNorm', maxNorm(0.8), scaled((norm) => Math.min(norm, 0.8) / norm)],
    ['unitNorm', unitNorm(), scaled((norm) => 1 / norm)],
    [
      'minMaxNorm',
      minMaxNorm({ lowest: 1.2, largest: 1.5, rate: 0.5 }),
      scaled((norm) => 0.5 + (0.5 * Math.min(Math.max(norm, 1.2), 1.5)) / norm),
    ],
  ])('%s is applied to columns of the kernel and to the whole bias', async (_name, constraint, expected) => {
    const rules = { kernelConstraint: constraint, biasConstraint: constraint };
    const { model, x, y, kernel, bias } = await setUp(plain, 'none', rules);
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: plain.loss });
    await model.trainOnBatch(x, array(y.flat(), shapeOf(plain)));
    const [seenKernel, seenBias] = await weightsOf(model);
    const columns = Array.from({ length: UNITS }, (_, unit) =>
      expected(Array.from({ length: FEATURES }, (_row, k) => kernel[k * UNITS + unit])),
    );
    const wanted = Array.from(kernel, (_, index) => columns[index % UNITS][Math.floor(index / UNITS)]);
    expectClose(seenKernel, wanted, { atol: 1e-6, rtol: 1e-6, what: 'kernel' });
    expectClose(seenBias, expected([...bias]), { atol: 1e-6, rtol: 1e-6, what: 'bias' });
  });
});
