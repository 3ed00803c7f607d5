import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findTools } from '../../bench/compile/driver.ts';
import { compileReport } from '../../bench/compile/gather.ts';
import { complaints, type CompileReport } from '../../bench/compile/report.ts';
import { digestOfSources } from '../../bench/compile/sources.ts';

const published = JSON.parse(readFileSync('bench/compiled.json', 'utf8')) as CompileReport;
const tools = findTools();

/** To compile takes two minutes. The figures that are published are held by test/unit/bench-compiled.test.ts. */
function whySkipped(): string | undefined {
  if (published.sources === digestOfSources()) return 'no source has changed since bench/compiled.json';
  return typeof tools === 'string' ? tools : undefined;
}

const why = whySkipped();

// The driver is that of the process which compiles: other tests keep theirs.
test.skipIf(why)(
  `no kernel that is chosen by rule on a GPU spills registers or takes scratch${why ? ` (skipped: ${why})` : ''}`,
  async () => {
    if (typeof tools === 'string') throw new Error(tools);
    const report = await compileReport(tools, () => {});
    expect(report.kernels.length).toBeGreaterThan(200);
    expect(complaints(report)).toEqual([]);
  },
);
