import { describe, test } from 'vitest';
import { expectRecorded } from '../golden/expect-recorded.ts';
import { kerasFigures, laidOut } from '../golden/keras-losses.ts';
import { gradientsOfSteps, initialVariables, kerasOptimizers, optionsOf } from '../golden/keras-optimizers.ts';
import { arange, constantWeights, kerasRecurrentUnitTests, unitTestSpec } from '../golden/keras-unit-tests.ts';
import { finalHead, kerasWeights, torchLstms, trainableWeights, withOnes } from '../golden/torch-lstm.ts';
import type { Numbers } from '../reference/arrays.ts';
import { binaryAccuracy } from '../reference/losses.ts';
import { adam, rmsprop, sgd, withStepOptions } from '../reference/optimizers.ts';
import { positionLosses, type PositionLoss } from '../reference/position-losses.ts';
import { recurrent, type RecurrentShape } from '../reference/recurrent.ts';
import { ReferenceModel } from '../reference/reference-model.ts';

const forward = { atol: 5e-7, rtol: 0, reason: 'recorded in float32, which was up to 4e-7 off' };
const backward = { atol: 3e-6, rtol: 1e-6, reason: 'recorded in float32, which was up to 3e-6 off' };
const trajectory = { atol: 3e-6, rtol: 0, reason: 'float32 roundings add up over the steps' };

describe("the twin of a recurrent layer against Keras' own unit tests", () => {
  test.each(kerasRecurrentUnitTests)('$layer, $test, $config', (recorded) => {
    const [batch, steps, features] = recorded.input.shape;
    const { units, return_sequences } = recorded.config;
    const shape = { batch, steps, features, units };
    const mask = recorded.mask?.flat().map(Number);
    let initial: readonly Numbers[] | undefined = recorded.initial_state?.map((input) =>
      arange({ input: { shape: [...input.shape, 1] } }),
    );
    let output: Float64Array = new Float64Array();
    for (let call = 0; call < recorded.calls; call++) {
      const run = recurrent(unitTestSpec(recorded), shape, constantWeights(recorded), arange(recorded), {
        mask,
        initial,
      });
      initial = run.last;
      output = run.output;
    }
    const wanted = return_sequences ? output : lastOf(output, shape);
    expectRecorded(wanted, recorded.expected.flat(2), { ...forward, what: 'Keras unit tests, output' });
  });
});

/** The outputs of the last step, [B, H]. */
function lastOf(output: Float64Array, { batch, steps, units }: RecurrentShape): Float64Array {
  const first = (row: number) => ((row + 1) * steps - 1) * units;
  return Float64Array.from({ length: batch * units }, (_, n) => output[first(Math.floor(n / units)) + (n % units)]);
}

describe('the twin of an LSTM against PyTorch', () => {
  test.each(torchLstms)('$name', ({ config, params, x, h0, c0, loss_weights, expected }) => {
    const { input_size, hidden_size: units, batch, time: steps, num_layers } = config;
    const ofLayer = (data: number[], layer: number) => data.slice(layer * batch * units, (layer + 1) * batch * units);

    let input: Numbers = x.data;
    const runs = Array.from({ length: num_layers }, (_, layer) => {
      const shape = { batch, steps, features: layer === 0 ? input_size : units, units };
      const initial = [h0, c0].map(({ data }) => ofLayer(data, layer));
      const run = recurrent({ cell: 'lstm' }, shape, kerasWeights(params, layer), input, { initial });
      input = run.output;
      return run;
    });
    let gradient: Numbers = loss_weights.R_out.data;
    for (const [layer, run] of [...runs.entries()].toReversed()) {
      const { R_h, R_c } = loss_weights;
      const last = [R_h, R_c].map(({ data }) => ofLayer(data, layer));
      const gradients = run.backward(gradient, last);
      gradient = gradients.x;
      // Both biases of PyTorch have the gradient of the one bias: adding them up gives it twice.
      const wanted = kerasWeights(expected.grads, layer);
      const doubled = gradients.bias.map((value) => 2 * value);
      const { hn, cn, grad_h0, grad_c0 } = expected;
      for (const [n, name] of ['h', 'c'].entries()) {
        expectRecorded(run.last[n], ofLayer([hn, cn][n].data, layer), { ...forward, what: `PyTorch, ${name}` });
        const initial = ofLayer([grad_h0, grad_c0][n].data, layer);
        expectRecorded(gradients.initial[n], initial, { ...backward, what: `PyTorch, gradient of ${name}0` });
      }
      expectRecorded(gradients.kernel, wanted.kernel, { ...backward, what: 'PyTorch, gradient of kernel' });
      expectRecorded(gradients.recurrentKernel, wanted.recurrentKernel, {
        ...backward,
        what: 'PyTorch, gradient of recurrent kernel',
      });
      expectRecorded(doubled, wanted.bias, { ...backward, what: 'PyTorch, gradient of both biases' });
    }
    expectRecorded(input, expected.out.data, { ...forward, what: 'PyTorch, output' });
    expectRecorded(gradient, expected.grad_x.data, { ...backward, what: 'PyTorch, gradient of x' });
  });
});

