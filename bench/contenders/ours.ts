import { adam, dense, lstm, sequential, type Gpu, type Model } from '../../src/index.ts';
import type { Inputs } from '../works/inputs.ts';
import type { Work } from '../works/work.ts';
import { EPSILON, LEARNING_RATE, type Contender, type Task } from './contender.ts';

/** This library. */
export function ours(gpu: Gpu): Contender {
  return {
    id: 'ours',
    can: () => true,
    async prepare(work, inputs) {
      const model = await makeModel(gpu, work);
      model.setWeights([...inputs.weights]);
      return work.kind === 'train' ? training(model, work, inputs) : prediction(model, work, inputs);
    },
  };
}

function makeModel(gpu: Gpu, work: Work): Promise<Model> {
  const { kind, batch, steps, features, units, stateful, layers = 1 } = work;
  if (kind === 'product') {
    return sequential(gpu, { inputShape: [features], layers: [dense({ units, useBias: false })] });
  }
  const stack = Array.from({ length: layers }, (_, layer) =>
    lstm({ units, stateful, returnSequences: layer + 1 < layers }),
  );
  const head = kind === 'train' ? [dense({ units: 1, activation: 'sigmoid' })] : [];
  return sequential(gpu, {
    inputShape: [steps, features],
    batchSize: stateful ? batch : undefined,
    layers: [...stack, ...head],
  });
}

function training(model: Model, { batch, steps, features }: Work, inputs: Inputs): Task {
  model.compile({
    optimizer: adam({ learningRate: LEARNING_RATE, epsilon: EPSILON }),
    loss: 'binaryCrossentropy',
  });
  return {
    async run(times) {
      const x = { data: inputs.x(times), shape: [times * batch, steps, features] };
      const y = { data: inputs.y(times), shape: [times * batch, 1] };
      await model.fit(x, y, { batchSize: batch, shuffle: false });
    },
    async result() {
      return (await model.getWeights()).map(({ data }) => data);
    },
    dispose: () => model.dispose(),
  };
}

function prediction(model: Model, { kind, batch, steps, features }: Work, inputs: Inputs): Task {
  const sample = kind === 'product' ? [features] : [steps, features];
  const x = { data: inputs.x(1), shape: [batch, ...sample] };
  let output: Float32Array;
  return {
    async run(times) {
      for (let time = 0; time < times; time++) output = (await model.predictOnBatch(x)).data;
    },
    result: async () => [output],
    dispose: () => model.dispose(),
  };
}
