import { writeFileSync } from 'node:fs';
import type { ViteDevServer } from 'vite';
import { experiments, type Result } from '../../demo/experiments/index.ts';
import { writeTo } from '../option-values.ts';
import { numbered } from '../progress-bar.ts';
import { createProjectServer } from '../server.ts';
import { openBrowser } from './browser.ts';
import { chooseRuns, type Options, type Run, unheeded } from './options.ts';
import { type ProgressDisplay, showProgress } from './progress.ts';
import { exitCode, list, outputColumns, resultsTable, summary } from './table.ts';

/**
 * Runs the experiments that the options choose, or lists all.
 *
 * @param interruption ends it when it rejects, with what is done
 * @returns the exit code
 */
export async function runAll(options: Options, interruption: Promise<never>): Promise<number> {
  if (options.list) {
    console.log(list(experiments));
    return 0;
  }
  const runs = chooseRuns(options, experiments);
  for (const line of unheeded(options, runs)) console.error(line);
  const server = await unlessInterrupted(createProjectServer(), interruption);
  try {
    return exitCode(await run(runs, options, server, interruption));
  } finally {
    await server.close();
  }
}

async function run(
  runs: readonly Run[],
  { seed, json }: Options,
  server: ViteDevServer,
  interruption: Promise<never>,
): Promise<Result[]> {
  const results: Result[] = [];
  // Before the first run too: that a file cannot be written should not turn out after the last.
  if (json !== undefined) save(json, results);

  const browser = await unlessInterrupted(openBrowser(server), interruption);
  console.error(`WebGPU on ${browser.adapterName}, seed ${seed}`);
  const names = runs.map(({ name }) => name);
  let display: ProgressDisplay | undefined;
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
    const columns = outputColumns(process.stdout.columns, process.env['COLUMNS']);
    if (results.length > 0) console.log(`${resultsTable(results, columns)}\n${summary(results, runs.length)}`);
    await browser.close();
  }
  return results;
}

/** Waits for something to start. If the user stops the command meanwhile, it is closed once it has started. */
async function unlessInterrupted<Started extends { close(): Promise<void> }>(
  starting: Promise<Started>,
  interruption: Promise<never>,
): Promise<Started> {
  try {
    return await Promise.race([starting, interruption]);
  } catch (error) {
    // A failure to start or to close changes nothing now: the command ends anyway.
    void starting.then((started) => started.close()).catch(() => {});
    throw error;
  }
}

/** @throws UsageError if the file cannot be written */
function save(file: string, results: readonly Result[]): void {
  writeTo('--json', file, (path) => writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`));
}
