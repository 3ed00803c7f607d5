import { describe, expect, test, vi } from 'vitest';
import { LimitError, ShaderError } from '../../../src/runtime/errors.ts';
import { Frames } from '../../../src/runtime/frames.ts';
import { defineKernel, type Grid } from '../../../src/runtime/kernel.ts';
import { Plan } from '../../../src/runtime/plan.ts';
import { SizesTable } from '../../../src/runtime/sizes-table.ts';
import { f32, struct, u32 } from '../../../src/runtime/struct.ts';
import { Tensor } from '../../../src/runtime/tensor.ts';
import { countGpuCalls } from '../count-calls.ts';
import { gpu } from '../gpu.ts';

/** numbers[place] = numbers[place] * FACTOR + summand */
const kernel = defineKernel({
  name: 'test-step',
  source: /* wgsl */ `
    struct Step { place: u32, summand: f32 }
    override FACTOR: f32;
    @group(0) @binding(0) var<uniform> step: Step;
    @group(0) @binding(1) var<storage, read_write> numbers: array<f32>;
    @compute @workgroup_size(1) fn main() {
      numbers[step.place] = numbers[step.place] * FACTOR + step.summand;
    }`,
  bindings: { step: 'frame', numbers: 'read-write' },
  constants: ['FACTOR'],
  grid: () => [1, 1, 1],
});

const stepStruct = struct('Step', { place: u32, summand: f32 });

const framesOf = (...fields: [place: number, summand: number][]) =>
  Frames.of(
    gpu,
    'test frames',
    stepStruct,
    fields.map(([place, summand]) => ({ place, summand })),
  );

