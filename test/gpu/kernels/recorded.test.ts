import { describe, expect, test } from 'vitest';
import { adamStep } from '../../../src/shaders/adam.ts';
import { binaryCrossentropy } from '../../../src/shaders/binary-crossentropy.ts';
import { gradientClip } from '../../../src/shaders/gradient-clip.ts';
import { gradientNorm } from '../../../src/shaders/gradient-norm.ts';
import { meanSquaredError } from '../../../src/shaders/mean-squared-error.ts';
import { metric } from '../../../src/shaders/metric.ts';
import { sgdStep } from '../../../src/shaders/sgd.ts';
import { expectRecorded } from '../../golden/expect-recorded.ts';
import { kerasFigures, type KerasFigure } from '../../golden/keras-losses.ts';
import {
  gradientsOfSteps,
  initialVariables,
  kerasOptimizers,
  type KerasOptimizer,
} from '../../golden/keras-optimizers.ts';
import type { GoldenTensor } from '../../golden/tensor.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { update } from './updates.ts';

const flat = (variables: readonly GoldenTensor[]) => Float32Array.from(variables.flatMap(({ data }) => data));

/** Ten steps of an optimizer, over all variables as one. */
describe('an optimizer is that of Keras', () => {
  const run = async ({ optimizer: name, config, after_each_step }: KerasOptimizer) => {
    const isAdam = name.startsWith('Adam');
    const parameters = flat(initialVariables);
    const ELEMENTS = parameters.length;
    let state = { parameters, m: new Float32Array(ELEMENTS), v: new Float32Array(ELEMENTS) };
    for (const [index, wanted] of after_each_step.entries()) {
      let gradient = flat(gradientsOfSteps[index]);
      if (config.global_clipnorm) {
        const { norm } = await runKernel(gradientNorm, { gradient, norm: unwritten(1) }, { ELEMENTS, THREADS: 64 });
        const clip = { ELEMENTS, LARGEST: config.global_clipnorm };
        ({ gradient } = await runKernel(gradientClip, { norm, gradient }, clip));
      }
      const t = index + 1;
      if (isAdam) {
        const { learning_rate, beta_1, beta_2, epsilon } = config;
        const stepSize = (learning_rate * Math.sqrt(1 - beta_2 ** t)) / (1 - beta_1 ** t);
        const constants = { ELEMENTS, ONE_MINUS_BETA1: 1 - beta_1, ONE_MINUS_BETA2: 1 - beta_2, EPSILON: epsilon };
        state = await runKernel(adamStep, { update: update({ stepSize }), gradient, ...state }, constants);
      } else {
        const frame = update({ stepSize: config.learning_rate });
        const constants = { ELEMENTS, MOMENTUM: config.momentum, NESTEROV: Number(config.nesterov) };
        const bindings = { update: frame, gradient, parameters: state.parameters, velocity: state.m };
        const { parameters: moved, velocity } = await runKernel(sgdStep, bindings, constants);
        state = { ...state, parameters: moved, m: velocity };
      }
      expectRecorded(state.parameters, flat(wanted), {
        // Keras takes 1 - 0.999^t in float32, 1.3e-5 off: a step as long as the learning rate is 6.4e-6 of that off.
        atol: 2e-6 + 10 * 6.4e-6 * config.learning_rate,
        rtol: 0,
        what: `Keras, ${name}`,
        reason: 'roundings of weights, and of the powers of beta in ten steps',
      });
    }
  };
  test.each(kerasOptimizers)('$optimizer', async (recorded) => {
    await run(recorded);
    expect(recorded.after_each_step).toHaveLength(10);
  });
});

/** Mean over all elements, as if each were an output of one sample. */
describe('a loss or metric is that of Keras', () => {
  const kernels: Record<string, (figure: KerasFigure) => Promise<Record<'journal', Float32Array>>> = {
    BinaryCrossentropy: (figure) => crossentropy(figure, 0),
    'BinaryCrossentropy(from_logits)': (figure) => crossentropy(figure, 1),
    MeanSquaredError: ({ y_pred, y_true }) => {
      const size = y_pred.data.length;
      const bindings = { ...common(y_true), prediction: y_pred.data, gradient: unwritten(size) };
      return runKernel(meanSquaredError, bindings, constants(size));
    },
    BinaryAccuracy: (figure) => metricOf(figure, 0),
    MeanAbsoluteError: (figure) => metricOf(figure, 1),
  };
  const common = ({ data }: GoldenTensor) => ({
    update: update({ rowCount: 1 }),
    target_value: data,
    journal: unwritten(1),
  });
  const constants = (size: number) => ({ STEPS: 1, ROWS: 1, FEATURES: size, COLUMNS: 1, COLUMN: 0, THREADS: 8 });
  const crossentropy = ({ y_pred, y_true }: KerasFigure, FROM_LOGITS: number) => {
    const size = y_pred.data.length;
    const written = { prediction: unwritten(size), gradient: unwritten(size) };
    const bindings = { ...common(y_true), output: y_pred.data, ...written };
    return runKernel(binaryCrossentropy, bindings, { ...constants(size), FROM_LOGITS });
  };
  const metricOf = ({ y_pred, y_true }: KerasFigure, METRIC: number) => {
    const bindings = { ...common(y_true), prediction: y_pred.data };
    return runKernel(metric, bindings, { ...constants(y_pred.data.length), METRIC });
  };

  test.each(kerasFigures)('$name', async (figure) => {
    const { journal } = await kernels[figure.name](figure);
    const close = { atol: 1e-6, rtol: 1e-6, reason: 'a float32 mean' };
    expectRecorded(journal, [figure.value], { ...close, what: `Keras, ${figure.name}` });
    expect(figure.y_pred.data.length).toBeGreaterThan(0);
  });
});
