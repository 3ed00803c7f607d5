import { expect, onTestFinished, test } from 'vitest';
import { dense, l2, lstm, requestGpu, sequential, sgd } from '../../../../src/index.ts';
import type { Gpu } from '../../../../src/runtime/gpu.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { array, weightsOf } from '../builders/make-model.ts';

/** What a device in compatibility mode has at the least. */
const FEW = { maxComputeInvocationsPerWorkgroup: 128, maxComputeWorkgroupSizeX: 128 };

/** The test's GPU as one with fewer threads in a workgroup, and the largest number asked of it. */
async function gpuOfFew(): Promise<{ few: Gpu; most: () => number }> {
  let most = 0;
  const limits = new Proxy(gpu.device.limits, {
    get: (own, name) => Reflect.get({ ...FEW }, name) ?? Reflect.get(own, name, own),
  });
  const device = new Proxy(gpu.device, {
    get(own, name) {
      if (name === 'limits') return limits;
      if (name === 'createComputePipelineAsync') {
        return (descriptor: GPUComputePipelineDescriptor) => {
          most = Math.max(most, Number(descriptor.compute.constants?.THREADS ?? 0));
          return own.createComputePipelineAsync(descriptor);
        };
      }
      const value: unknown = Reflect.get(own, name, own);
      return typeof value === 'function' ? (value as () => unknown).bind(own) : value;
    },
  });
  const few = await requestGpu({ device, tuning: 'off' });
  onTestFinished(() => few.dispose());
  return { few, most: () => most };
}

test.each([{ clipnorm: 0.01 }, { globalClipnorm: 0.01 }, {}])(
  'sums keep to the threads of the device, with %o',
  async (clipping) => {
    const seed = randomSeed();
    const [rows, steps, features, units] = [33, 9, 3, 12];
    const train = async (on: Gpu) => {
      const random = rng(seed);
      const model = await sequential(on, {
        inputShape: [steps, features],
        layers: [
          lstm({ units, returnSequences: true, kernelRegularizer: l2(0.01), activityRegularizer: l2(0.01) }),
          dense({ units: 2 }),
        ],
        seed: 1,
      });
      onTestFinished(() => model.dispose());
      model.compile({ optimizer: sgd({ learningRate: 0.1, ...clipping }), loss: 'meanSquaredError' });
      const x = array(random.array(rows * steps * features, 1), [rows, steps, features]);
      const y = array(random.array(rows * steps * 2, 1), [rows, steps, 2]);
      const lengths = Array.from({ length: rows }, () => random.integer(1, steps));
      const { loss } = await model.trainOnBatch(x, y, { lengths });
      return { loss, weights: await weightsOf(model) };
    };
    const { few, most } = await gpuOfFew();
    const [seen, expected] = [await train(few), await train(gpu)];
    expect(most()).toBe(FEW.maxComputeInvocationsPerWorkgroup);
    const close = { atol: 1e-6, rtol: 1e-5, reason: 'the same sums in another order' };
    expectClose([seen.loss], [expected.loss], { ...close, what: 'loss' });
    seen.weights.forEach((weight, n) => expectClose(weight, expected.weights[n], { ...close, what: `weight ${n}` }));
  },
);
