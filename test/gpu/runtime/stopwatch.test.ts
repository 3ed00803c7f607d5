import { describe, expect, onTestFinished, test } from 'vitest';
import { Timestamps } from '../../../src/runtime/autotune/timestamps.ts';
import { gpu } from '../gpu.ts';

const WGSL = `
override LOOPS = 1u;
@group(0) @binding(0) var<storage, read_write> x: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) n: u32) {
  var sum = x[n];
  for (var k = 0u; k < LOOPS; k++) { sum = sum * 0.999 + 1.0; }
  x[n] = sum;
}`;

describe.runIf(gpu.device.features.has('timestamp-query'))('timestamps of this adapter', () => {
  test('grow with the work of a pass, and are no longer than it takes by the clock', async () => {
    const timestamps = Timestamps.of(gpu)!;
    onTestFinished(() => timestamps.dispose());
    const { device } = gpu;
    const buffer = device.createBuffer({ size: 256, usage: 0x80 });
    onTestFinished(() => buffer.destroy());
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ code: WGSL }), constants: { LOOPS: 20_000 } },
    });
    const layout = pipeline.getBindGroupLayout(0);
    const bindGroup = device.createBindGroup({ layout, entries: [{ binding: 0, resource: { buffer } }] });
    const run = async (dispatches: number) => {
      const start = performance.now();
      const ran = await timestamps.submit((pass) => {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        for (let n = 0; n < dispatches; n++) pass.dispatchWorkgroups(1);
      });
      return { ran, took: performance.now() - start };
    };
    await run(10);
    const [few, many] = [await run(10), await run(200)];
    expect(few.ran).toBeGreaterThan(0);
    // Twenty times the work; a busy machine may have held up the shorter pass.
    expect(many.ran).toBeGreaterThan(2 * few.ran);
    // A tick of either clock.
    expect(many.ran).toBeLessThan(many.took + 2 * Timestamps.TICK_MS);
  });
});
