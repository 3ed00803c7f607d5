import { writeFileSync } from 'node:fs';
import type { ViteDevServer } from 'vite';
import type { Experiment, Result } from '../demo/experiments/index.ts';
import { type Arguments, parseArguments, usage } from './experiments/arguments.ts';
import { openBrowser } from './experiments/browser.ts';
import { Complaint, Interrupted, UsageError } from './experiments/complaint.ts';
import { type ProgressDisplay, showProgress } from './experiments/progress.ts';
import { createProjectServer } from './experiments/server.ts';
import { exitCode, list, resultsTable, summary } from './experiments/table.ts';

async function main(): Promise<number> {
  const server = await createProjectServer();
  try {
    const { experiments } = await server.ssrLoadModule('/demo/experiments/index.ts');
    const wanted = parseArguments(process.argv.slice(2), experiments as Experiment[]);
    if (wanted.help) console.log(usage);
    else if (wanted.list) console.log(list(experiments as Experiment[]));
    else return await runAll(wanted, server);
    return 0;
  } finally {
    await server.close();
  }
}

async function runAll({ runs, seed, json }: Arguments, server: ViteDevServer): Promise<number> {
  const results: Result[] = [];
  // Before the first run too: that a file cannot be written should not turn out after the last.
  if (json !== undefined) save(json, results);

  let display: ProgressDisplay | undefined;
  const interruption = whenInterrupted();
  const browser = await openBrowser(server);
  console.error(`WebGPU on ${browser.adapterName}, seed ${seed}`);
  try {
    for (const [index, run] of runs.entries()) {
      display = showProgress(run, label(runs, index));
      let epochs = 0;
      const running = browser.run(run, seed, {
        onProgress: (progress) => display?.progress(progress),
        onEpoch: (epoch) => display?.epoch(epochs++, epoch),
      });
      const result = await Promise.race([running, interruption]);
      display.end(result);
      display = undefined;
      results.push(result);
      if (json !== undefined) save(json, results);
    }
  } finally {
    display?.abandon();
    await browser.close();
    if (results.length > 0) console.log(`${resultsTable(results)}\n${summary(results, runs.length)}`);
  }
  return exitCode(results);
}

/** Rejects on Ctrl-C, once: a second one ends the process on the spot. */
function whenInterrupted(): Promise<never> {
  const interruption = new Promise<never>((_resolve, reject) => {
    process.once('SIGINT', () => reject(new Interrupted('Stopped.')));
  });
  // It may come when nobody waits for it yet.
  interruption.catch(() => {});
  return interruption;
}

/** @throws UsageError if the file cannot be written */
function save(file: string, results: readonly Result[]): void {
  try {
    writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--json: ${(error as Error).message}`);
  }
}

/** ` 3/10 stateless-windows`, each as wide as the widest. */
function label(runs: Arguments['runs'], index: number): string {
  const digits = String(runs.length).length;
  const width = Math.max(...runs.map(({ name }) => name.length));
  return `${String(index + 1).padStart(digits)}/${runs.length} ${runs[index].name.padEnd(width)}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Complaint ? error.message : error);
  if (error instanceof UsageError) console.error('npm run experiments -- --help tells all options.');
  process.exitCode = error instanceof Complaint ? error.exitCode : 1;
}
