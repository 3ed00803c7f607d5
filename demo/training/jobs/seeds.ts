import { type Callback, type Model, trainMany } from '../../../src/index.ts';
import { DEFAULT_SEED, makeData } from '../../experiments/data/sequences.ts';
import { withNetworks } from '../../experiments/run/network.ts';
import { statefulWindows } from '../../experiments/definitions/stateful-windows.ts';
import { postWindows, WINDOW_LENGTH, WINDOWS_PER_SEQUENCE } from '../../experiments/data/prepare-sequences.ts';
import { isSoftware } from './software.ts';
import { compilingIn } from '../../experiments/run/compiling.ts';
import type { CompilingNews } from './compiling.ts';
import type { JobContext } from './job-context.ts';

/** How networks are made and trained: with settings of 2016 or of today and no resets, or of today with the missing reset. */
export type SettingId = 'keras1' | 'keras3' | 'reset';

interface Setting {
  id: SettingId;
  settings: 'keras1' | 'keras3';
  resetStates: 'never' | number;
  epochs: number;
}

/** The post trained for so many epochs. */
const EPOCHS = statefulWindows.defaultEpochs;

/** With the reset all is learned in the first epoch or two, and the others would only take time. */
export const SETTINGS: readonly Setting[] = [
  { id: 'keras1', settings: 'keras1', resetStates: 'never', epochs: EPOCHS },
  { id: 'keras3', settings: 'keras3', resetStates: 'never', epochs: EPOCHS },
  { id: 'reset', settings: 'keras3', resetStates: WINDOWS_PER_SEQUENCE, epochs: 5 },
];
const ALL_EPOCHS = SETTINGS.reduce((sum, { epochs }) => sum + epochs, 0);

/** On a software adapter each network takes as long as the first. */
const NETWORKS = { gpu: 64, software: 8 };

export type SeedsNews =
  | { type: 'begin'; networks: number; adapter: string; isSoftware: boolean }
  | ({ type: 'progress'; setting: SettingId; epoch: number; epochs: number; fraction: number } & CompilingNews)
  /** For each network, how many test windows it answers right after this epoch, counted from 0. */
  | { type: 'epoch'; setting: SettingId; epoch: number; right: number[] };

export interface SeedsOptions {
  /** Default: as many as the adapter can bear. */
  networks?: number;
  /** The seed of the first network; the others have those after it. Default: 1. */
  firstSeed?: number;
}

/** Trains many networks at once on the windows of the post, in one setting after the other. */
export async function seeds(context: JobContext<SeedsNews>, options: SeedsOptions): Promise<void> {
  const { gpu, signal, tell } = context;
  const software = isSoftware(gpu);
  const { networks = software ? NETWORKS.software : NETWORKS.gpu, firstSeed = 1 } = options;
  tell({ type: 'begin', networks, adapter: gpu.adapterName, isSoftware: software });
  let epochsBefore = 0;
  for (const setting of SETTINGS) {
    await withNetworks(gpu, networksOf(setting, networks, firstSeed, signal), (models) =>
      trainOneSetting(models, setting, context, epochsBefore / ALL_EPOCHS),
    );
    signal.throwIfAborted();
    epochsBefore += setting.epochs;
  }
}

/** Networks that differ in their seeds; no more of them once training is stopped, since many take a while to build. */
function* networksOf({ settings }: Setting, count: number, firstSeed: number, signal: AbortSignal) {
  for (let seed = firstSeed; seed < firstSeed + count && !signal.aborted; seed++) {
    yield { seed, timesteps: WINDOW_LENGTH, stateful: true, settings };
  }
}

async function trainOneSetting(
  models: readonly Model[],
  { id, resetStates, epochs }: Setting,
  { signal, tell }: JobContext<SeedsNews>,
  fractionBefore: number,
): Promise<void> {
  signal.throwIfAborted();
  // The data are the same for all networks, which differ in the weights that they begin with.
  const data = makeData(DEFAULT_SEED);
  const [train, test] = [postWindows(data.train), postWindows(data.test)];
  const windows = test.x.shape[0];
  let right: number[] = [];
  const callbacks = (): readonly Callback[] => [
    {
      onEpochEnd(epoch, { valAccuracy = NaN }) {
        right.push(Math.round(valAccuracy * windows));
        if (right.length < models.length) return;
        // The epoch in which training was stopped is not a whole one.
        if (!signal.aborted) tell({ type: 'epoch', setting: id, epoch, right });
        right = [];
      },
    },
  ];
  const stop = (): void => void (models[0].stopTraining = true);
  signal.addEventListener('abort', stop);
  try {
    await trainMany(models, train.x, train.y, {
      batchSize: 1,
      epochs,
      resetStates,
      validationData: [test.x, test.y],
      callbacks,
      onProgress(progress) {
        const { epoch, batch, batches = 1 } = progress;
        const fraction = fractionBefore + (epoch + batch / batches) / ALL_EPOCHS;
        tell({ type: 'progress', setting: id, epoch, epochs, fraction, compiling: compilingIn(progress) });
      },
    });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
