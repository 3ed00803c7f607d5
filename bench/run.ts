import { mkdirSync } from 'node:fs';
import { writeTo } from '../headless/option-values.ts';
import { runCommand, whenInterrupted } from '../headless/run-command.ts';
import { type CudnnTimes, withCudnn } from './contenders/cudnn.ts';
import { losses } from './report/losses.ts';
import { timesTable } from './report/times.ts';
import { exitCode, type Results } from './report/results.ts';
import { readResults, updated } from './report/update.ts';
import { type Arguments, parseArguments, usage } from './run/arguments.ts';
import { readCudnn, runCudnn } from './run/cudnn.ts';
import { benchInBrowser } from './run/in-browser.ts';
import { benchInNode } from './run/in-node.ts';
import { benchPackages, installPackages } from './run/install.ts';
import { thisMachine } from './run/machine.ts';
import { showProgress } from './run/progress.ts';
import { SEED } from './works/inputs.ts';

async function main(): Promise<number> {
  const wanted = parseArguments(process.argv.slice(2));
  if (wanted.help) {
    console.log(usage);
    return 0;
  }
  // Before the run: that nothing can be written should not turn out after it.
  writeTo('--out', wanted.out, (folder) => mkdirSync(folder, { recursive: true }));
  const { update } = wanted;
  const before = update === undefined ? undefined : { folder: update, results: readResults(update) };
  installPackages();
  // It draws with one of the packages installed just now.
  const { writeReport } = await import('./report/index.ts');
  const results = await measure(wanted);
  await writeReport(wanted.out, results);
  if (before) await writeReport(before.folder, updated(before.results, results));
  const rows = [...results.rows, ...(results.streams?.rows ?? []), ...(results.generation?.rows ?? [])];
  console.log(`${timesTable(rows)}\n\nFaster than this library:\n${losses(rows)}`);
  for (const folder of [wanted.out, ...(before ? [before.folder] : [])]) {
    console.error(`Written to ${folder}: RESULTS.md, results.json, ratios.svg`);
  }
  return exitCode(results);
}

async function measure(wanted: Arguments): Promise<Results> {
  const { command, node, works, stacks, pushes, generations, firstCalls, contenders, samples, cudnn, findsCudnn } =
    wanted;
  // Before the run: that a file cannot be read should not turn out after it.
  const given = cudnn === undefined ? undefined : readCudnn(cudnn);
  const display = showProgress(wanted);
  const where = node ? benchInNode : benchInBrowser;
  try {
    const interruption = whenInterrupted();
    const measured = await where(
      { works, stacks, pushes, generations, firstCalls, contenders, samples },
      display,
      interruption,
    );
    display.end();
    const times = given ?? (findsCudnn ? await Promise.race([runCudnn(works, samples), interruption]) : undefined);
    const rows = times ? withCudnn(measured.rows, times, SEED) : measured.rows;
    const facts = { command, machine: thisMachine(), packages: benchPackages() };
    return { ...facts, ...measured, rows, cudnn: times && about(times) };
  } finally {
    display.end();
  }
}

function about({ device, torch, cudnn }: CudnnTimes): Results['cudnn'] {
  return { device, torch, cudnn };
}

await runCommand(main, 'bench');
