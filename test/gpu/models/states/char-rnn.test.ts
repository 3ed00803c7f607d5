import { expect, onTestFinished, test } from 'vitest';
import { dense, embedding, lstm, sequential, sgd } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { positionLosses, predictionOf } from '../../../reference/position-losses.ts';
import { Stack } from '../../../reference/stack.ts';
import * as twins from '../../../reference/twin-layers.ts';
import { gpu } from '../../gpu.ts';
import { array, setWeights, weightsOf } from '../builders/make-model.ts';

const [CHARACTERS, DIMENSIONS, UNITS] = [11, 5, 12];
const [ROWS, STEPS, WINDOW] = [3, 120, 50];
const LEARNING_RATE = 0.5;
const EPOCHS = 2;

const close = { atol: 5e-6, rtol: 1e-5, reason: 'float32 against float64 over six updates of 50 steps' };

/** A character model for sequences of any length with the states of three texts, and its twin with the same weights. */
async function makeModels(random: ReturnType<typeof rng>) {
  const model = await sequential(gpu, {
    inputShape: [null],
    batchSize: ROWS,
    layers: [
      embedding({ inputDim: CHARACTERS, outputDim: DIMENSIONS }),
      lstm({ units: UNITS, stateful: true, returnSequences: true }),
      dense({ units: CHARACTERS, activation: 'softmax' }),
    ],
  });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: sgd({ learningRate: LEARNING_RATE }), loss: 'sparseCategoricalCrossentropy' });

  const states = [0, 1].map(() => new Float64Array(ROWS * UNITS));
  const recurrent: twins.RecurrentTwin = twins.lstm(DIMENSIONS, UNITS, { returnSequences: true, stateful: true });
  recurrent.states = states;
  const twin = new Stack(
    [twins.embedding(CHARACTERS, DIMENSIONS, false), recurrent, twins.dense(UNITS, CHARACTERS)],
    positionLosses['sparseCategoricalCrossentropy from logits'],
  );
  const weights = twin.weights.map(({ length }) => random.array(length, 0.5));
  await setWeights(model, weights);
  twin.setWeights(weights);
  return { model, twin, resetTwin: () => states.forEach((state) => state.fill(0)) };
}

/** The twin's probabilities of the next character, [rows, steps, CHARACTERS]. */
function probabilities(twin: Stack, indices: readonly (readonly number[])[]): number[] {
  const { values } = twin.forward({ x: indices.flat(), shape: [indices.length, indices[0].length] });
  return Array.from({ length: values.length / CHARACTERS }, (_, position) =>
    predictionOf.softmax([...values.subarray(position * CHARACTERS, (position + 1) * CHARACTERS)]),
  ).flat();
}

/** Trains a twin on windows of each text; states go from window to window, and gradients do not. */
function trainTwin(twin: Stack, x: readonly number[][], y: readonly number[][]): void {
  for (let first = 0; first < STEPS; first += WINDOW) {
    const cut = (texts: readonly number[][]) => texts.map((text) => text.slice(first, first + WINDOW));
    const indices = cut(x);
    const { weights } = twin.gradients({ x: indices.flat(), shape: [ROWS, indices[0].length] }, cut(y).flat());
    twin.weights.forEach((weight, n) => weight.forEach((w, k) => (weight[k] = w - LEARNING_RATE * weights[n][k])));
  }
}

const drawTexts = (random: ReturnType<typeof rng>, rows: number, length: number) =>
  Array.from({ length: rows }, () => Array.from({ length }, () => random.integer(0, CHARACTERS - 1)));

test('a character model trains on windows of long texts and then writes character by character', async () => {
  const random = rng(randomSeed());
  const { model, twin, resetTwin } = await makeModels(random);
  const texts = drawTexts(random, ROWS, STEPS + 1);
  const [x, y] = [texts.map((text) => text.slice(0, -1)), texts.map((text) => text.slice(1))];
  await model.fit(x, y, { truncate: WINDOW, epochs: EPOCHS, resetStates: 'epoch' });
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    resetTwin();
    trainTwin(twin, x, y);
  }
  (await weightsOf(model)).forEach((weight, n) => {
    expectClose(weight, twin.weights[n], { ...close, what: `weight ${n}` });
  });

  model.resetStates();
  resetTwin();
  let character = 3;
  const written: number[] = [];
  for (let step = 0; step < 6; step++) {
    const next = await model.predictOnBatch([[character]]);
    const expected = probabilities(twin, [[character]]);
    expect(next.shape).toEqual([1, 1, CHARACTERS]);
    expectClose(next.data, expected, { ...close, what: `probabilities of character ${step}` });
    character = expected.indexOf(Math.max(...expected));
    written.push(character);
  }

  // What was written is one text, so the states must have been carried.
  model.resetStates();
  resetTwin();
  const { data } = await model.predict([[3, ...written]]);
  expectClose(data, probabilities(twin, [[3, ...written]]), { ...close, what: 'the text at once' });
});

test('a character model takes texts of any length in batches of any size', async () => {
  const random = rng(randomSeed());
  const { model, twin, resetTwin } = await makeModels(random);
  for (const [rows, length] of [
    [1, 9],
    [3, 4],
    [2, 1],
  ]) {
    const texts = drawTexts(random, rows, length);
    model.resetStates();
    resetTwin();
    const { data, shape } = await model.predict(array(texts.flat(), [rows, length]), { batchSize: rows });
    expect(shape).toEqual([rows, length, CHARACTERS]);
    expectClose(data, probabilities(twin, texts), { ...close, what: `${rows} texts of ${length}` });
  }
});