describe('training the reference model against PyTorch', () => {
  // One layer from zero: the trick with the ones serves only a first layer, and a model starts from zero.
  const runs = torchLstms
    .filter(({ config, h0 }) => config.num_layers === 1 && h0.data.every((value) => value === 0))
    .flatMap((recorded) => Object.keys(recorded.optim).map((name) => ({ recorded, name })))
    .filter(({ name }) => name === 'adam' || name.startsWith('sgd'));

  test.each(runs)('$recorded.name, $name', ({ recorded, name }) => {
    const { config, params, head, x, y, optim } = recorded;
    const { hyper, losses, final } = optim[name];
    const model = new ReferenceModel({
      inputShape: [config.time, config.input_size + 1],
      layers: [
        { kind: 'lstm', units: config.hidden_size },
        { kind: 'dense', units: y.shape[1] },
      ],
      loss: 'meanSquaredError',
      optimizer:
        name === 'adam'
          ? adam({ learningRate: hyper.lr, epsilon: hyper.eps, epsilonBeside: 'corrected' })
          : sgd({ learningRate: hyper.lr, momentum: hyper.momentum, nesterov: hyper.nesterov }),
    });
    model.setWeights(trainableWeights(params, head));
    const ones = withOnes(x);
    const seen = losses.map(() => model.trainOnBatch(ones, y.data).loss);
    expectRecorded(seen, losses, { ...trajectory, what: `PyTorch, losses with ${name}` });
    const wanted = trainableWeights(final, finalHead(final));
    model.weights.forEach((weight, index) => {
      expectRecorded(weight, wanted[index], { ...trajectory, what: `PyTorch, weights after ten steps of ${name}` });
    });
  });
});

describe('the optimizers against Keras', () => {
  // Keras takes 1 - 0.999^t in float32, 1.3e-5 off: a step as long as the learning rate is 6.4e-6 of that too short or long.
  const tolerance = (learningRate: number) => ({
    atol: 1e-6 + 10 * 6.4e-6 * learningRate,
    rtol: 0,
    reason: 'roundings of weights, and of the powers of beta in ten steps',
  });
  const rules = { SGD: sgd, RMSprop: rmsprop, Adam: adam, AdamW: adam };
  test.each(kerasOptimizers)('$optimizer', (recorded) => {
    const { optimizer: name, config, after_each_step } = recorded;
    const weights = initialVariables.map(({ data }) => Float64Array.from(data));
    const options = { learningRate: config.learning_rate, ...optionsOf(recorded) };
    const optimizer = withStepOptions(rules[name.split('_')[0] as keyof typeof rules](options), options);
    after_each_step.forEach((wanted, step) => {
      optimizer.step(
        weights,
        gradientsOfSteps[step].map(({ data }) => Float64Array.from(data)),
      );
      weights.forEach((weight, index) => {
        expectRecorded(weight, wanted[index].data, { ...tolerance(config.learning_rate), what: `Keras, ${name}` });
      });
    });
  });
});

describe('the losses against Keras', () => {
  const twins: Record<string, PositionLoss> = {
    BinaryCrossentropy: positionLosses.binaryCrossentropy,
    'BinaryCrossentropy(from_logits)': positionLosses['binaryCrossentropy from logits'],
    'BinaryCrossentropy(label_smoothing=0.1)': positionLosses['binaryCrossentropy, smoothed'],
    CategoricalCrossentropy: positionLosses.categoricalCrossentropy,
    'CategoricalCrossentropy(from_logits)': positionLosses['categoricalCrossentropy from logits'],
    'CategoricalCrossentropy(unnormalised preds)': positionLosses.categoricalCrossentropy,
    'CategoricalCrossentropy(label_smoothing=0.1)': positionLosses['categoricalCrossentropy, smoothed'],
    SparseCategoricalCrossentropy: positionLosses.sparseCategoricalCrossentropy,
    'SparseCategoricalCrossentropy(from_logits)': positionLosses['sparseCategoricalCrossentropy from logits'],
    MeanSquaredError: positionLosses.meanSquaredError,
    MeanAbsoluteError: positionLosses.meanAbsoluteError,
    Huber: positionLosses.huber,
  };
  const losses = kerasFigures.filter(({ isMetric }) => !isMetric);
  test.each(losses)('$name, weights $sample_weight.shape', (figure) => {
    const { samples, steps, features, targets, weights } = laidOut(figure);
    const { y_pred, y_true, name, value } = figure;
    const at = (data: number[], n: number, size: number) => data.slice(n * size, (n + 1) * size);
    const sum = weights.reduce(
      (total, weight, n) =>
        total + weight * twins[name].value(at(y_pred.data, n, features), at(y_true.data, n, targets)),
      0,
    );
    const close = { atol: 1e-6, rtol: 1e-6, reason: 'a float32 mean' };
    expectRecorded([sum / (samples * steps)], [value], { ...close, what: `Keras, ${name}` });
  });

  const accuracies = kerasFigures.filter(({ name, sample_weight }) => name === 'BinaryAccuracy' && !sample_weight);
  test.each(accuracies)('$name', ({ y_true, y_pred, value }) => {
    const close = { atol: 1e-6, rtol: 0, reason: 'a float32 mean' };
    expectRecorded([binaryAccuracy(y_pred.data, y_true.data)], [value], { ...close, what: 'Keras, BinaryAccuracy' });
  });
});
