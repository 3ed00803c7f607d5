import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseOptions } from '../../headless/parse-options.ts';
import { runCommand, tellPhase } from '../../headless/run-command.ts';
import type { CompileReport } from '../compile/report.ts';
import { costReport } from './gather.ts';
import { markdown } from './report.ts';
import type { CostReport } from './rows.ts';

const usage = `Counts what the kernels ask of memory for the works of the benchmark, by replaying them on Chrome's software adapter, and
writes bench/COST.md and bench/cost.json: dispatches, requests, bytes, and the times that follow from them on three GPUs. It
takes registers from bench/compiled.json (npm run compile-report). Takes five minutes.

npm run cost-model

  --help          this text`;

const published = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

async function main(): Promise<number> {
  const { values } = parseOptions(process.argv.slice(2), { help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const report = await costReport(tellPhase);
  const { kernels } = JSON.parse(readFileSync(published('compiled.json'), 'utf8')) as CompileReport;
  writeFileSync(published('COST.md'), markdown(report, kernels));
  writeFileSync(published('cost.json'), json(report));
  console.log(`${report.kernels.length} kernels of ${report.works.length} works, written to bench: COST.md, cost.json`);
  return 0;
}

/** A line a work and a line a kernel, so that a change shows which ones it concerns. */
function json({ adapter, works, kernels }: CostReport): string {
  const lines = (all: readonly object[]) => all.map((one) => `    ${JSON.stringify(one)}`).join(',\n');
  return `{
  "adapter": ${JSON.stringify(adapter)},
  "works": [
${lines(works)}
  ],
  "kernels": [
${lines(kernels)}
  ]
}
`;
}

await runCommand(main, 'cost-model');
