import { describe, expect, onTestFinished, test } from 'vitest';
import { bidirectional, gru, l1l2, lstm, sequential, sgd, simpleRnn } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng, SETTLED_SEED } from '../../../harness/random.ts';
import { biasSize, GATES, type RecurrentSpec } from '../../../reference/cells.ts';
import { recurrent } from '../../../reference/recurrent.ts';
import { gpu } from '../../gpu.ts';
import { array, setWeights, weightsOf } from '../builders/make-model.ts';

const [STEPS, FEATURES, UNITS, SAMPLES, ROWS] = [4, 2, 3, 5, 3];
const [L1, L2] = [0.3, 0.7];
const close = { atol: 1e-5, rtol: 1e-5, reason: 'float32 against float64 over two batches' };

/** The value and the derivative of what a batch of `rows` outputs costs: the mean squared error, and the penalty. */
function objective(output: Float64Array, target: ArrayLike<number>, rows: number) {
  let loss = 0;
  const derivative = output.map((y, n) => {
    const error = y - target[n];
    loss += error ** 2 / output.length + (L1 * Math.abs(y) + L2 * y ** 2) / rows;
    return (2 * error) / output.length + (L1 * Math.sign(y) + 2 * L2 * y) / rows;
  });
  return { loss, derivative };
}

const layers = { lstm, gru, simpleRnn };

describe('the penalty on outputs is part of the loss and of the gradient, divided by the samples of the batch', () => {
  test.each([{ cell: 'lstm' }, { cell: 'gru' }, { cell: 'simpleRnn' }] as RecurrentSpec[])(
    '$cell',
    async ({ cell }) => {
      // The derivative of |y| jumps at 0.
      const random = rng(SETTLED_SEED);
      const options = { units: UNITS, returnSequences: true, activityRegularizer: l1l2(L1, L2) };
      const inputShape = [STEPS, FEATURES];
      const model = await sequential(gpu, { inputShape, layers: [layers[cell](options)] });
      onTestFinished(() => model.dispose());
      model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
      const width = GATES[cell] * UNITS;
      const weights = {
        kernel: Float64Array.from(random.array(FEATURES * width, 0.7)),
        recurrentKernel: Float64Array.from(random.array(UNITS * width, 0.7)),
        bias: Float64Array.from(random.array(biasSize({ cell }, UNITS), 0.7)),
      };
      await setWeights(model, Object.values(weights));
      const x = random.array(SAMPLES * STEPS * FEATURES, 1);
      const y = random.array(SAMPLES * STEPS * UNITS, 1);
      const data = [array(x, [SAMPLES, ...inputShape]), array(y, [SAMPLES, STEPS, UNITS])] as const;

      const evaluated = await model.evaluate(...data, { batchSize: SAMPLES });
      const whole = recurrent({ cell }, { batch: SAMPLES, steps: STEPS, features: FEATURES, units: UNITS }, weights, x);
      expectClose([evaluated.loss], [objective(whole.output, y, SAMPLES).loss], { ...close, what: 'loss of evaluate' });

      // The second batch has fewer samples than rows.
      const { history } = await model.fit(...data, { batchSize: ROWS, shuffle: false });
      let expectedLoss = 0;
      for (let first = 0; first < SAMPLES; first += ROWS) {
        const batch = Math.min(ROWS, SAMPLES - first);
        const shape = { batch, steps: STEPS, features: FEATURES, units: UNITS };
        const part = (values: Float32Array, size: number) => values.subarray(first * size, (first + batch) * size);
        const run = recurrent({ cell }, shape, weights, part(x, STEPS * FEATURES));
        const { loss, derivative } = objective(run.output, part(y, STEPS * UNITS), batch);
        expectedLoss += (loss * batch) / SAMPLES;
        const gradients = run.backward(derivative);
        for (const name of ['kernel', 'recurrentKernel', 'bias'] as const) {
          weights[name].forEach((_, n) => (weights[name][n] -= 0.1 * gradients[name][n]));
        }
      }
      expectClose(history.loss, [expectedLoss], { ...close, what: 'loss' });
      (await weightsOf(model)).forEach((weight, n) => {
        expectClose(weight, Object.values(weights)[n], { ...close, what: `weight ${n}` });
      });
    },
  );

  test('a bidirectional layer pays for both directions', async () => {
    const random = rng(randomSeed());
    const build = (options: object) => [bidirectional(lstm({ units: UNITS, ...options }))];
    const make = async (options: object) => {
      const model = await sequential(gpu, { inputShape: [STEPS, FEATURES], layers: build(options), seed: 3 });
      onTestFinished(() => model.dispose());
      model.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
      return model;
    };
    const [plain, penalized] = [await make({}), await make({ activityRegularizer: l1l2(L1, L2) })];
    const x = array(random.array(SAMPLES * STEPS * FEATURES, 1), [SAMPLES, STEPS, FEATURES]);
    const y = array(random.array(SAMPLES * 2 * UNITS, 1), [SAMPLES, 2 * UNITS]);
    const { data } = await plain.predict(x);
    const penalty = data.reduce((sum, value) => sum + L1 * Math.abs(value) + L2 * value ** 2, 0) / SAMPLES;
    const [without, having] = [await plain.evaluate(x, y), await penalized.evaluate(x, y)];
    expectClose([having.loss - without.loss], [penalty], { ...close, what: 'penalty' });
    expect(penalty).toBeGreaterThan(100 * close.atol);
  });
});
