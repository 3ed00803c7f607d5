import { describe, expect, onTestFinished, test } from 'vitest';
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  dense,
  huber,
  l1l2,
  masking,
  maxNorm,
  minMaxNorm,
  nonNeg,
  sequential,
  sgd,
  sparseCategoricalCrossentropy,
  unitNorm,
  type CompileOptions,
  type DenseOptions,
} from '../../../src/index.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { finiteDifference } from '../../reference/finite-difference.ts';
import {
  positionLosses,
  predictionOf,
  type PositionLoss,
  type PositionLossName,
} from '../../reference/position-losses.ts';
import { gpu } from '../gpu.ts';
import { array, weightsOf } from './make-model.ts';

const [SAMPLES, STEPS, FEATURES, UNITS] = [5, 4, 3, 3];

interface Case {
  loss: CompileOptions['loss'];
  activation?: 'sigmoid' | 'softmax';
  /** The twin, of the values before the activation or, with `behind`, of those behind it. */
  twin: PositionLossName;
  behind?: boolean;
  targets: 'bits' | 'shares' | 'classes' | 'numbers';
}

const cases: Record<string, Case> = {
  'binary cross-entropy behind a sigmoid': {
    loss: 'binaryCrossentropy',
    activation: 'sigmoid',
    twin: 'binaryCrossentropy from logits',
    targets: 'bits',
  },
  'binary cross-entropy, clipped': {
    loss: binaryCrossentropy({ clipped: true }),
    activation: 'sigmoid',
    twin: 'binaryCrossentropy',
    behind: true,
    targets: 'bits',
  },
  'binary cross-entropy of logits, smoothed': {
    loss: binaryCrossentropy({ fromLogits: true, labelSmoothing: 0.1 }),
    twin: 'binaryCrossentropy from logits, smoothed',
    targets: 'bits',
  },
  'categorical cross-entropy behind a softmax': {
    loss: 'categoricalCrossentropy',
    activation: 'softmax',
    twin: 'categoricalCrossentropy from logits',
    targets: 'shares',
  },
  'categorical cross-entropy, clipped': {
    loss: categoricalCrossentropy({ clipped: true }),
    activation: 'softmax',
    twin: 'categoricalCrossentropy',
    behind: true,
    targets: 'shares',
  },
  'sparse categorical cross-entropy behind a softmax': {
    loss: 'sparseCategoricalCrossentropy',
    activation: 'softmax',
    twin: 'sparseCategoricalCrossentropy from logits',
    targets: 'classes',
  },
  'sparse categorical cross-entropy of logits': {
    loss: sparseCategoricalCrossentropy({ fromLogits: true }),
    twin: 'sparseCategoricalCrossentropy from logits',
    targets: 'classes',
  },
  'mean squared error behind a softmax': {
    loss: 'meanSquaredError',
    activation: 'softmax',
    twin: 'meanSquaredError',
    behind: true,
    targets: 'numbers',
  },
  'mean absolute error': { loss: 'meanAbsoluteError', twin: 'meanAbsoluteError', targets: 'numbers' },
  'Huber with delta 1': { loss: huber({ delta: 1 }), twin: 'huber', targets: 'numbers' },
};

type Weighting = 'none' | 'a weight a sample' | 'a weight a step' | 'masked' | 'masked and weighted';
const weightings: Weighting[] = ['none', 'a weight a sample', 'a weight a step', 'masked', 'masked and weighted'];

