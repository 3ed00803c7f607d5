import * as wasm from 'onnxruntime-web/wasm';
import * as webgpu from 'onnxruntime-web/webgpu';
import gpuModule from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url';
import gpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url';
import cpuModule from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import cpuWasm from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import type { Inputs } from '../../works/inputs.ts';
import type { Work } from '../../works/work.ts';
import type { Contender, Task } from '../contender.ts';
import { stepwise } from '../generating/stepwise.ts';
import { onnxModel } from './model.ts';

const runtimes = { wasm, webgpu };
wasm.env.wasm.wasmPaths = { mjs: cpuModule, wasm: cpuWasm };
webgpu.env.wasm.wasmPaths = { mjs: gpuModule, wasm: gpuWasm };
for (const { env } of [wasm, webgpu]) env.wasm.numThreads = navigator.hardwareConcurrency;

/** ONNX Runtime Web, which does not train. */
export function onnxRuntime(provider: 'wasm' | 'webgpu'): Contender {
  return {
    id: `ort-${provider}`,
    can: ({ kind, layers = 1 }) => kind !== 'train' && layers === 1,
    async prepare(work, inputs) {
      const { InferenceSession } = runtimes[provider];
      const session = await InferenceSession.create(onnxModel(work, inputs.weights), {
        executionProviders: [provider],
      });
      if (work.kind === 'product') return productTask(provider, session, work, inputs);
      if (work.kind === 'generate') return generation(provider, session, work);
      return lstmTask(provider, session, work, inputs);
    },
  };
}

type Provider = keyof typeof runtimes;
type Session = wasm.InferenceSession;

function lstmTask(provider: Provider, session: Session, work: Work, inputs: Inputs): Task {
  const { Tensor } = runtimes[provider];
  const { batch, steps, features, stateful } = work;
  // ONNX has steps first; that the samples are in this order is not part of the race.
  const x = new Tensor('float32', stepsFirst(inputs.x(1), work), [steps, batch, features]);
  let [h, c] = zeroStates(provider, work);
  let output: Float32Array;
  return {
    async run(times) {
      for (let time = 0; time < times; time++) {
        const { lastH, lastC, y = lastH } = await session.run({ x, h, c });
        output = y.data as Float32Array;
        if (stateful) [h, c] = [lastH, lastC];
      }
    },
    result: async () => [output],
    dispose: () => void session.release(),
  };
}

async function generation(provider: Provider, session: Session, work: Work): Promise<Task> {
  const { Tensor } = runtimes[provider];
  let [h, c] = zeroStates(provider, work);
  const task = await stepwise(work, async (data) => {
    const x = new Tensor('float32', data, [1, work.batch, work.features]);
    const { lastH, lastC, y } = await session.run({ x, h, c });
    [h, c] = [lastH, lastC];
    return y.data as Float32Array;
  });
  return { ...task, dispose: () => void session.release() };
}

function zeroStates(provider: Provider, { batch, units }: Work): wasm.Tensor[] {
  const { Tensor } = runtimes[provider];
  return [0, 1].map(() => new Tensor('float32', new Float32Array(batch * units), [1, batch, units]));
}

function productTask(provider: Provider, session: Session, work: Work, inputs: Inputs): Task {
  const x = new runtimes[provider].Tensor('float32', inputs.x(1), [work.batch, work.features]);
  let output: Float32Array;
  return {
    async run(times) {
      for (let time = 0; time < times; time++) output = (await session.run({ x })).y.data as Float32Array;
    },
    result: async () => [output],
    dispose: () => void session.release(),
  };
}

/** [B, T, I] to [T, B, I]. */
function stepsFirst(x: Float32Array, { batch, steps, features }: Work): Float32Array {
  const result = new Float32Array(x.length);
  for (let row = 0; row < batch; row++) {
    for (let t = 0; t < steps; t++) {
      const start = (row * steps + t) * features;
      result.set(x.subarray(start, start + features), (t * batch + row) * features);
    }
  }
  return result;
}
