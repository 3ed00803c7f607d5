import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Complaint } from '../../headless/complaint.ts';
import { parseOptions } from '../../headless/parse-options.ts';
import { runCommand, tellPhase } from '../../headless/run-command.ts';
import { findTools } from './driver.ts';
import { compileReport } from './gather.ts';
import { complaints, markdown, type CompileReport } from './report.ts';

const usage = `Compiles the kernels that a GPU would run for the works of the benchmark, for a graphics card that need not be here,
and writes bench/COMPILED.md and bench/compiled.json: registers, spills, scratch, workgroup memory, waves. Takes two minutes.

npm run compile-report

  --help          this text

Exit code: 0, 1 if a kernel spills registers or takes scratch, 2 if the options are wrong.`;

const published = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

async function main(): Promise<number> {
  const { values } = parseOptions(process.argv.slice(2), { help: { type: 'boolean', short: 'h' } });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const tools = findTools();
  if (typeof tools === 'string') throw new Complaint(`compile-report: ${tools}`);
  const report = await compileReport(tools, tellPhase);
  writeFileSync(published('COMPILED.md'), markdown(report));
  writeFileSync(published('compiled.json'), json(report));
  const worst = complaints(report);
  for (const complaint of worst) console.error(complaint);
  console.log(`${report.kernels.length} kernels, written to bench: COMPILED.md, compiled.json`);
  return worst.length > 0 ? 1 : 0;
}

/** A line a kernel, so that a change shows which ones it concerns. */
function json({ kernels, ...rest }: CompileReport): string {
  const lines = kernels.map((kernel) => `    ${JSON.stringify(kernel)}`);
  const head = JSON.stringify(rest, null, 2).slice(0, -2);
  return `${head},\n  "kernels": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

await runCommand(main, 'compile-report');
