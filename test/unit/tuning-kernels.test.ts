import { expect, onTestFinished, test, vi } from 'vitest';
import {
  bidirectional,
  dense,
  gru,
  lstm,
  requestGpu,
  sequential,
  sgd,
  simpleRnn,
  type SequentialOptions,
} from '../../src/index.ts';
import { TuningCache } from '../../src/runtime/autotune/tuning-cache.ts';
import type { TuningTask } from '../../src/runtime/autotune/tuning-task.ts';
import { Frames } from '../../src/runtime/frames.ts';
import type { KernelCode } from '../../src/runtime/kernel.ts';
import { Plan } from '../../src/runtime/plan.ts';
import { Tensor } from '../../src/runtime/tensor.ts';
import type { LayerDefinition } from '../../src/models/network/layers/layer.ts';
import { stubDevice } from '../harness/stub-device.ts';

const [ROWS, STEPS, UNITS] = [9, 5, 8];
const sizes = {
  units: UNITS,
  returnSequences: true,
  kernelInitializer: 'zeros',
  recurrentInitializer: 'zeros',
} as const;
const lstms = (count: number) => Array.from({ length: count }, () => lstm(sizes));

const models: [what: string, layers: LayerDefinition[], options?: Partial<SequentialOptions>][] = [
  ['a stack of lstm layers', lstms(3)],
  ['lstm layers with recurrent dropout', [lstm({ ...sizes, recurrentDropout: 0.5 }), lstm(sizes)]],
  ['lstm layers in half precision', lstms(2), { precision: 'mixedFloat16' }],
  ['gru layers', [gru(sizes), gru({ ...sizes, resetAfter: false })]],
  ['simpleRnn and dense', [simpleRnn(sizes), dense({ units: UNITS, kernelInitializer: 'zeros' })]],
  ['a bidirectional layer', [bidirectional(lstm(sizes), { mergeMode: 'sum' })]],
];

test.each(
  [{ architecture: 'hopper' }, { architecture: 'swiftshader' }].flatMap((adapter) =>
    models.map(([what, layers, options = {}]) => ({ what, layers, options, adapter })),
  ),
)('$what on $adapter.architecture: every kernel that a candidate runs is among those of its task', async (model) => {
  const { device } = stubDevice({ features: ['subgroups', 'shader-f16'], adapterInfo: model.adapter });
  const gpu = await requestGpu({ device, tuning: 'off' });
  const lookUp = vi.spyOn(TuningCache.prototype, 'get');
  const add = vi.spyOn(Plan.prototype, 'add');
  onTestFinished(() => {
    lookUp.mockRestore();
    add.mockRestore();
  });
  for (const features of [3, 40]) {
    const { layers, options } = model;
    const made = await sequential(gpu, { inputShape: [STEPS, features], layers, ...options });
    made.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
    const [x, y] = [features, UNITS].map((width) => {
      return { data: new Float32Array(ROWS * STEPS * width), shape: [ROWS, STEPS, width] };
    });
    await made.trainOnBatch(x, y);
    await made.predictOnBatch(x);
  }
  const tasks = lookUp.mock.calls.map(([task]) => task as TuningTask);
  expect(tasks.length).toBeGreaterThan(4);
  for (const { kernels, candidates, record } of tasks) {
    for (const candidate of candidates) {
      add.mockClear();
      record(candidate, {
        plan: new Plan(gpu),
        tensor: (label, shape, data) => Tensor.planned(gpu, label, shape, data),
        frames: (struct, list) => Frames.of(gpu, 'frames', struct, list).bindings,
      });
      const ran: KernelCode[] = add.mock.calls.map(([kernel]) => kernel);
      expect(ran.length).toBeGreaterThan(0);
      for (const kernel of ran) expect(kernels).toContain(kernel);
    }
  }
});
