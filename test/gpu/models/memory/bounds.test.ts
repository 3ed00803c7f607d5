import { describe, expect, onTestFinished, test } from 'vitest';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import { holding } from '../../../../bench/memory/index.ts';
import { works } from '../../../../bench/works/index.ts';
import { trainMany } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { array, lstmAndHead, makeModel, type ModelSpec } from '../builders/make-model.ts';

const STEPS = 2;

/** Tells which buffers of a model there are before more updates, and which after them; the model lives as long as the test. */
function watch() {
  const buffers = watchBuffers(gpu.device);
  onTestFinished(() => buffers.stop());
  return buffers;
}

describe('thousands of updates take no more memory than some', () => {
  const layers = lstmAndHead(3, true);
  const schedules: [string, ModelSpec][] = [
    [
      'in one workgroup',
      { inputShape: [STEPS, 1], batchSize: 1, layers, optimizer: { kind: 'adam', learningRate: 0.01 } },
    ],
    ['layer by layer', { inputShape: [STEPS, 1], batchSize: 1, layers, schedule: 'layered' }],
  ];
  test.each(schedules)('%s', async (_name, spec) => {
    const buffers = watch();
    const model = await makeModel(spec);
    const count = 500;
    const x = array(
      Array.from({ length: count * STEPS }, (_, n) => Math.sin(n)),
      [count, STEPS, 1],
    );
    const y = array(
      Array.from({ length: count }, (_, n) => n % 2),
      [count, 1],
    );
    const [oneX, oneY] = [array(x.data.slice(0, STEPS), [1, STEPS, 1]), array([1], [1, 1])];
    const round = async () => {
      await model.fit(x, y, { validationData: [x, y] });
      await model.predict(x);
      for (let n = 0; n < 10; n++) await model.trainOnBatch(oneX, oneY);
      await Promise.all(Array.from({ length: 100 }, () => model.trainOnBatch(oneX, oneY)));
      await Promise.all(Array.from({ length: 10 }, () => model.predictOnBatch(oneX)));
    };
    // Twice: staging buffers for results are shared, and how many are out at once depends on the clock.
    await round();
    await round();
    const before = buffers.live();
    for (let n = 0; n < 2; n++) await round();
    const after = buffers.live();
    expect(before.count).toBeGreaterThan(10);
    expect(after.count).toBeLessThanOrEqual(before.count + 1);
    expect(after.bytes).toBeLessThanOrEqual(before.bytes + 32 * 1024);
  });
});

test('the memory of models that trained together is freed with the last of them', async () => {
  const spec: ModelSpec = {
    inputShape: [STEPS, 1],
    layers: lstmAndHead(3, false),
    optimizer: { kind: 'adam', learningRate: 0.01 },
  };
  const shared = watchBuffers(gpu.device, (label) => label.endsWith('of all models'));
  const journals = watchBuffers(gpu.device, (label) => label === 'journal');
  onTestFinished(() => {
    shared.stop();
    journals.stop();
  });
  const models = [await makeModel(spec), await makeModel(spec)];
  const [x, y] = [array(new Float32Array(4 * STEPS), [4, STEPS, 1]), array(new Float32Array(4), [4, 1])];
  await trainMany(models, x, y);
  await trainMany(models, x, y);
  expect(shared.live().count).toBe(2);
  // They share a journal, and have none of their own until one is trained alone.
  expect(journals.live().count).toBe(0);
  models[0].dispose();
  expect(shared.live().count).toBe(2);
  expect((await models[1].fit(x, y)).epoch).toEqual([0]);
  models[1].dispose();
  expect(shared.live().count).toBe(0);
});

describe('what a model holds is not far from what its tensors need:', () => {
  test.each(works.map((work) => [work.title, work] as const))('%s', async (_title, work) => {
    const { held, needed } = await holding(gpu, work);
    // In one workgroup the gradient takes no memory of the device; nor do gates that are worked out step by step, which may
    // be most of what is needed.
    expect(held / needed).toBeGreaterThan(0.1);
    expect(held / needed).toBeLessThan(1.3);
  });
});
