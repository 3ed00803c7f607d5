import type { Gpu, Model } from '../../../src/index.ts';
import type { ModelName } from '../../lab/models.ts';

/** Networks that jobs have made, for later jobs: one by each name. */
const kept = new Map<ModelName, { gpu: Gpu; model: Model }>();

/** Keeps a network in place of the one before, which is freed. */
export function keepModel(name: ModelName, gpu: Gpu, model: Model): void {
  forgetModel(name);
  kept.set(name, { gpu, model });
}

/** Frees a network, if there is one of this name. */
export function forgetModel(name: ModelName): void {
  kept.get(name)?.model.dispose();
  kept.delete(name);
}

/** @throws Error for the reader if there is none, such as after the browser lost the GPU */
export function keptModel(name: ModelName, gpu: Gpu): Model {
  const found = kept.get(name);
  if (found?.gpu === gpu) return found.model;
  const again = name === 'imported' ? 'Open its file' : 'Train it';
  throw new Error(
    found
      ? `The browser lost the GPU, and the network with it. ${again} again.`
      : `No network is open. ${again} first.`,
  );
}