describe('a plan', () => {
  test('runs its dispatches in order', async () => {
    const numbers = Tensor.create(gpu, 'numbers', [1]);
    const plan = new Plan(gpu);
    const frames = framesOf([0, 1], [0, 5]);
    plan.add(kernel, { step: { frames, index: 0 }, numbers }, { FACTOR: 2 });
    plan.add(kernel, { step: { frames, index: 1 }, numbers }, { FACTOR: 10 });
    await plan.ready();
    expect(plan.length).toBe(2);
    gpu.submit('test', (pass) => plan.encode(pass, 0));
    expect([...(await numbers.read())]).toEqual([15]);
  });

  test('takes the frame of the replay where none is fixed', async () => {
    const numbers = Tensor.create(gpu, 'numbers', [3]);
    const plan = new Plan(gpu);
    plan.add(kernel, { step: { frames: framesOf([0, 1], [1, 2], [2, 3]) }, numbers }, { FACTOR: 10 });
    plan.add(kernel, { step: { frames: framesOf([0, 7]), index: 0 }, numbers }, { FACTOR: 1 });
    await plan.ready();
    gpu.submit('test', (pass) => [0, 1, 2].forEach((index) => plan.encode(pass, index)));
    expect([...(await numbers.read())]).toEqual([22, 2, 3]);
  });

  test('creates nothing when it is replayed', async () => {
    const numbers = Tensor.create(gpu, 'numbers', [1]);
    const plan = new Plan(gpu);
    plan.add(kernel, { step: { frames: framesOf([0, 1]), index: 0 }, numbers }, { FACTOR: 1 });
    await plan.ready();
    const calls = countGpuCalls();
    for (let submit = 0; submit < 3; submit++) {
      gpu.submit('test', (pass) => {
        for (let replay = 0; replay < 100; replay++) plan.encode(pass, 0);
      });
    }
    expect(calls()).toEqual({
      createBuffer: 0,
      createBindGroup: 0,
      createComputePipelineAsync: 0,
      createShaderModule: 0,
      submit: 3,
      mapAsync: 0,
    });
    expect([...(await numbers.read())]).toEqual([300]);
  });

  test('compiles a kernel once for each set of constants', async () => {
    const numbers = Tensor.create(gpu, 'numbers', [1]);
    const step = { frames: framesOf([0, 1]), index: 0 };
    const fresh = { ...kernel, name: 'test-compiled-once' };
    const calls = countGpuCalls();
    for (const FACTOR of [3, 3, 4, 3]) {
      const plan = new Plan(gpu);
      plan.add(fresh, { step, numbers }, { FACTOR });
      await plan.ready();
    }
    expect(calls().createComputePipelineAsync).toBe(2);
  });

  test('compiles a kernel with fixed lengths once for each of them', async () => {
    const step = { frames: framesOf([64, 1]), index: 0 };
    const fresh = { ...kernel, name: 'test-fixed-lengths', fixedLengths: ['numbers'] } as const;
    const calls = countGpuCalls();
    for (const length of [65, 80, 65]) {
      const numbers = Tensor.create(gpu, 'numbers', [length]);
      const plan = new Plan(gpu);
      plan.add(fresh, { step, numbers }, { FACTOR: 1 });
      await plan.ready();
      gpu.submit('test', (pass) => plan.encode(pass, 0));
      expect([...(await numbers.read(64, 65))]).toEqual([1]);
    }
    expect(calls().createComputePipelineAsync).toBe(2);
  });

  describe('with a baseline', () => {
    /** A true baseline gives the same results; these factors tell which of the two has run. */
    const [optimized, baseline] = [10, 2];
    const grid = [1, 1, 1] as const;

    /** A plan that multiplies by the factor of the kernel that runs. */
    function planOf(name: string) {
      const fresh = { ...kernel, name };
      return (baselineGrid: Grid = grid) => {
        const numbers = Tensor.create(gpu, 'numbers', [1]);
        numbers.write(new Float32Array([1]));
        const plan = new Plan(gpu);
        const variant = { constants: { FACTOR: baseline }, grid: baselineGrid };
        plan.add(
          fresh,
          { step: { frames: framesOf([0, 0]), index: 0 }, numbers },
          { FACTOR: optimized },
          grid,
          variant,
        );
        const factor = async () => {
          gpu.submit('test', (pass) => plan.encode(pass, 0));
          const [result] = await numbers.read();
          numbers.write(new Float32Array([1]));
          return result;
        };
        return { plan, factor };
      };
    }

    test('runs it until the optimized kernel has compiled', async () => {
      const { plan, factor } = planOf('test-baseline')();
      const calls = countGpuCalls();
      await plan.ready();
      expect(calls().createComputePipelineAsync).toBe(1);
      for (let replay = 0; replay < 5; replay++) expect(await factor()).toBe(baseline);
      expect(calls().createComputePipelineAsync).toBe(1);
      plan.optimizeInBackground();
      await vi.waitFor(async () => expect(await factor()).toBe(optimized), { timeout: 10_000 });
      expect(calls().createComputePipelineAsync).toBe(2);
    });

    test('does without it where the optimized kernel has compiled before', async () => {
      const make = planOf('test-no-baseline');
      await make().plan.optimized();
      const calls = countGpuCalls();
      const { plan, factor } = make();
      await plan.ready();
      expect(await factor()).toBe(optimized);
      expect(calls().createComputePipelineAsync).toBe(0);
    });

    test('does without it where it would need more workgroups than the device allows', async () => {
      const { plan, factor } = planOf('test-large-baseline')([1, 131_070, 1]);
      await plan.ready();
      expect(await factor()).toBe(optimized);
    });
  });

  test.runIf(gpu.isSoftware)(
    'runs a general kernel for all sizes, and one for its own once that has compiled',
    async () => {
      const sized = defineKernel({
        name: 'test-sizes',
        source: /* wgsl */ `
        override PLACE: u32;
        @group(0) @binding(0) var<storage, read_write> numbers: array<f32>;
        @compute @workgroup_size(1) fn main() { numbers[PLACE] += 1.0; }`,
        bindings: { numbers: 'read-write' },
        constants: ['PLACE'],
        sizes: ['PLACE'],
        grid: () => [1, 1, 1],
      });
      const numbers = Tensor.create(gpu, 'numbers', [3]);
      const sizes = new SizesTable(gpu);
      const plans = [0, 1, 2].map((PLACE) => {
        const plan = new Plan(gpu, sizes);
        plan.add(sized, { numbers }, { PLACE });
        return plan;
      });
      const calls = countGpuCalls();
      for (const plan of plans) await plan.ready();
      expect(calls().createComputePipelineAsync).toBe(1);
      const { createBindGroup: bindGroups } = calls();
      const replay = async (plan: Plan) => {
        gpu.submit('test', (pass) => plan.encode(pass, 0));
        await gpu.settled();
      };
      for (const plan of [plans[0], plans[0], plans[2]]) await replay(plan);
      expect(calls().createComputePipelineAsync).toBe(1);
      plans[0].optimizeInBackground();
      plans[0].optimizeInBackground();
      await vi.waitFor(() => expect(calls().createComputePipelineAsync).toBe(2), { timeout: 10_000 });
      await plans[0].optimized();
      await replay(plans[0]);
      // Later the memory that they bind may have been freed.
      expect(calls().createBindGroup).toBe(bindGroups);
      expect([...(await numbers.read())]).toEqual([3, 0, 1]);
      sizes.dispose();
    },
  );

  test('refuses more workgroups than the device allows', () => {
    const numbers = Tensor.create(gpu, 'numbers', [1]);
    const add = () =>
      new Plan(gpu).add(kernel, { step: { frames: framesOf([0, 1]) }, numbers }, { FACTOR: 1 }, [1, 131_070, 1]);
    expect(add).toThrow(LimitError);
    expect(add).toThrow('test-step: needs 1 × 131070 × 1 workgroups, and this device allows 65535 each way');
    expect(add).toThrow('(maxComputeWorkgroupsPerDimension). Work 2.00 times smaller would fit.');
  });
});

