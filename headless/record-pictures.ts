import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LENGTHS } from '../demo/pictures/window/data.ts';
import { DEFAULT_SEED } from '../demo/experiments/data/sequences.ts';
import { RACE_EPOCHS } from '../demo/pictures/race/data.ts';
import type { PictureTrainings } from './record-pictures/page.ts';
import { runCommand } from './run-command.ts';
import { withPage } from './with-page.ts';

/**
 * Records the trainings that pictures 2 and 3 show where there is no WebGPU: `node --import tsx headless/record-pictures.ts`.
 */

const FILE = fileURLToPath(new URL('../demo/recorded/picture-trainings.json', import.meta.url));

function main(): Promise<number> {
  return withPage('/headless/record-pictures/page.html', async (page) => {
    await page.waitForFunction(() => 'pictureTrainings' in window);
    const adapter = await page.evaluate(() => window.pictureTrainings.adapterName());
    const options = { seed: DEFAULT_SEED, epochs: RACE_EPOCHS };
    const race = await page.evaluate((options) => window.pictureTrainings.race(options), options);
    console.log(JSON.stringify(race));
    const windows: (Awaited<ReturnType<PictureTrainings['windows']>> & { length: number })[] = [];
    for (const length of LENGTHS) {
      const result = await page.evaluate((options) => window.pictureTrainings.windows(options), {
        seed: DEFAULT_SEED,
        length,
      });
      console.log(length, JSON.stringify(result));
      windows.push({ length, ...result });
    }
    const record = {
      note: 'Accuracies on the test half, recorded by training with this library.',
      command: 'node --import tsx headless/record-pictures.ts',
      date: new Date().toISOString().slice(0, 10),
      adapter,
      seed: DEFAULT_SEED,
      race,
      windows,
    };
    writeFileSync(FILE, `${JSON.stringify(record, null, 2)}\n`);
    return 0;
  });
}

await runCommand(main);
