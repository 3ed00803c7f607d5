import { tape } from '../../demo/training/jobs/tape.ts';
import { requestGpu } from '../../src/index.ts';

/** The weights after so many sequences, as plain numbers, which Puppeteer can pass on. */
export interface TrainedMoment {
  seen: number;
  numbers: number[];
}

declare global {
  interface Window {
    /** Trains the network of the memory tape and gives its weights after the given numbers of sequences. */
    trainTape(seed: number, after: readonly number[]): Promise<TrainedMoment[]>;
    adapterName(): Promise<string>;
  }
}

const gpu = requestGpu();

window.adapterName = async () => (await gpu).adapterName;

window.trainTape = async (seed, after) => {
  const moments: TrainedMoment[] = [];
  const { signal } = new AbortController();
  await tape(
    {
      gpu: await gpu,
      signal,
      tell(news) {
        const { snapshots = [] } = news;
        moments.push(...snapshots.map(({ seen, numbers }) => ({ seen, numbers: [...numbers] })));
      },
    },
    { seed, after },
  );
  return moments;
};
