import type { Inputs } from '../../works/inputs.ts';
import type { Work } from '../../works/work.ts';
import type { Contender, Task } from '../contender.ts';
import { stepwise } from '../generating/stepwise.ts';
import { PlainLstm } from './lstm.ts';
import { product } from './product.ts';
import { softmax } from './softmax.ts';
import { PlainTrainer } from './trainer.ts';

/** Plain JavaScript loops on one processor core. All other results are compared with theirs. */
export const plain: Contender = {
  id: 'plain',
  can: ({ isLarge = false }) => !isLarge,
  prepare: async (work, inputs) => tasks[work.kind](work, inputs),
};

const tasks: Record<Work['kind'], (work: Work, inputs: Inputs) => Task | Promise<Task>> = {
  train: training,
  infer: prediction,
  stream: prediction,
  push: pushes,
  generate: generation,
  product: (work, inputs) => {
    const [a, b] = [inputs.x(1), inputs.weights[0].data];
    const out = new Float32Array(work.batch * work.units);
    return repeating(() => product(out, a, b, work.features, work.units), [out]);
  },
};

function training(work: Work, inputs: Inputs): Task {
  const trained = Array.from({ length: work.models ?? 1 }, () => inputs.weights.map(({ data }) => data.slice()));
  const trainers = trained.map((weights) => new PlainTrainer(work, weights, work.stateful));
  return {
    async run(times) {
      const [x, y] = [inputs.x(times), inputs.y(times)];
      for (const trainer of trainers) {
        for (let batch = 0; batch < times; batch++) trainer.update(x, y, batch);
      }
    },
    result: async () => trained.at(-1)!,
    dispose() {},
  };
}

function prediction(work: Work, inputs: Inputs): Task {
  const [kernel, recurrentKernel, bias] = inputs.weights.map(({ data }) => data);
  const lstm = new PlainLstm(work, { kernel, recurrentKernel, bias });
  const x = inputs.x(1);
  const last = new Float32Array(work.batch * work.units);
  return repeating(() => lstm.forward(x, 0, work.stateful, last), [last]);
}

function pushes(work: Work, inputs: Inputs): Task {
  const x = inputs.x(1);
  const out = new Float32Array(work.batch * work.outputs!);
  const step = lstmAndHead(work, inputs, out);
  return repeating(() => step(x), [out]);
}

async function generation(work: Work, inputs: Inputs): Promise<Task> {
  const out = new Float32Array(work.batch * work.outputs!);
  const step = lstmAndHead(work, inputs, out);
  const task = await stepwise(work, async (x) => {
    step(x);
    softmax(out, work.outputs!);
    return out;
  });
  return { ...task, dispose() {} };
}

/** A step of streams, which are the rows of a batch. @param out takes the outputs of the dense head, [B, outputs] */
function lstmAndHead(work: Work, inputs: Inputs, out: Float32Array): (x: Float32Array) => void {
  const { batch, units, outputs = 0, stateful } = work;
  const [kernel, recurrentKernel, bias, head, headBias] = inputs.weights.map(({ data }) => data);
  const lstm = new PlainLstm(work, { kernel, recurrentKernel, bias });
  const last = new Float32Array(batch * units);
  return (x) => {
    lstm.forward(x, 0, stateful, last);
    product(out, last, head, units, outputs);
    for (let n = 0; n < out.length; n++) out[n] += headBias[n % outputs];
  };
}

function repeating(once: () => void, result: Float32Array[]): Task {
  return {
    async run(times) {
      for (let time = 0; time < times; time++) once();
    },
    result: async () => result,
    dispose() {},
  };
}
