import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { UsageError } from './complaint.ts';
import { wholeNumber } from './option-values.ts';
import { parseOptions } from './parse-options.ts';
import { runCommand, tellPhase } from './run-command.ts';
import type { SecondLook } from './record-second-look/page.ts';
import { whenGone } from './when-gone.ts';
import { withPage } from './with-page.ts';

/**
 * Trains the networks that the page shows before its reader has trained any, and writes down what became of them:
 * `node --import tsx headless/record-second-look.ts`. With `--networks 8 --first 9` it adds eight networks to the eight that
 * were recorded before, which is for machines where many at once take too long.
 */

const FILE = 'demo/recorded/second-look.json';

async function main(): Promise<number> {
  const { values } = parseOptions(process.argv.slice(2), { networks: { type: 'string' }, first: { type: 'string' } });
  const networks = wholeNumber('--networks', values.networks, 1, 64);
  const first = wholeNumber('--first', values.first, 1, 1);
  const earlier = first === 1 ? undefined : (JSON.parse(readFileSync(FILE, 'utf8')) as SecondLook);
  if (earlier && earlier.seeds.networks !== first - 1) {
    throw new UsageError(
      `--first is ${first}, expected ${earlier.seeds.networks + 1}, the first one not recorded yet.`,
    );
  }
  const { adapter, seeds, clock } = await train(networks, first);
  const record = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus()[0].model.trim()}, ${availableParallelism()} cores, WebGPU on ${adapter}`,
    command: 'node --import tsx headless/record-second-look.ts',
    seeds: earlier ? joined(earlier.seeds, seeds) : seeds,
    clock: earlier ? earlier.clock : clock,
  };
  writeFileSync(FILE, `${JSON.stringify(record)}\n`);
  return 0;
}

function joined(a: SecondLook['seeds'], b: SecondLook['seeds']): SecondLook['seeds'] {
  const right = {
    keras1: [...a.right.keras1, ...b.right.keras1],
    keras3: [...a.right.keras3, ...b.right.keras3],
    reset: [...a.right.reset, ...b.right.reset],
  };
  return { networks: a.networks + b.networks, right };
}

function train(networks: number, first: number): Promise<SecondLook> {
  return withPage('/headless/record-second-look/page.html', async (page) => {
    const result = new Promise<SecondLook>((resolve, reject) => {
      void page.exposeFunction('finish', (result: SecondLook | string) => {
        if (typeof result === 'string') reject(new Error(result));
        else resolve(result);
      });
    });
    await page.exposeFunction('tellPhase', tellPhase);
    await page.waitForFunction(() => 'train' in window);
    // The call returns at once: Puppeteer gives up on calls that take minutes.
    await page.evaluate((networks, first) => window.train(networks, first), networks, first);
    return Promise.race([result, whenGone(page)]);
  });
}

await runCommand(main);
