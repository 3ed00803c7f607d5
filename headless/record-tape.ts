import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readRecord, writeRecord, type RecordedMoment } from '../demo/network/recorded-weights.ts';
import { FIRST, MODES, readTape, type Mode } from '../demo/pictures/memory-tape/data.ts';
import type { TrainedMoment } from './record-tape/page.ts';
import { runCommand } from './run-command.ts';
import { withPage } from './with-page.ts';

/** Records the weights that the memory tape of the page shows: `node --import tsx headless/record-tape.ts`. */

const FOLDER = new URL('../demo/recorded/', import.meta.url);
/** After how many sequences. */
const AFTER = [0, 20, 60, 120, 200, 400, 1000];
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

interface Training {
  seed: number;
  /** The last one first. */
  moments: RecordedMoment[];
  /** How many answers are right with a reset at each sequence, at each moment. */
  learning: number[];
  /** How many are right in the end, by mode. */
  end: Record<Mode, number>;
}

function main(): Promise<number> {
  return withPage('/headless/record-tape/page.html', async (page) => {
    await page.waitForFunction(() => 'trainTape' in window);
    const adapter = await page.evaluate(() => window.adapterName());
    const trainings: Training[] = [];
    for (const seed of SEEDS) {
      const trained = await page.evaluate((seed, after) => window.trainTape(seed, after), seed, AFTER);
      const training = judge(seed, trained);
      console.log(`seed ${seed}: ${training.learning.join(' ')} right; in the end ${JSON.stringify(training.end)}`);
      trainings.push(training);
    }
    const { seed, moments } = mostTypical(trainings);
    const record = {
      note: 'Weights of the network of the memory tape, recorded by training it with this library.',
      command: 'node --import tsx headless/record-tape.ts',
      date: new Date().toISOString().slice(0, 10),
      adapter,
      seed,
      choice: `Of the seeds ${SEEDS.join(', ')}, that whose numbers of right answers are nearest to the medians of all.`,
    };
    // The trained network stands by itself, since the page shows it first.
    write('tape-trained.json', { ...record, moments: moments.slice(0, 1) });
    write('tape-training.json', { ...record, moments: moments.slice(1) });
    console.log(`Recorded seed ${seed}.`);
    return 0;
  });
}

function write(name: string, record: object): void {
  writeFileSync(fileURLToPath(new URL(name, FOLDER)), `${JSON.stringify(record, null, 2)}\n`);
}

function judge(seed: number, trained: readonly TrainedMoment[]): Training {
  const moments = writeRecord([...trained].reverse());
  // Counted with the weights as they are recorded, which are those that the page shows.
  const networks = readRecord(moments).reverse();
  const right = ({ weights }: (typeof networks)[number], mode: Mode): number =>
    readTape(weights, { ...FIRST, mode }).filter(({ isRight }) => isRight).length;
  const last = networks[networks.length - 1];
  const end = Object.fromEntries([...MODES.keys()].map((mode) => [mode, right(last, mode)])) as Training['end'];
  return { seed, moments, learning: networks.map((network) => right(network, 'reset')), end };
}

/** The training whose counts differ least from the medians of all. */
function mostTypical(trainings: readonly Training[]): Training {
  const counts = trainings.map(({ learning, end }) => [...learning, ...Object.values(end)]);
  const medians = counts[0].map((_, place) => median(counts.map((all) => all[place])));
  const distances = counts.map((all) => all.reduce((sum, count, place) => sum + Math.abs(count - medians[place]), 0));
  return trainings[distances.indexOf(Math.min(...distances))];
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

await runCommand(main);
