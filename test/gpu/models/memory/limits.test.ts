import { expect, onTestFinished, test, vi } from 'vitest';
import { dense, LimitError, lstm, requestGpu, sequential, sgd } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { ReferenceModel } from '../../../reference/reference-model.ts';
import { gpu } from '../../gpu.ts';
import { expectError, ramp } from '../builders/expect-error.ts';
import { array, lstmAndHead, makeModel, type ModelSpec } from '../builders/make-model.ts';

const edges = [
  { edge: '2048 units', units: 2048, rows: 1, steps: 2 },
  { edge: '4096 rows', units: 3, rows: 4096, steps: 2 },
  { edge: '10,000 steps', units: 3, rows: 1, steps: 10_000 },
];

test.each(edges)('works with $edge, forward and backward', async ({ units, rows, steps }) => {
  const model = await sequential(gpu, {
    inputShape: [steps, 1],
    // Orthogonal weights of this size take half a minute to make.
    layers: [lstm({ units, recurrentInitializer: 'glorotUniform' }), dense({ units: 1, activation: 'sigmoid' })],
  });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: sgd({ learningRate: 1 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
  const random = rng(randomSeed());
  const x = array(random.array(rows * steps, 1), [rows, steps, 1]);
  const y = array(
    Array.from({ length: rows }, () => random.integer(0, 1)),
    [rows, 1],
  );

  const before = await model.getWeights();
  const { loss } = await model.trainOnBatch(x, y);
  const after = await model.getWeights();
  const twin = new ReferenceModel({
    inputShape: [steps, 1],
    layers: [
      { kind: 'lstm', units },
      { kind: 'dense', units: 1, activation: 'sigmoid' },
    ],
    loss: 'binaryCrossentropy',
  });
  twin.setWeights(before.map(({ data }) => data));
  const expected = twin.gradients(x.data, y.data);
  expectClose([loss], [expected.loss], { atol: 2e-6, rtol: 2e-6, what: 'loss', reason: 'float32 throughout' });
  before.forEach(({ name, data }, n) => {
    const gradient = new Float64Array(data).map((value, k) => value - after[n].data[k]);
    expectClose(gradient, expected.gradients[n], {
      atol: 5e-6,
      rtol: 1e-4,
      what: name,
      reason: 'sums of up to 10,000 numbers in float32, and a difference of weights rounded to 1e-7',
    });
  });
});

/** A device with WebGPU's default limits, which binds 128 MiB at once. */
async function requestSmallGpu() {
  const adapter = await navigator.gpu.requestAdapter();
  const device = await (adapter as GPUAdapter).requestDevice();
  onTestFinished(() => device.destroy());
  return requestGpu({ device, tuning: 'off' });
}

test('a batch too large for the device is refused with the limit and the size that fits', async () => {
  const [rows, steps, features, units] = [4096, 128, 17, 32];
  const layers = [lstm({ units })];
  const model = await sequential(await requestSmallGpu(), { inputShape: [steps, features], layers });
  const x = array(new Float32Array(rows * steps * features).fill(0.1), [rows, steps, features]);
  // The input's gates of all steps, four numbers a unit, are twice what the device binds.
  const says = ['4096 samples with 128 steps', 'maxStorageBufferBindingSize 134217728', 'a batch size of at most 2048'];
  await expectError(() => model.predict(x, { batchSize: rows }), LimitError, [...says, 'or at most 64 steps']);
  const half = array(x.data.slice(0, (rows / 2) * steps * features), [rows / 2, steps, features]);
  const { data } = await model.predict(half, { batchSize: rows / 2 });
  const one = await model.predict(array(x.data.slice(0, steps * features), [1, steps, features]));
  const close = { atol: 1e-6, rtol: 1e-6, reason: 'the same sums, in tiles of one row and of eight' };
  expectClose(data.slice(-units), one.data, { ...close, what: 'output of the last sample' });
});

test('a model too large for the device is refused with the limit and what would fit', async () => {
  // 2,800 units need more than 128 MiB for their weights.
  const small = await requestSmallGpu();
  const recurrentInitializer = () => {
    throw new Error('an initializer ran');
  };
  const large = { inputShape: [1, 1], layers: [lstm({ units: 2900, recurrentInitializer })] } as const;
  await expectError(() => sequential(small, large), LimitError, ['maxStorageBufferBindingSize 134217728', 'weights']);
  const fits = await sequential(small, { inputShape: [1, 1], layers: [lstm({ units: 4 })] });
  expect((await fits.predict([[[1]]])).shape).toEqual([1, 4]);
});

test('data too large for the device, which then holds no more than before', async () => {
  // A device with default limits binds 128 MiB at once.
  const adapter = await navigator.gpu.requestAdapter();
  const device = await (adapter as GPUAdapter).requestDevice();
  const spec: ModelSpec = { inputShape: [4, 1], batchSize: 2, layers: lstmAndHead(3, true) };
  const model = await makeModel(spec, await requestGpu({ device }));
  const [x, y] = [ramp(2, 4, 1), ramp(2, 1)];
  const rows = 2 ** 23 + 1;
  const large = { data: new Float32Array(rows * 4), shape: [rows, 4, 1] };
  const targets = { data: new Float32Array(rows), shape: [rows, 1] };
  const says = [`[${rows}, 4, 1]`, 'at most 8388608'];
  await model.fit(x, y, { validationData: [x, y] });
  await model.predict(x);

  const createBuffer = vi.spyOn(device, 'createBuffer');
  const destroy = vi.spyOn(GPUBuffer.prototype, 'destroy');
  await expectError(() => model.predict(large), LimitError, says);
  await expectError(() => model.fit(x, y, { validationData: [large, targets] }), LimitError, says);
  const made = createBuffer.mock.results.map(({ value }) => value as GPUBuffer);
  const destroyed = new Set(destroy.mock.contexts);
  vi.restoreAllMocks();
  expect(made.filter((buffer) => !destroyed.has(buffer)).map(({ label }) => label)).toEqual([]);
  expect((await model.trainOnBatch(x, y)).loss).toBeGreaterThan(0);
  device.destroy();
});
