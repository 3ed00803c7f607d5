import { describe, test } from 'vitest';
import { sgd } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { finiteDifference } from '../../../reference/finite-difference.ts';
import { SAMPLES, UNITS, cases, close, setUp, shapeOf, weightings } from '../builders/loss-cases.ts';
import { array, weightsOf } from '../builders/make-model.ts';

describe.each(Object.entries(cases))('%s', (_name, lossCase) => {
  test.each(weightings)('loss, gradient, prediction and metrics; weights: %s', async (weighting) => {
    const { model, x, y, sampleWeight, kernel, bias, totalLoss, outputs, weightOf, mask } = await setUp(
      lossCase,
      weighting,
    );
    const isExact = lossCase.targets === 'classes' || lossCase.targets === 'shares';
    model.compile({
      optimizer: sgd({ learningRate: 1 }),
      loss: lossCase.loss,
      metrics: isExact ? ['acc'] : [{ metric: 'mae', name: 'acc' }],
      weightedMetrics: isExact ? [{ metric: 'accuracy', name: 'weighted' }] : [{ metric: 'mae', name: 'weighted' }],
    });
    const places = y.map((_, place) => outputs(place));
    expectClose(
      (await model.predict(x)).data,
      places.flatMap(({ p }) => p),
      { ...close, what: 'prediction' },
    );
    const before = await weightsOf(model);
    const targets = array(y.flat(), shapeOf(lossCase));
    const { history } = await model.fit(x, targets, { batchSize: SAMPLES, shuffle: false, sampleWeight });
    const after = await weightsOf(model);

    expectClose(history.loss, [totalLoss()], { ...close, what: 'loss' });
    for (const [n, weight] of [kernel, bias].entries()) {
      const gradient = before[n].map((value, k) => value - after[n][k]);
      expectClose(gradient, finiteDifference(totalLoss, weight), { ...close, what: `gradient of weight ${n}` });
    }

    const top = (values: readonly number[]) => values.indexOf(Math.max(...values));
    const figure = ({ z, p }: { z: number[]; p: number[] }, target: number[]) =>
      isExact
        ? Number(top(z) === (target.length === 1 ? target[0] : top(target)))
        : p.reduce((sum, value, k) => sum + Math.abs(value - target[k]), 0) / UNITS;
    const mean = (weight: (place: number) => number) => {
      const sums = places.reduce(
        ([sum, total], place, n) => [sum + weight(n) * figure(place, y[n]), total + weight(n)],
        [0, 0],
      );
      return sums[0] / sums[1];
    };
    // A mask counts in every metric, sample weights only in those asked to be weighted.
    expectClose(history.acc, [mean((place) => mask[place])], { ...close, what: 'metric' });
    expectClose(history.weighted, [mean(weightOf)], { ...close, what: 'weighted metric' });
  });
});
