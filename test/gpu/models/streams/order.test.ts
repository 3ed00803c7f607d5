import { expect, onTestFinished, test } from 'vitest';
import { adam, dense, lstm, sequential, trainMany } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';

test('a reset that waits with a fit comes before a push that is made as soon as the evaluation before has ended', async () => {
  const layers = [lstm({ units: 3, stateful: true, returnSequences: true }), dense({ units: 2 })];
  const model = await sequential(gpu, { inputShape: [null, 2], slots: 2, batchSize: 1, seed: 2, layers });
  onTestFinished(() => model.dispose());
  // With this rate float32 weights stay as they are.
  model.compile({ optimizer: adam({ learningRate: 1e-30 }), loss: 'meanSquaredError' });
  const x = { data: new Float32Array(6).fill(0.1), shape: [1, 3, 2] };
  const step = [0.3, 0.4];
  const fresh = await model.openStream().push(step);
  for (let microtasks = 0; microtasks < 12; microtasks++) {
    const stream = model.openStream();
    await stream.push([1, 2]);
    const evaluated = model.evaluate(x, x);
    const fit = model.fit(x, x, { epochs: 1, shuffle: false });
    stream.reset();
    await evaluated;
    for (let n = 0; n < microtasks; n++) await Promise.resolve();
    expect((await stream.push(step)).data).toEqual(fresh.data);
    await fit;
    stream.close();
  }
});

test('a model that is disposed while it trains with others takes no push into their streams along', async () => {
  const layers = [lstm({ units: 4, stateful: true }), dense({ units: 1 })];
  const make = async () => {
    const model = await sequential(gpu, { inputShape: [3, 2], slots: 3, batchSize: 2, seed: 8, layers });
    onTestFinished(() => model.dispose());
    model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
    return model;
  };
  const [one, other] = [await make(), await make()];
  await Promise.all([one, other].map((model) => model.openStream().push([1, 2])));
  const x = { data: new Float32Array(48).fill(0.1), shape: [8, 3, 2] };
  const y = new Float32Array(8).fill(0.2);
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const callbacks = [{ onEpochBegin: begin }];
  const options = { epochs: 1000, shuffle: false, callbacks: () => callbacks };
  const trained = trainMany([one, other], x, y, options).catch(String);
  await begun;
  const refused = one.openStream().push([1, 2]).catch(String);
  const pushed = other.openStream().push([1, 2]);
  one.dispose();
  expect((await pushed).shape).toEqual([1]);
  expect(await refused).toContain('the model was disposed');
  expect(await trained).toContain('models[0]: this model was disposed');
});
