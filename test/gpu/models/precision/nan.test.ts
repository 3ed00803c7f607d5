import { describe, expect, onTestFinished, test } from 'vitest';
import {
  adam,
  adamw,
  binaryCrossentropy,
  categoricalCrossentropy,
  dense,
  gru,
  huber,
  l1,
  lstm,
  maxNorm,
  nonNeg,
  rmsprop,
  sequential,
  sgd,
  simpleRnn,
  sparseCategoricalCrossentropy,
  type CompileOptions,
  type DenseOptions,
  type Model,
  type SequentialOptions,
} from '../../../../src/index.ts';
import type { LayerDefinition } from '../../../../src/models/network/layers/layer.ts';
import { gpu } from '../../gpu.ts';
import { ramp } from '../builders/expect-error.ts';
import { array } from '../builders/make-model.ts';

async function build(layers: LayerDefinition[], options: Partial<SequentialOptions> = {}): Promise<Model> {
  const model = await sequential(gpu, { inputShape: [3, 2], layers, seed: 5, ...options });
  onTestFinished(() => model.dispose());
  return model;
}

/** Makes the first number of each weight NaN, or all of them. */
async function poison(model: Model, which: 'first' | 'all'): Promise<void> {
  const weights = await model.getWeights();
  for (const { data } of weights) data.fill(NaN, 0, which === 'first' ? 1 : data.length);
  model.setWeights(weights);
}

const areNaN = (numbers: ArrayLike<number>) => Array.from(numbers, Number.isNaN);
const all = (numbers: ArrayLike<number>) => Array.from(numbers, () => true);
const [x, y] = [ramp(4, 3, 2), ramp(4, 1)];

