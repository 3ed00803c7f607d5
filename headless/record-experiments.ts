import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { experiments } from '../demo/experiments/index.ts';
import { figuresOf, type RecordedFile } from '../demo/pictures/post/sources/recording.ts';
import { openBrowser } from './experiments/browser.ts';
import { chooseRuns, readOptions } from './experiments/options.ts';
import { runCommand } from './run-command.ts';
import { createProjectServer } from './server.ts';

/** Runs the experiments of the post, and records what the page shows where it cannot train. */

const FILE = fileURLToPath(new URL('../demo/recorded/experiments.json', import.meta.url));
const COMMAND = 'node --import tsx headless/record-experiments.ts';

async function main(): Promise<number> {
  const options = readOptions([]);
  const server = await createProjectServer();
  try {
    const browser = await openBrowser(server);
    try {
      const results: RecordedFile['results'] = [];
      for (const run of chooseRuns(options, experiments)) {
        const { epochs, ...result } = await browser.run(run, options.seed, { onProgress() {}, onEpoch() {} });
        console.error(`${run.name}: ${result.sentence}`);
        const { id, variant, updates, seconds, verdict, sentence } = result;
        const rounded = Number(seconds.toPrecision(3));
        results.push({ id, variant, updates, seconds: rounded, verdict, sentence, epochs: epochs.map(figuresOf) });
      }
      const file: RecordedFile = {
        date: new Date().toISOString().slice(0, 10),
        machine: `${browser.adapterName} with ${availableParallelism()} processor cores`,
        command: COMMAND,
        seed: options.seed,
        results,
      };
      writeFileSync(FILE, await format(JSON.stringify(file), { parser: 'json', printWidth: 120 }));
      return 0;
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

await runCommand(main);
