import { adam, dense, lstm, sequential, trainMany, type Gpu, type Model } from '../../src/index.ts';
import type { Inputs } from '../works/inputs.ts';
import type { Work } from '../works/work.ts';
import { EPSILON, LEARNING_RATE, type Contender, type Task } from './contender.ts';
import { firstInputs, seedOf } from './generating/stepwise.ts';

/** This library. */
export function ours(gpu: Gpu): Contender {
  return { id: 'ours', ...inSchedule(gpu) };
}

/** How this library takes a stack of LSTM layers through time. */
export const schedules = ['layered', 'wavefront'] as const;
export type ScheduleId = (typeof schedules)[number];

/** This library, with the schedule that is asked for. */
export function scheduled(gpu: Gpu, schedule: ScheduleId): Contender<ScheduleId> {
  return { id: schedule, ...inSchedule(gpu, schedule) };
}

function inSchedule(gpu: Gpu, schedule?: ScheduleId): Omit<Contender, 'id'> {
  return {
    can: () => true,
    async prepare(work, inputs) {
      const models = await Promise.all(Array.from({ length: work.models ?? 1 }, () => makeModel(gpu, work, schedule)));
      for (const model of models) model.setWeights([...inputs.weights]);
      if (work.kind === 'push') return pushes(models[0], work, inputs);
      if (work.kind === 'generate') return generation(models[0], work);
      return work.kind === 'train' ? training(models, work, inputs) : prediction(models[0], work, inputs);
    },
  };
}

function makeModel(gpu: Gpu, work: Work, schedule?: ScheduleId): Promise<Model> {
  const { kind, batch, steps, features, units, outputs, stateful, layers = 1 } = work;
  if (kind === 'product') {
    return sequential(gpu, { inputShape: [features], layers: [dense({ units, useBias: false })] });
  }
  if (kind === 'push' || kind === 'generate') {
    const first = lstm({ units, stateful, returnSequences: true });
    const head = dense({ units: outputs!, activation: kind === 'generate' ? 'softmax' : 'linear' });
    return sequential(gpu, { inputShape: [null, features], slots: batch, layers: [first, head] });
  }
  const stack = Array.from({ length: layers }, (_, layer) =>
    lstm({ units, stateful, returnSequences: layer + 1 < layers }),
  );
  const head = kind === 'train' ? [dense({ units: 1, activation: 'sigmoid' })] : [];
  return sequential(gpu, {
    inputShape: [steps, features],
    batchSize: stateful ? batch : undefined,
    layers: [...stack, ...head],
    schedule,
  });
}

function training(models: readonly Model[], { batch, steps, features }: Work, inputs: Inputs): Task {
  const optimizer = adam({ learningRate: LEARNING_RATE, epsilon: EPSILON });
  for (const model of models) model.compile({ optimizer, loss: 'binaryCrossentropy' });
  return {
    async run(times) {
      const x = { data: inputs.x(times), shape: [times * batch, steps, features] };
      const y = { data: inputs.y(times), shape: [times * batch, 1] };
      const options = { batchSize: batch, shuffle: false };
      if (models.length > 1) await trainMany(models, x, y, options);
      else await models[0].fit(x, y, options);
    },
    async result() {
      return (await models.at(-1)!.getWeights()).map(({ data }) => data);
    },
    explain: () => models[0].explain(),
    dispose: () => models.forEach((model) => model.dispose()),
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
    explain: () => model.explain(),
    dispose: () => model.dispose(),
  };
}

function pushes(model: Model, work: Work, inputs: Inputs): Task {
  const { batch, outputs = 0 } = work;
  const chunks = chunksOf(model, work, inputs.x(1));
  const [[stream, step]] = chunks;
  let last: readonly { data: Float32Array }[] = [];
  return {
    async run(times) {
      for (let time = 0; time < times; time++) {
        last = batch === 1 ? [await stream.push(step)] : await model.pushAll(chunks);
      }
    },
    result: async () => [joined(last, batch * outputs)],
    explain: () => model.explain(),
    dispose: () => model.dispose(),
  };
}

async function generation(model: Model, work: Work): Promise<Task> {
  const { batch, outputs = 0, stepsOfCall = 1 } = work;
  const chunks = chunksOf(model, work, firstInputs(work));
  const options = chunks.map((_, row) => ({ sample: { seed: seedOf(row) } }));
  const [[stream]] = chunks;
  await model.pushAll(chunks);
  let drawn: Float32Array;
  return {
    piecesOfCall: stepsOfCall,
    async run(times) {
      for (let done = 0; done < times; done += stepsOfCall) {
        const steps = Math.min(stepsOfCall, times - done);
        const results =
          batch === 1
            ? [await stream.generate(steps, options[0])]
            : await model.generateAll(chunks.map(([each], row) => [each, steps, options[row]] as const));
        drawn = joined(
          results.map(({ classes }) => ({ data: classes })),
          batch * steps,
        );
      }
    },
    result: async () => [drawn, joined(await model.pushAll(chunks), batch * outputs)],
    explain: () => model.explain(),
    dispose: () => model.dispose(),
  };
}

/** A stream for each row of x, [B, I]. */
function chunksOf(model: Model, { batch, features }: Work, x: Float32Array) {
  return Array.from(
    { length: batch },
    (_, row) => [model.openStream(), x.subarray(row * features, (row + 1) * features)] as const,
  );
}

/** Lists of the same length, one behind the other. */
function joined(lists: readonly { data: ArrayLike<number> }[], length: number): Float32Array {
  const all = new Float32Array(length);
  lists.forEach(({ data }, n) => all.set(data, n * data.length));
  return all;
}