describe('a model whose weights are NaN predicts NaN, has a loss of NaN, and stays so', () => {
  const cells: [name: string, layer: LayerDefinition][] = [
    ['lstm', lstm({ units: 4 })],
    ['gru', gru({ units: 4 })],
    ['gru, reset before', gru({ units: 4, resetAfter: false })],
    ['simpleRnn', simpleRnn({ units: 4 })],
    ...(['hardSigmoid', 'relu', 'elu', 'softplus', 'softsign'] as const).map(
      (activation): [string, LayerDefinition] => [
        `lstm of ${activation}`,
        lstm({ units: 4, activation, recurrentActivation: activation === 'hardSigmoid' ? activation : 'sigmoid' }),
      ],
    ),
  ];
  const heads = ['sigmoid', 'relu', undefined] as const;
  const runs = cells.flatMap(([name, layer]) => heads.map((activation) => ({ name, layer, activation })));
  test.each(runs)('$name, head $activation', async ({ layer, activation }) => {
    const model = await build([layer, dense({ units: 1, activation })]);
    model.compile({ optimizer: sgd(), loss: 'meanSquaredError', metrics: ['accuracy', 'meanAbsoluteError'] });
    await poison(model, 'all');
    expect(areNaN((await model.predict(x)).data)).toEqual(all(y.data));
    const logs = await model.evaluate(x, y);
    expect(areNaN(Object.values(logs))).toEqual([true, true, true]);
    const trained = await model.fit(x, y, { batchSize: 2 });
    expect(trained.history.loss).toEqual([NaN]);
    for (const { data } of await model.getWeights()) expect(areNaN(data)).toEqual(all(data));
  });

  test.each(['resident', 'fused', 'stepped'] as const)('in the schedule %s', async (schedule) => {
    const model = await build([lstm({ units: 4 }), dense({ units: 1, activation: 'sigmoid' })], { schedule });
    model.compile({ optimizer: adam(), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
    await poison(model, 'all');
    expect(areNaN(Object.values(await model.evaluate(x, y)))).toEqual([true, true]);
    const { history } = await model.fit(x, y, { batchSize: 2 });
    expect(history).toEqual({ loss: [NaN], accuracy: [NaN] });
    for (const { data } of await model.getWeights()) expect(areNaN(data)).toEqual(all(data));
  });
});

describe('a prediction that is NaN makes NaN', () => {
  const ones = array([1, 0, 1, 0], [4, 1]);
  const oneHot = array([1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0], [4, 3]);
  const classes = array([0, 1, 2, 0], [4, 1]);
  const cases: [
    name: string,
    units: number,
    activation: DenseOptions['activation'],
    target: typeof ones,
    loss: CompileOptions['loss'],
    metrics: CompileOptions['metrics'],
  ][] = [
    ['binary cross-entropy of logits', 1, 'sigmoid', ones, 'binaryCrossentropy', ['binaryAccuracy']],
    ['binary cross-entropy of probabilities', 1, undefined, ones, 'binaryCrossentropy', ['accuracy']],
    ['clipped binary cross-entropy', 1, 'sigmoid', ones, binaryCrossentropy({ clipped: true }), []],
    ['smoothed binary cross-entropy', 1, 'sigmoid', ones, binaryCrossentropy({ labelSmoothing: 0.1 }), []],
    ['categorical cross-entropy of logits', 3, 'softmax', oneHot, 'categoricalCrossentropy', ['categoricalAccuracy']],
    ['categorical cross-entropy of probabilities', 3, 'sigmoid', oneHot, categoricalCrossentropy(), ['accuracy']],
    [
      'sparse categorical cross-entropy of logits',
      3,
      'softmax',
      classes,
      'sparseCategoricalCrossentropy',
      ['sparseCategoricalAccuracy'],
    ],
    [
      'sparse categorical cross-entropy of probabilities',
      3,
      'sigmoid',
      classes,
      sparseCategoricalCrossentropy(),
      ['accuracy'],
    ],
    ['squared error', 1, undefined, ones, 'meanSquaredError', ['meanSquaredError']],
    ['absolute error', 1, undefined, ones, 'meanAbsoluteError', ['meanAbsoluteError']],
    ['Huber loss', 1, undefined, ones, huber({ delta: 0.5 }), []],
  ];
  test.each(cases)('of %s and its metrics', async (_name, units, activation, target, loss, metrics) => {
    const model = await build([dense({ units, activation })], { inputShape: [2] });
    model.compile({ optimizer: sgd(), loss, metrics });
    const features = ramp(4, 2);
    const before = await model.evaluate(features, target);
    expect(areNaN(Object.values(before))).toEqual(Object.values(before).map(() => false));
    await poison(model, 'all');
    const logs = await model.trainOnBatch(features, target);
    expect(areNaN(Object.values(logs))).toEqual(all(Object.values(logs)));
    for (const { data } of await model.getWeights()) expect(areNaN(data)).toEqual(all(data));
  });
});

describe('a gradient that is NaN in one place', () => {
  const optimizers: [name: string, optimizer: CompileOptions['optimizer']][] = [
    ['sgd with momentum', sgd({ momentum: 0.9 })],
    ['rmsprop', rmsprop()],
    ['rmsprop, centered', rmsprop({ centered: true })],
    ['adam', adam()],
    ['adam with amsgrad', adam({ amsgrad: true })],
    ['adamw', adamw()],
    ['clipvalue', sgd({ clipvalue: 0.1 })],
    ['clipnorm', sgd({ clipnorm: 0.1 })],
    ['globalClipnorm', sgd({ globalClipnorm: 0.1 })],
    ['accumulation', sgd({ gradientAccumulationSteps: 2 })],
  ];
  test.each(optimizers)('stays NaN with %s, and weights too', async (name, optimizer) => {
    const model = await build([dense({ units: 2 })], { inputShape: [2] });
    model.compile({ optimizer, loss: 'meanSquaredError' });
    await poison(model, 'first');
    for (let n = 0; n < 2; n++) await model.trainOnBatch(array([1, 2, 3, 4], [2, 2]), array([1, 2, 3, 4], [2, 2]));
    const [kernel, bias] = (await model.getWeights()).map(({ data }) => areNaN(data));
    // The first unit's weights; and all where one norm is that of all of a weight, as tf.clip_by_norm has it.
    const isShared = name === 'clipnorm' || name === 'globalClipnorm';
    expect({ kernel, bias }).toEqual({ kernel: [true, isShared, true, isShared], bias: [true, isShared] });
  });

  const rules: [name: string, options: Partial<DenseOptions>][] = [
    ['nonNeg', { kernelConstraint: nonNeg() }],
    ['maxNorm', { kernelConstraint: maxNorm(1) }],
    ['l1', { kernelRegularizer: l1(0.1) }],
  ];
  test.each(rules)('stays NaN under %s', async (_name, options) => {
    const model = await build([dense({ units: 2, ...options })], { inputShape: [2] });
    model.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
    await poison(model, 'first');
    const { loss } = await model.trainOnBatch(array([1, 2, 3, 4], [2, 2]), array([1, 2, 3, 4], [2, 2]));
    expect(loss).toBeNaN();
    expect(areNaN((await model.getWeights())[0].data)).toEqual([true, false, true, false]);
  });
});
