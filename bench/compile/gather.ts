import { fileURLToPath } from 'node:url';
import { Complaint } from '../../headless/complaint.ts';
import { supervise, type Result } from '../card/supervise.ts';
import { buildDriver, type Tools } from './driver.ts';
import type { CompileReport, KernelInReport } from './report.ts';
import { digestOfSources } from './sources.ts';
import type { CompiledKernel } from './statistics.ts';

const script = fileURLToPath(new URL('inside.ts', import.meta.url));

/** Milliseconds for all kernels: some twenty times what they take. */
const LIMIT = 1_200_000;

/** What the process that compiles reports, line by line. */
export type Report =
  | { what: 'driver'; description: string }
  | { what: 'case'; id: string; title: string }
  | ({ what: 'kernel'; case: string } & CompiledKernel);

/**
 * Compiles the kernels of all cases in a process of its own, whose environment alone has the driver.
 *
 * @param onCase is told the title of each
 * @throws Complaint if that process fails
 */
export async function compileReport(tools: Tools, onCase: (title: string) => void): Promise<CompileReport> {
  const driver = buildDriver(tools);
  const report: CompileReport = { driver: '', sources: digestOfSources(), cases: [], kernels: [] };
  const byText = new Map<string, KernelInReport>();
  const onResult = (result: Result) => {
    const line = result as Report;
    if (line.what === 'driver') report.driver = line.description;
    else if (line.what === 'case') {
      report.cases.push({ id: line.id, title: line.title });
      onCase(line.title);
    } else if (line.what === 'kernel') addKernel(line);
  };
  const addKernel = (line: Extract<Report, { what: 'kernel' }>) => {
    const { case: id, kernel, extensions, constants, statistics } = line;
    const own = { kernel, extensions, constants, statistics };
    const text = JSON.stringify(own);
    const known = byText.get(text);
    if (!known) {
      const added = { ...own, cases: [id] };
      byText.set(text, added);
      report.kernels.push(added);
    } else if (!known.cases.includes(id)) known.cases.push(id);
  };
  try {
    const environment = Object.entries(driver.environment).map(([name, value]) => `${name}=${value}`);
    const command = ['env', ...environment, process.execPath, '--import', 'tsx', script];
    const { end, why } = await supervise(command, { limit: LIMIT, onResult });
    if (end !== 'done') throw new Complaint(`compile-report: the process that compiles ${end}: ${why}`);
  } finally {
    driver.dispose();
  }
  // In an order that does not depend on which kernels a change has made or spared.
  report.kernels.sort((a, b) => compare(textOf(a), textOf(b)));
  return report;
}

const textOf = ({ kernel, extensions, constants }: KernelInReport) => JSON.stringify([kernel, extensions, constants]);
const compare = (a: string, b: string) => Number(a > b) - Number(a < b);
