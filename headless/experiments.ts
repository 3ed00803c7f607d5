import { writeFileSync } from 'node:fs';
import type { ViteDevServer } from 'vite';
import type { Experiment, Result } from '../demo/experiments/index.ts';
import { UsageError } from './complaint.ts';
import { type Arguments, parseArguments, usage } from './experiments/arguments.ts';
import { openBrowser } from './experiments/browser.ts';
import { type ProgressDisplay, showProgress } from './experiments/progress.ts';
import { exitCode, list, resultsTable, summary } from './experiments/table.ts';
import { numbered } from './progress-bar.ts';
import { runCommand, whenInterrupted } from './run-command.ts';
import { createProjectServer } from './server.ts';

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

  const names = runs.map(({ name }) => name);
  let display: ProgressDisplay | undefined;
  const interruption = whenInterrupted();
  const browser = await openBrowser(server);
  console.error(`WebGPU on ${browser.adapterName}, seed ${seed}`);
  try {
    for (const [index, run] of runs.entries()) {
      display = showProgress(run, numbered(names, index));
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

/** @throws UsageError if the file cannot be written */
function save(file: string, results: readonly Result[]): void {
  try {
    writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--json: ${(error as Error).message}`);
  }
}

await runCommand('experiments', main);
