import { expect, onTestFinished, test } from 'vitest';
import { adam, dense, lstm, sequential } from '../../../../src/index.ts';
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
