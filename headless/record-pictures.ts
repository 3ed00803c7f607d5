import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LENGTHS } from '../demo/pictures/window/data.ts';
import { RACE_EPOCHS, SEED } from '../demo/pictures/trained.ts';
import { launchBrowser } from './launch-browser.ts';
import type { PictureTrainings } from './record-pictures/page.ts';
import { runCommand, tellPhase } from './run-command.ts';
import { createProjectServer } from './server.ts';

/**
 * Records the trainings that pictures 2 and 3 show where there is no WebGPU: `node --import tsx headless/record-pictures.ts`.
 */

const FILE = fileURLToPath(new URL('../demo/recorded/picture-trainings.json', import.meta.url));

async function main(): Promise<number> {
  const server = await createProjectServer();
  await server.listen();
  const browser = await launchBrowser({ onPhase: tellPhase });
  try {
    const page = await browser.newPage();
    await page.goto(new URL('/headless/record-pictures/page.html', server.resolvedUrls?.local[0]).href);
    await page.waitForFunction(() => 'pictureTrainings' in window);
    const adapter = await page.evaluate(() => window.pictureTrainings.adapterName());
    const options = { seed: SEED, epochs: RACE_EPOCHS };
    const race = await page.evaluate((options) => window.pictureTrainings.race(options), options);
    console.log(JSON.stringify(race));
    const windows: (Awaited<ReturnType<PictureTrainings['windows']>> & { length: number })[] = [];
    for (const length of LENGTHS) {
      const result = await page.evaluate((options) => window.pictureTrainings.windows(options), { seed: SEED, length });
      console.log(length, JSON.stringify(result));
      windows.push({ length, ...result });
    }
    const record = {
      note: 'Accuracies on the test half, recorded by training with this library.',
      command: 'node --import tsx headless/record-pictures.ts',
      date: new Date().toISOString().slice(0, 10),
      adapter,
      seed: SEED,
      race,
      windows,
    };
    writeFileSync(FILE, `${JSON.stringify(record, null, 2)}\n`);
    return 0;
  } finally {
    await browser.close();
    await server.close();
  }
}

await runCommand('record-pictures', main);