/** A dense layer at every step, its data, its weights, and what its loss is in float64. */
async function setUp(
  { activation, twin, behind, targets }: Case,
  weighting: Weighting,
  rules: Partial<DenseOptions> = {},
) {
  const random = rng(randomSeed());
  const isMasked = weighting.startsWith('masked');
  const model = await sequential(gpu, {
    inputShape: [STEPS, FEATURES],
    layers: [...(isMasked ? [masking({ maskValue: 0 })] : []), dense({ units: UNITS, activation, ...rules })],
  });
  onTestFinished(() => model.dispose());
  const places = SAMPLES * STEPS;
  const x = random.array(places * FEATURES, 1);
  const mask = Array.from({ length: places }, () => (isMasked ? random.integer(0, 1) : 1));
  mask.forEach((valid, place) => valid || x.fill(0, place * FEATURES, (place + 1) * FEATURES));

  const row = (): number[] => {
    if (targets === 'classes') return [random.integer(0, UNITS - 1)];
    if (targets === 'bits') return Array.from({ length: UNITS }, () => random.integer(0, 1));
    const numbers = Array.from({ length: UNITS }, () => random.uniform(0, 1));
    const sum = numbers.reduce((total, value) => total + value, 0);
    return targets === 'shares' ? numbers.map((value) => Math.fround(value / sum)) : numbers.map(Math.fround);
  };
  const y = Array.from({ length: places }, row);

  const perSample = weighting === 'a weight a sample' || weighting === 'masked and weighted';
  const given = perSample
    ? random.array(SAMPLES, 1).map(Math.abs)
    : weighting === 'a weight a step'
      ? random.array(places, 1).map(Math.abs)
      : undefined;
  const sampleWeight = given && array(given, perSample ? [SAMPLES] : [SAMPLES, STEPS]);
  const weightOf = (place: number) => mask[place] * (given ? given[perSample ? Math.floor(place / STEPS) : place] : 1);
  const valid = mask.reduce((sum, value) => sum + value, 0);

  const weights = [random.array(FEATURES * UNITS, 1), random.array(UNITS, 1)];
  const [kernel, bias] = weights.map((data) => Float64Array.from(data));
  model.setWeights([array(weights[0], [FEATURES, UNITS]), array(weights[1], [UNITS])]);

  const loss: PositionLoss = positionLosses[twin];
  const outputs = (place: number): { z: number[]; p: number[] } => {
    const z = Array.from({ length: UNITS }, (_, unit) => {
      let sum = bias[unit];
      for (let k = 0; k < FEATURES; k++) sum += x[place * FEATURES + k] * kernel[k * UNITS + unit];
      return sum;
    });
    return { z, p: activation ? predictionOf[activation](z) : z };
  };
  const totalLoss = () => {
    let sum = 0;
    for (let place = 0; place < places; place++) {
      const { z, p } = outputs(place);
      sum += weightOf(place) * loss.value(behind ? p : z, y[place]);
    }
    return (sum / places) * (places / valid);
  };
  return {
    model,
    x: array(x, [SAMPLES, STEPS, FEATURES]),
    y,
    sampleWeight,
    kernel,
    bias,
    totalLoss,
    outputs,
    weightOf,
    mask,
  };
}

const shapeOf = ({ targets }: Case) => (targets === 'classes' ? [SAMPLES, STEPS] : [SAMPLES, STEPS, UNITS]);
const close = { atol: 3e-6, rtol: 1e-5, reason: 'float32 throughout, and differences of weights rounded to 1e-7' };

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

describe('weights of samples', () => {
  const plain = cases['mean absolute error'];

  test('by class are weights of samples', async () => {
    const {
      model,
      x,
      sampleWeight: _,
      ...rest
    } = await setUp(cases['sparse categorical cross-entropy of logits'], 'none');
    model.compile({ optimizer: sgd(), loss: sparseCategoricalCrossentropy({ fromLogits: true }) });
    const y = array(rest.y.flat(), [SAMPLES, STEPS]);
    const byClass = [0.5, 1, 3];
    const sampleWeight = array(
      rest.y.map(([label]) => byClass[label]),
      [SAMPLES, STEPS],
    );
    const expected = await model.evaluate(x, y, { sampleWeight });
    const { history } = await model.fit(x, y, { classWeight: { 0: 0.5, 2: 3 }, batchSize: 32 });
    expectClose(history.loss, [expected.loss], { atol: 0, rtol: 1e-6, what: 'loss' });
  });

  test('count in validation, and over several batches each sample alike', async () => {
    const { model, x, y, sampleWeight, totalLoss } = await setUp(plain, 'a weight a step');
    model.compile({ optimizer: sgd({ learningRate: 0 }), loss: plain.loss });
    const targets = array(y.flat(), shapeOf(plain));
    const { history } = await model.fit(x, targets, {
      sampleWeight,
      validationData: [x, targets, sampleWeight!],
      batchSize: 2,
    });
    expectClose([...history.loss, ...history.valLoss], [totalLoss(), totalLoss()], { ...close, what: 'losses' });
  });

  test.each([
    ['of another shape', { sampleWeight: [1, 2] }, 'sampleWeight has shape [2], expected [5] or [5, 4]'],
    ['besides weights of classes', { sampleWeight: [1, 1, 1, 1, 1], classWeight: { 0: 1 } }, 'both given'],
    ['of a class that is none', { classWeight: { half: 1 } as Record<number, number> }, 'classWeight holds half'],
  ])('%s are refused', async (_what, options, says) => {
    const { model, x, y } = await setUp(plain, 'none');
    model.compile({ optimizer: sgd(), loss: plain.loss });
    await expect(model.fit(x, array(y.flat(), shapeOf(plain)), options)).rejects.toThrow(says);
  });
});

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
