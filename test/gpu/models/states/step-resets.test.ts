import { describe, expect, onTestFinished, test } from 'vitest';
import {
  bidirectional,
  dense,
  gru,
  lstm,
  repeatVector,
  sequential,
  sgd,
  simpleRnn,
  ValueError,
  type SequentialOptions,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { expectError } from '../builders/expect-error.ts';
import { array, weightsOf } from '../builders/make-model.ts';

// A mask of resets with a number for each step of each sample.

const [ROWS, STEPS, FEATURES] = [2, 6, 3];
const close = { atol: 3e-6, rtol: 3e-6, reason: 'the same sums in float32, in another order' };

async function stateful(layers: SequentialOptions['layers'], timesteps: number, batchSize = ROWS) {
  const model = await sequential(gpu, { inputShape: [timesteps, FEATURES], batchSize, layers, seed: 5 });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: sgd({ learningRate: 0.5 }), loss: 'meanSquaredError' });
  return model;
}

const cells = { lstm, gru, simpleRnn };

describe.each(Object.entries(cells))('resets within samples, %s:', (_name, cell) => {
  const layers = () => [
    cell({ units: 4, stateful: true, returnSequences: true }),
    cell({ units: 3, stateful: true, returnSequences: true }),
    dense({ units: 1 }),
  ];
  const makeData = () => {
    const random = rng(randomSeed());
    const resets = Uint8Array.from({ length: ROWS * STEPS }, () => random.integer(0, 1));
    // At least one within each sample.
    for (let row = 0; row < ROWS; row++) resets[row * STEPS + 2 + row] = 1;
    return {
      x: array(random.array(ROWS * STEPS * FEATURES, 1), [ROWS, STEPS, FEATURES]),
      y: array(random.array(ROWS * STEPS, 1), [ROWS, STEPS, 1]),
      resets,
    };
  };
  /** Steps as samples of their own: batch t holds step t of every row. */
  const stepwise = ({ x, y, resets }: ReturnType<typeof makeData>) => {
    const reorder = <T>(pick: (row: number, step: number) => T) =>
      Array.from({ length: ROWS * STEPS }, (_, n) => pick(n % ROWS, Math.floor(n / ROWS)));
    const at = (row: number, step: number) => row * STEPS + step;
    const inputs = reorder((row, step) =>
      Array.from(x.data.subarray(at(row, step) * FEATURES, (at(row, step) + 1) * FEATURES)),
    );
    return {
      x: array(inputs.flat(), [ROWS * STEPS, 1, FEATURES]),
      y: array(
        reorder((row, step) => y.data[at(row, step)]),
        [ROWS * STEPS, 1, 1],
      ),
      resets: Uint8Array.from(reorder((row, step) => resets[at(row, step)])),
    };
  };

  test('evaluate sees what it would see step by step', async () => {
    const [whole, byStep] = [await stateful(layers(), STEPS), await stateful(layers(), 1)];
    const data = makeData();
    const single = stepwise(data);
    const { loss } = await whole.evaluate(data.x, data.y, { resetStates: data.resets });
    const expected = await byStep.evaluate(single.x, single.y, { resetStates: single.resets });
    expectClose([loss], [expected.loss], { ...close, what: 'loss' });
    const never = await stateful(layers(), STEPS);
    await never.evaluate(data.x, data.y);
    expect(await whole.getStates()).not.toEqual(await never.getStates());
  });

  test('fit on windows of one step is fit on the steps', async () => {
    const [whole, byStep] = [await stateful(layers(), STEPS), await stateful(layers(), 1)];
    const data = makeData();
    const single = stepwise(data);
    await whole.fit(data.x, data.y, { truncate: 1, epochs: 2, resetStates: data.resets });
    await byStep.fit(single.x, single.y, { epochs: 2, resetStates: single.resets });
    const expected = await weightsOf(byStep);
    (await weightsOf(whole)).forEach((weight, n) => {
      expectClose(weight, expected[n], { ...close, what: `weight ${n}` });
    });
    const [state, expectedState] = [await whole.getStates(), await byStep.getStates()];
    state.forEach(({ data: values, name }, n) => {
      expectClose(values, expectedState[n].data, { ...close, what: name });
    });
  });

  test('gradients do not pass a reset: two sequences behind each other train as two beside each other', async () => {
    const [behind, beside] = [await stateful(layers(), STEPS, 1), await stateful(layers(), STEPS / 2, 2)];
    const random = rng(randomSeed());
    const x = random.array(STEPS * FEATURES, 1);
    const y = random.array(STEPS, 1);
    const resets = Uint8Array.from({ length: STEPS }, (_, step) => Number(step === STEPS / 2));
    await behind.fit(array(x, [1, STEPS, FEATURES]), array(y, [1, STEPS, 1]), { resetStates: resets });
    await beside.fit(array(x, [2, STEPS / 2, FEATURES]), array(y, [2, STEPS / 2, 1]));
    const expected = await weightsOf(beside);
    (await weightsOf(behind)).forEach((weight, n) => {
      expectClose(weight, expected[n], { ...close, what: `weight ${n}` });
    });
  });

  test('marks on first steps alone are those of samples', async () => {
    const [bySteps, bySamples] = [await stateful(layers(), STEPS), await stateful(layers(), STEPS)];
    const { x, y } = makeData();
    const everyStep = Uint8Array.from({ length: ROWS * STEPS }, (_, n) => Number(n === STEPS));
    await bySteps.fit(x, y, { epochs: 3, resetStates: everyStep });
    await bySamples.fit(x, y, { epochs: 3, resetStates: Uint8Array.of(0, 1) });
    expect(await weightsOf(bySteps)).toEqual(await weightsOf(bySamples));
  });
});

describe('resets within samples are refused', () => {
  const marks = Uint8Array.from({ length: ROWS * STEPS }, () => 1);
  const recurrent = { units: 2, stateful: true };
  test.each([
    [
      'bidirectional',
      [bidirectional(lstm({ ...recurrent, returnSequences: true })), dense({ units: 1 })],
      'bidirectional',
    ],
    ['backwards', [lstm({ ...recurrent, goBackwards: true, returnSequences: true }), dense({ units: 1 })], 'lstm'],
    [
      'behind other steps',
      [lstm({ units: 2 }), repeatVector(STEPS), gru({ ...recurrent, returnSequences: true }), dense({ units: 1 })],
      'gru',
    ],
  ])('by a layer that goes %s', async (_name, layers, name) => {
    const model = await stateful(layers, STEPS);
    const [x, y] = [new Float32Array(ROWS * STEPS * FEATURES).fill(0.5), new Float32Array(ROWS * STEPS).fill(1)];
    const before = await weightsOf(model);
    const fit = () => model.fit(array(x, [ROWS, STEPS, FEATURES]), array(y, [ROWS, STEPS, 1]), { resetStates: marks });
    await expectError(fit, ValueError, [
      'model.fit: resetStates marks steps within samples',
      name,
      'Mark samples only',
    ]);
    expect(await weightsOf(model)).toEqual(before);
  });

  test('where their number fits neither samples nor steps', async () => {
    const model = await stateful([lstm({ ...recurrent, returnSequences: true }), dense({ units: 1 })], STEPS);
    const [x, y] = [array(new Float32Array(36), [2, 6, 3]), array(new Float32Array(12), [2, 6, 1])];
    const says = ['a mask of shape [7]', 'each of the 2 samples', 'their 6 steps, 12 in all'];
    await expectError(() => model.fit(x, y, { resetStates: new Uint8Array(7) }), ValueError, says);
  });
});
