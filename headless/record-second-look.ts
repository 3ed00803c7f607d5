import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { wholeNumber } from './option-values.ts';
import { parseOptions } from './parse-options.ts';
import { runCommand, tellPhase } from './run-command.ts';
import { launchBrowser } from './launch-browser.ts';
import type { SecondLook } from './second-look/page.ts';
import { createProjectServer } from './server.ts';
import { whenGone } from './when-gone.ts';

/** Trains the networks that the page shows before its reader has trained any, and writes down what became of them. */

const FILE = 'demo/recorded/second-look.json';

async function main(): Promise<number> {
  const { values } = parseOptions(process.argv.slice(2), { networks: { type: 'string' } });
  const networks = wholeNumber('--networks', values.networks, 1, 64);
  const { adapter, ...result } = await train(networks);
  const record = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0].model.trim()}, ${availableParallelism()} cores, WebGPU on ${adapter}`,
    command: `node --import tsx headless/record-second-look.ts --networks ${networks}`,
    ...result,
  };
  writeFileSync(FILE, `${JSON.stringify(record)}\n`);
  return 0;
}

async function train(networks: number): Promise<SecondLook> {
  const server = await createProjectServer();
  try {
    await server.listen();
    const browser = await launchBrowser({ onPhase: tellPhase });
    try {
      const page = await browser.newPage();
      const result = new Promise<SecondLook>((resolve, reject) => {
        void page.exposeFunction('done', (result: SecondLook | string) => {
          if (typeof result === 'string') reject(new Error(result));
          else resolve(result);
        });
      });
      await page.exposeFunction('going', tellPhase);
      await page.goto(new URL('/headless/second-look/page.html', server.resolvedUrls?.local[0]).href);
      await page.waitForFunction(() => 'train' in window);
      // The call returns at once: Puppeteer gives up on calls that take minutes.
      await page.evaluate((count) => window.train(count), networks);
      return await Promise.race([result, whenGone(page)]);
    } finally {
      await browser.close();
    }
  } finally {
    await server.close();
  }
}

await runCommand('record-second-look', main);
