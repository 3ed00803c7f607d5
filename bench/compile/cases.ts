import { dense, lstm, sequential, type GenerateOptions, type Gpu } from '../../src/index.ts';
import { ours, scheduled } from '../contenders/ours.ts';
import { allWorks } from '../works/index.ts';
import { makeInputs, SEED } from '../works/inputs.ts';
import { stacks } from '../works/stacks.ts';
import type { Work } from '../works/work.ts';
import { models, ROWS, SAMPLES, type ModelInReport } from './models.ts';

/** Something that the library does, whose kernels are compiled. */
export interface Case {
  id: string;
  title: string;
  run: (gpu: Gpu) => Promise<void>;
}

/** A work of the benchmark. */
function fromWork(work: Work, schedule?: 'wavefront'): Case {
  const { id, title } = work;
  return {
    id: schedule ? `${id}-${schedule}` : id,
    title: schedule ? `${title}, ${schedule}` : title,
    async run(gpu) {
      const contender = schedule ? scheduled(gpu, schedule) : ours(gpu);
      const task = await contender.prepare(work, makeInputs(work, SEED));
      await task.run(1);
      task.dispose();
    },
  };
}

/** A model that trains for two updates, evaluates and predicts. */
function fromModel({ id, title, steps, features, options, target, training, fit }: ModelInReport): Case {
  return {
    id,
    title,
    async run(gpu) {
      const inputShape = features === undefined ? [steps] : [steps, features];
      const model = await sequential(gpu, { ...options, inputShape, seed: SEED });
      model.compile(training);
      const [x, y] = [zeros([SAMPLES, ...inputShape]), zeros([SAMPLES, ...target])];
      await model.fit(x, y, { batchSize: ROWS, shuffle: false, ...fit });
      await model.evaluate(x, y, { batchSize: ROWS });
      await model.predict(x, { batchSize: ROWS });
      model.dispose();
    },
  };
}

/** A model with as many outputs as features, which feeds itself. */
function fromGeneration(
  id: string,
  activation: 'softmax' | 'linear',
  options: GenerateOptions,
  schedule?: 'layered',
): Case {
  const [features, units, steps] = [65, 128, 16];
  return {
    id,
    title: `generates steps, ${activation} head: I ${features}, H ${units}${schedule ? `, ${schedule}` : ''}`,
    async run(gpu) {
      const model = await sequential(gpu, {
        inputShape: [null, features],
        layers: [lstm({ units, stateful: true, returnSequences: true }), dense({ units: features, activation })],
        slots: 1,
        schedule,
        seed: SEED,
      });
      await model.openStream().generate(steps, { ...options, from: new Float32Array(features) });
      model.dispose();
    },
  };
}

function zeros(shape: readonly number[]): { data: Float32Array; shape: readonly number[] } {
  return { data: new Float32Array(shape.reduce((product, size) => product * size, 1)), shape };
}

/** Another work with the same kernels: many updates of a small model. */
const isRepeated = ({ updates = 1 }: Work) => updates > 1;

export const cases: readonly Case[] = [
  ...allWorks.filter((work) => !isRepeated(work)).map((work) => fromWork(work)),
  ...stacks.map((work) => fromWork(work)),
  ...stacks.map((work) => fromWork(work, 'wavefront')),
  ...models.map(fromModel),
  fromGeneration('generate-classes', 'softmax', { sample: {} }),
  fromGeneration('generate-values', 'linear', { feedback: true }),
  fromGeneration('generate-classes-layered', 'softmax', { sample: {} }, 'layered'),
  fromGeneration('generate-values-layered', 'linear', { feedback: true }, 'layered'),
];
