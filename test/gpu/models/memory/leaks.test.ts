import { afterAll, expect, onTestFinished, test } from 'vitest';
import {
  LimitError,
  ValueError,
  adam,
  dense,
  lstm,
  requestGpu,
  sequential,
  trainMany,
  type Model,
} from '../../../../src/index.ts';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import { anything, ramp } from '../builders/expect-error.ts';

// One device for all tests, since they run the same kernels, and those compile for long.
const gpu = await requestGpu({ tuning: 'off' });
const { device } = gpu;
const { limits } = device;
afterAll(() => gpu.dispose());

/** Lowers the most bytes that the device binds at once; what it returns undoes that. */
function lower(bytes: number): () => void {
  const lowered = new Proxy(limits, {
    get: (own, name) => (name === 'maxStorageBufferBindingSize' ? bytes : Reflect.get(own, name, own)),
  });
  Object.defineProperty(device, 'limits', { value: lowered, configurable: true });
  return () => Object.defineProperty(device, 'limits', { value: limits, configurable: true });
}

async function makeModel({ isStacked = true } = {}): Promise<Model> {
  const below = isStacked ? [lstm({ units: 2, stateful: true, returnSequences: true })] : [];
  const layers = [...below, lstm({ units: 2, stateful: true }), dense({ units: 1, activation: 'sigmoid' })];
  const model = await sequential(gpu, { inputShape: [null, 1], batchSize: 2, seed: 7, layers });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' });
  await model.fit(ramp(2, 3, 1), ramp(2, 1));
  return model;
}

/** The buffers made from here to the end of the test that are not destroyed. */
function liveBuffers(counts: (label: string) => boolean) {
  const { live, stop } = watchBuffers(device, counts);
  onTestFinished(stop);
  return live;
}

const small = [ramp(2, 3, 1), ramp(2, 1)] as const;
// Long sequences, whose samples fit where outputs of all steps do not; and many samples, which do not fit themselves.
const long = [ramp(2, 1000, 1), ramp(2, 1)] as const;
const many = [ramp(2000, 3, 1), ramp(2000, 1)] as const;

type Call = (model: Model) => unknown;
const refused: [what: string, call: Call][] = [
  ['fit, for its samples', (model) => model.fit(...many)],
  ['fit, for its validation data', (model) => model.fit(...small, { validationData: many })],
  ['fit, for its program', (model) => model.fit(...long)],
  ['evaluate, for its program', (model) => model.evaluate(...long)],
  ['predict, for its program', (model) => model.predict(long[0])],
  ['trainOnBatch', (model) => model.trainOnBatch(...long)],
  ['predictOnBatch', (model) => model.predictOnBatch(long[0])],
  ['trainMany', (model) => trainMany([model], ...many)],
];
test.each(refused)('a call that is too large leaves no buffer: %s', async (what, call) => {
  // Models that train together have one recurrent layer.
  const model = await makeModel({ isStacked: what !== 'trainMany' });
  const expected = await model.predict(small[0]);
  const weights = await model.getWeights();
  const live = liveBuffers((label) => label !== 'readback staging');
  const restore = lower(12_000);
  await expect(call(model)).rejects.toThrow(LimitError);
  restore();
  expect(live()).toEqual({ count: 0, bytes: 0 });
  expect(await model.getWeights()).toEqual(weights);
  model.resetStates();
  expect((await model.predict(small[0])).shape).toEqual(expected.shape);
});

const failing: [what: string, call: Call, error: new (message: string) => Error][] = [
  ['an option that is refused', (model) => model.fit(...small, { epochs: anything(null) }), ValueError],
  ['a mask that does not fit', (model) => model.fit(...small, { resetStates: new Uint8Array(7) }), ValueError],
  [
    'a callback that throws',
    (model) =>
      model.fit(...small, {
        callbacks: [
          {
            onBatchBegin() {
              throw new RangeError('enough');
            },
          },
        ],
      }),
    RangeError,
  ],
  [
    'an onProgress that rejects',
    (model) => model.evaluate(...many, { batchSize: 2, onProgress: () => Promise.reject(new RangeError('enough')) }),
    RangeError,
  ],
];
test.each(failing)('a call that fails leaves no samples: %s', async (_what, call, error) => {
  const model = await makeModel();
  const live = liveBuffers((label) => /^(samples|predictions|state slots)/.test(label));
  // What is refused is told by a rejection too.
  await expect(Promise.resolve(call(model))).rejects.toThrow(error);
  expect(live()).toEqual({ count: 0, bytes: 0 });
});
