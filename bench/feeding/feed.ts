import { adam, dense, lstm, requestGpu, sequential, trainMany, type Gpu, type Model } from '../../src/index.ts';
import { summarize, type Summary } from '../measure/statistics.ts';
import { idleDevice } from './idle-device.ts';

/** Updates of small models that are to be fed to a GPU. */
interface Feeding {
  title: string;
  models: number;
  /** How many updates the shorter and the longer training make; their difference tells what an update takes. */
  updates: readonly [short: number, long: number];
  /** Whether each model has samples in an order of its own. */
  isShuffled?: boolean;
  /** Whether each model has a learning rate of its own. */
  hasOwnRates?: boolean;
  /** Whether a mask says which samples start from zero. */
  isMasked?: boolean;
}

const feedings: readonly Feeding[] = [
  { title: '1 model, `fit`', models: 1, updates: [2_000, 42_000] },
  { title: '1 model, `fit`, shuffled', models: 1, updates: [2_000, 42_000], isShuffled: true },
  { title: '1 model, `fit`, a mask of resets', models: 1, updates: [2_000, 42_000], isMasked: true },
  { title: '64 models, `trainMany`', models: 64, updates: [256, 4_352] },
  { title: '256 models, `trainMany`', models: 256, updates: [256, 4_352] },
  { title: '256 models, learning rates of their own', models: 256, updates: [256, 1_280], hasOwnRates: true },
  { title: '256 models, shuffled', models: 256, updates: [256, 1_280], isShuffled: true },
];

/** What an update takes of the processor. */
export interface Fed {
  title: string;
  /** Microseconds of an update of all models. */
  update: Summary;
  /** Nanoseconds of an update of one of them. */
  modelUpdate: number;
  /** Bytes that an update uploads. */
  bytes: number;
}

/** Measures each on a GPU that does nothing. @param samples of each */
export async function feed(samples: number, tell: (fed: Fed) => void): Promise<void> {
  for (const feeding of feedings) tell(await measure(feeding, samples));
}

async function measure(feeding: Feeding, samples: number): Promise<Fed> {
  const { title, models: count, updates } = feeding;
  const { device, uploaded } = idleDevice();
  const gpu = await requestGpu({ device, tuning: 'off' });
  const models = await Promise.all(Array.from({ length: count }, (_, index) => makeModel(gpu, index, feeding)));
  // The first training prepares the kernels, and V8 has compiled the loops after it.
  for (const warmUp of [...updates, ...updates]) await train(models, warmUp, feeding);
  const more = updates[1] - updates[0];
  const before = uploaded();
  await train(models, updates[0], feeding);
  const ofShort = uploaded() - before;
  await train(models, updates[1], feeding);
  const bytes = (uploaded() - before - 2 * ofShort) / more;
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const short = await train(models, updates[0], feeding);
    times.push(((await train(models, updates[1], feeding)) - short) / more);
  }
  for (const model of models) model.dispose();
  gpu.dispose();
  const update = summarize(times);
  return { title, update, modelUpdate: (1000 * update.median) / count, bytes };
}

async function makeModel(gpu: Gpu, seed: number, { hasOwnRates }: Feeding): Promise<Model> {
  const layers = [lstm({ units: 10, stateful: true }), dense({ units: 1, activation: 'sigmoid' })];
  const model = await sequential(gpu, { inputShape: [1, 1], batchSize: 1, layers, seed });
  const learningRate = hasOwnRates ? 0.001 * (1 + seed) : 0.001;
  model.compile({ optimizer: adam({ learningRate }), loss: 'binaryCrossentropy' });
  return model;
}

/** Trains on so many samples, one an update. @returns microseconds of the processor */
async function train(models: readonly Model[], updates: number, { isShuffled, isMasked }: Feeding): Promise<number> {
  const x = { data: new Float32Array(updates), shape: [updates, 1, 1] };
  const y = { data: new Float32Array(updates), shape: [updates, 1] };
  const resetStates = isMasked ? Float32Array.from({ length: updates }, (_, n) => (n % 3 === 0 ? 1 : 0)) : undefined;
  const options = { batchSize: 1, shuffle: isShuffled ? ('force' as const) : false, resetStates };
  // Other programs on the machine take time too, but not of this process.
  const start = process.cpuUsage();
  if (models.length > 1) await trainMany(models, x, y, options);
  else await models[0].fit(x, y, options);
  const { user, system } = process.cpuUsage(start);
  return user + system;
}