describe('frames', () => {
  test('can be written again between two submits', async () => {
    const numbers = Tensor.create(gpu, 'numbers', [1]);
    const frames = framesOf([0, 1], [0, 1]);
    const plan = new Plan(gpu);
    plan.add(kernel, { step: { frames }, numbers }, { FACTOR: 10 });
    await plan.ready();
    gpu.submit('first', (pass) => plan.encode(pass, 0));
    frames.set.summand(0, 2);
    frames.set.summand(1, 9);
    frames.upload(1);
    gpu.submit('second', (pass) => [0, 1].forEach((index) => plan.encode(pass, index)));
    // 1, then 10 + 2; frame 1 was not sent again, so 120 + 1.
    expect([...(await numbers.read())]).toEqual([121]);
  });
});

describe('a kernel that does not compile', () => {
  const broken = (name: string, source: string, preludes?: string[]) => {
    const bindings = { numbers: 'read-write' } as const;
    const contract = defineKernel({ name, source, preludes, bindings, constants: [], grid: () => [1, 1, 1] });
    const plan = new Plan(gpu);
    plan.add(contract, { numbers: Tensor.create(gpu, 'numbers', [1]) }, {});
    return plan.ready();
  };
  const numbers = '@group(0) @binding(0) var<storage, read_write> numbers: array<f32>;';
  const main = (statement: string) => `${numbers}\n\n@compute @workgroup_size(1) fn main() {\n  ${statement}\n}`;

  test.each([
    ['alone', main('numbers[0] = oops;'), undefined, 'alone.wgsl:4:16'],
    ['behind', main('numbers[0] = oops;'), ['// one\n', '// two'], 'behind.wgsl:4:16'],
    ['prelude', main(''), ['const a = 1;\nconst b = oops;'], 'prelude of prelude:2:11'],
  ])('is refused with file, line and column: %s', async (name, source, preludes, place) => {
    const failure = await broken(name, source, preludes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ShaderError);
    expect((failure as Error).message).toContain(place);
    expect((failure as Error).message).toContain('oops');
  });
});
