import { readFileSync } from 'node:fs';
import { requestGpu } from '../../src/index.ts';
import { cases } from './cases.ts';
import { compileOnlyDevice, type Compile } from './compile-only-device.ts';
import type { Report } from './gather.ts';
import type { Statistics } from './statistics.ts';

/** Compiles the kernels of all cases, one kernel at a time, and reports each. @param log where the driver writes */
export async function compileCases(webgpu: GPU, log: string, report: (line: Report) => void): Promise<void> {
  const adapter = (await webgpu.requestAdapter())!;
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter.requestDevice({
    requiredFeatures: ['shader-f16', 'subgroups'],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
  report({ what: 'driver', description: adapter.info.description });
  const compile = oneByOne(device, log);
  const compiled = new Map<string, Promise<Statistics>>();
  for (const { id, title, run } of cases) {
    report({ what: 'case', id, title });
    const only = compileOnlyDevice(device, compile, compiled, (kernel) =>
      report({ what: 'kernel', case: id, ...kernel }),
    );
    const gpu = await requestGpu({ device: only, tuning: 'off' });
    await run(gpu);
    gpu.dispose();
  }
}

/** Several pipelines that compile at once could not be told apart in the log. */
function oneByOne(device: GPUDevice, log: string): Compile {
  let before: Promise<unknown> = Promise.resolve();
  let read = 0;
  return (descriptor) => {
    const lines = before.then(async () => {
      await device.createComputePipelineAsync(descriptor);
      const added = readFileSync(log, 'utf8').split('\n').slice(read, -1);
      read += added.length;
      return added;
    });
    before = lines.catch(() => {});
    return lines;
  };
}
