import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-webgpu';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import simdWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plainWasm from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';
import type { Inputs } from '../works/inputs.ts';
import type { Work } from '../works/work.ts';
import { EPSILON, LEARNING_RATE, type Contender, type Task } from './contender.ts';
import { stepwise } from './generating/stepwise.ts';

setWasmPaths({
  'tfjs-backend-wasm.wasm': plainWasm,
  'tfjs-backend-wasm-simd.wasm': simdWasm,
  'tfjs-backend-wasm-threaded-simd.wasm': threadedWasm,
});
setThreadsCount(navigator.hardwareConcurrency);

/** TensorFlow.js' layers on one of its backends. */
export function tfjs(backend: 'cpu' | 'wasm' | 'webgpu'): Contender {
  return {
    id: `tfjs-${backend}`,
    can: ({ models = 1 }) => models === 1,
    async prepare(work, inputs) {
      await choose(backend);
      const model = makeModel(work);
      tf.tidy(() => model.setWeights(inputs.weights.map(({ data, shape }) => tf.tensor(data, shape))));
      const task = await tasks[work.kind](model, work, inputs);
      return {
        async run(times) {
          await choose(backend);
          await task.run(times);
        },
        async result() {
          await choose(backend);
          return task.result();
        },
        dispose: () => task.dispose(),
      };
    },
  };
}

const tasks: Record<Work['kind'], (model: Sequential, work: Work, inputs: Inputs) => Task | Promise<Task>> = {
  train: training,
  infer: prediction,
  stream: prediction,
  push: prediction,
  generate: generation,
  product: prediction,
};

/** There is one backend at a time for the whole page. */
async function choose(backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`TF.js has no ${backend} backend here.`);
}

function makeModel({ kind, batch, steps, features, units, outputs, stateful, layers: count = 1 }: Work): Sequential {
  const model = sequential();
  if (kind === 'product') {
    model.add(layers.dense({ units, useBias: false, inputShape: [features] }));
    return model;
  }
  const batchInputShape = [stateful ? batch : null, steps, features];
  for (let layer = 0; layer < count; layer++) {
    model.add(
      layers.lstm({
        units,
        stateful,
        ...(layer === 0 && { batchInputShape }),
        returnSequences: layer + 1 < count,
        recurrentActivation: 'sigmoid',
        kernelInitializer: 'zeros',
        recurrentInitializer: 'zeros',
      }),
    );
  }
  if (kind === 'push') model.add(layers.dense({ units: outputs! }));
  if (kind === 'generate') model.add(layers.dense({ units: outputs!, activation: 'softmax' }));
  if (kind === 'train') model.add(layers.dense({ units: 1, activation: 'sigmoid' }));
  return model;
}

function training(model: Sequential, { batch, steps, features }: Work, inputs: Inputs): Task {
  model.compile({
    optimizer: tf.train.adam(LEARNING_RATE, undefined, undefined, EPSILON),
    loss: 'binaryCrossentropy',
  });
  return {
    async run(times) {
      const x = tf.tensor3d(inputs.x(times), [times * batch, steps, features]);
      const y = tf.tensor2d(inputs.y(times), [times * batch, 1]);
      await model.fit(x, y, { batchSize: batch, shuffle: false, yieldEvery: 'never' });
      tf.dispose([x, y]);
    },
    result: () => Promise.all(model.getWeights().map(async (weight) => (await weight.data()) as Float32Array)),
    dispose: () => void model.dispose(),
  };
}

function prediction(model: Sequential, { kind, batch, steps, features }: Work, inputs: Inputs): Task {
  const shape = kind === 'product' ? [batch, features] : [batch, steps, features];
  let output: Float32Array;
  return {
    async run(times) {
      for (let time = 0; time < times; time++) output = await outputOf(model, inputs.x(1), shape);
    },
    result: async () => [output],
    dispose: () => void model.dispose(),
  };
}

async function generation(model: Sequential, work: Work): Promise<Task> {
  const task = await stepwise(work, (x) => outputOf(model, x, [work.batch, 1, work.features]));
  return { ...task, dispose: () => void model.dispose() };
}

async function outputOf(model: Sequential, x: Float32Array, shape: number[]): Promise<Float32Array> {
  const result = tf.tidy(() => model.predictOnBatch(tf.tensor(x, shape)) as tf.Tensor);
  const output = (await result.data()) as Float32Array;
  result.dispose();
  return output;
}
