import { clock, ENOUGH, type TrainedNetwork } from '../../demo/training/jobs/clock.ts';
import { type SettingId, seeds } from '../../demo/training/jobs/seeds.ts';
import { requestGpu } from '../../src/index.ts';

/** The networks that were trained, as the page of the demo shows them. */
export interface SecondLook {
  adapter: string;
  seeds: { networks: number; right: Record<SettingId, number[][]> };
  /** The network whose states are drawn; only if the first seed is 1. */
  clock?: Omit<TrainedNetwork, 'weights'> & {
    seed: number;
    weights: Record<keyof TrainedNetwork['weights'], number[]>;
  };
}

declare global {
  interface Window {
    /** Trains all; what comes of it is told through the functions below. */
    train(networks: number, firstSeed: number): void;
    tellPhase(phase: string): Promise<void>;
    finish(result: SecondLook | string): Promise<void>;
  }
}

window.train = (networks, firstSeed) => {
  trainAll(networks, firstSeed).then(
    (result) => window.finish(result),
    (error: unknown) => window.finish(String(error)),
  );
};

async function trainAll(networks: number, firstSeed: number): Promise<SecondLook> {
  const gpu = await requestGpu();
  const { signal } = new AbortController();
  const trainedClock = firstSeed === 1 ? await findClock() : undefined;
  const right: Record<SettingId, number[][]> = { keras1: [], keras3: [], reset: [] };
  for (const lines of Object.values(right)) for (let n = 0; n < networks; n++) lines.push([]);
  await seeds(
    {
      gpu,
      signal,
      tell(news) {
        if (news.type === 'begin') return;
        if (news.type === 'epoch') news.right.forEach((count, network) => right[news.setting][network].push(count));
        else void window.tellPhase(`${news.setting}, ${(100 * news.fraction).toFixed(1)} %`);
      },
    },
    { networks, firstSeed },
  );
  return { adapter: gpu.adapterName, seeds: { networks, right }, clock: trainedClock };

  /** The first seed whose network learns to count: most do, but not all. */
  async function findClock(): Promise<NonNullable<SecondLook['clock']>> {
    for (let seed = 1; ; seed++) {
      void window.tellPhase(`a clock with seed ${seed}`);
      const { weights, ...trained } = await clock({ gpu, signal, tell: () => {} }, { seed });
      if (trained.testAccuracy > ENOUGH) return { seed, ...trained, weights: rounded(weights) };
    }
  }
}

/** Five decimals keep the file small, and what the network answers. */
function rounded(weights: TrainedNetwork['weights']): NonNullable<SecondLook['clock']>['weights'] {
  const entries = Object.entries(weights) as [keyof TrainedNetwork['weights'], ArrayLike<number>][];
  return Object.fromEntries(
    entries.map(([name, values]) => [name, Array.from(values, (value) => Number(value.toFixed(5)))]),
  ) as NonNullable<SecondLook['clock']>['weights'];
}
