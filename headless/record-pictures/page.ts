import { raceOrders, type Racer } from '../../demo/training/jobs/race.ts';
import { trainOnWindows, type WindowResult } from '../../demo/training/jobs/window.ts';
import { requestGpu } from '../../src/index.ts';

/** The functions of the page that the command calls: the same trainings that readers start. */
export interface PictureTrainings {
  adapterName(): Promise<string>;
  race(options: { seed: number; epochs: number }): Promise<Record<Racer, number[]>>;
  windows(options: { seed: number; length: number }): Promise<WindowResult>;
}

declare global {
  interface Window {
    pictureTrainings: PictureTrainings;
  }
}

const gpu = requestGpu();
const where = async () => ({ gpu: await gpu, signal: new AbortController().signal, tell: () => {} });

window.pictureTrainings = {
  adapterName: async () => (await gpu).adapterName,
  race: async (options) => raceOrders(await where(), options),
  windows: async (options) => trainOnWindows(await where(), options),
};
