import { describe, test } from 'vitest';
import { expectRecorded } from '../golden/expect-recorded.ts';
import { kerasForwards, weightsOf } from '../golden/keras-forward.ts';
import { kerasFigures, laidOut } from '../golden/keras-losses.ts';
import { gradientsOfSteps, initialVariables, kerasOptimizers, optionsOf } from '../golden/keras-optimizers.ts';
import { arange, constantWeights, kerasUnitTests } from '../golden/keras-unit-tests.ts';
import { finalHead, kerasWeights, torchLstms, trainableWeights, withOnes } from '../golden/torch-lstm.ts';
import { binaryAccuracy } from '../reference/losses.ts';
import { lstmBackward, lstmForward } from '../reference/lstm.ts';
import { adam, rmsprop, sgd, withStepOptions } from '../reference/optimizers.ts';
import { positionLosses, type PositionLoss } from '../reference/position-losses.ts';
import { ReferenceModel } from '../reference/reference-model.ts';

const forward = { atol: 5e-7, rtol: 0, reason: 'recorded in float32, which was up to 4e-7 off' };
const backward = { atol: 3e-6, rtol: 1e-6, reason: 'recorded in float32, which was up to 3e-6 off' };
const trajectory = { atol: 3e-6, rtol: 0, reason: 'float32 roundings add up over the steps' };

describe('the LSTM twin against Keras', () => {
  test.each(kerasForwards)('$name', (recorded) => {
    const { units, batch, time: steps, input_dim: features, return_sequences } = recorded.config;
    const shape = { batch, steps, features, units };
    const weights = weightsOf(recorded);
    const x = recorded.x.data;
    const initial = recorded.initial_state && { h: recorded.initial_state[0].data, c: recorded.initial_state[1].data };
    const [rOutput, rH, rC] = recorded.R.map(({ data }) => data);

    const trace = lstmForward(shape, weights, x, initial ?? undefined);
    const output = return_sequences ? trace.output : trace.last.h;
    const all = return_sequences ? rOutput : new Float64Array(trace.output.length);
    const last = { h: return_sequences ? rH : rH.map((value, index) => value + rOutput[index]), c: rC };
    const gradients = lstmBackward(shape, weights, x, trace, all, last);

    const { expected } = recorded;
    expectRecorded(output, expected.output.data, { ...forward, what: 'Keras, output' });
    expectRecorded(trace.last.h, expected.states[0].data, { ...forward, what: 'Keras, h' });
    expectRecorded(trace.last.c, expected.states[1].data, { ...forward, what: 'Keras, c' });
    expectRecorded(gradients.x, expected.grad_x.data, { ...backward, what: 'Keras, gradient of x' });
    const { kernel, recurrent_kernel, bias } = expected.grads;
    expectRecorded(gradients.kernel, kernel.data, { ...backward, what: 'Keras, gradient of kernel' });
    expectRecorded(gradients.recurrentKernel, recurrent_kernel.data, {
      ...backward,
      what: 'Keras, gradient of recurrent kernel',
    });
    if (bias) expectRecorded(gradients.bias, bias.data, { ...backward, what: 'Keras, gradient of bias' });
    const [h0, c0] = expected.grad_initial_state;
    if (h0) expectRecorded(gradients.h0, h0.data, { ...backward, what: 'Keras, gradient of h0' });
    if (c0) expectRecorded(gradients.c0, c0.data, { ...backward, what: 'Keras, gradient of c0' });
  });

  test.each(kerasUnitTests)('unit test $test, $config', (recorded) => {
    const [batch, steps, features] = recorded.input.shape;
    const shape = { batch, steps, features, units: recorded.config.units };
    const x = arange(recorded);
    let trace = lstmForward(shape, constantWeights(recorded), x);
    for (let call = 1; call < recorded.calls; call++)
      trace = lstmForward(shape, constantWeights(recorded), x, trace.last);
    expectRecorded(trace.last.h, recorded.expected.flat(), { ...forward, what: 'Keras unit tests, output' });
  });
});

describe('the LSTM twin against PyTorch', () => {
  test.each(torchLstms)('$name', ({ config, params, x, h0, c0, loss_weights, expected }) => {
    const { input_size, hidden_size: units, batch, time: steps, num_layers } = config;
    const ofLayer = (data: number[], layer: number) => data.slice(layer * batch * units, (layer + 1) * batch * units);
    const layers = Array.from({ length: num_layers }, (_, layer) => ({
      layer,
      shape: { batch, steps, features: layer === 0 ? input_size : units, units },
      weights: kerasWeights(params, layer),
      initial: { h: ofLayer(h0.data, layer), c: ofLayer(c0.data, layer) },
      last: { h: ofLayer(loss_weights.R_h.data, layer), c: ofLayer(loss_weights.R_c.data, layer) },
    }));

    let input: ArrayLike<number> = x.data;
    const run = layers.map((layer) => {
      const trace = lstmForward(layer.shape, layer.weights, input, layer.initial);
      const ran = { ...layer, input, trace };
      input = trace.output;
      return ran;
    });
    let gradient: ArrayLike<number> = loss_weights.R_out.data;
    for (const { layer, shape, weights, input: layerInput, trace, last } of run.toReversed()) {
      const gradients = lstmBackward(shape, weights, layerInput, trace, gradient, last);
      gradient = gradients.x;
      // Both biases of PyTorch have the gradient of the one bias: adding them up gives it twice.
      const wanted = kerasWeights(expected.grads, layer);
      const doubled = gradients.bias.map((value) => 2 * value);
      expectRecorded(trace.last.h, ofLayer(expected.hn.data, layer), { ...forward, what: 'PyTorch, h' });
      expectRecorded(trace.last.c, ofLayer(expected.cn.data, layer), { ...forward, what: 'PyTorch, c' });
      expectRecorded(gradients.kernel, wanted.kernel, { ...backward, what: 'PyTorch, gradient of kernel' });
      expectRecorded(gradients.recurrentKernel, wanted.recurrentKernel, {
        ...backward,
        what: 'PyTorch, gradient of recurrent kernel',
      });
      expectRecorded(doubled, wanted.bias, { ...backward, what: 'PyTorch, gradient of both biases' });
      expectRecorded(gradients.h0, ofLayer(expected.grad_h0.data, layer), {
        ...backward,
        what: 'PyTorch, gradient of h0',
      });
      expectRecorded(gradients.c0, ofLayer(expected.grad_c0.data, layer), {
        ...backward,
        what: 'PyTorch, gradient of c0',
      });
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
