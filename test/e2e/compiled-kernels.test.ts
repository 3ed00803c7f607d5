import { expect, test } from 'vitest';
import { findTools } from '../../bench/compile/driver.ts';
import { compileReport } from '../../bench/compile/gather.ts';
import { complaints } from '../../bench/compile/report.ts';

const found = findTools();
const tools = typeof found === 'string' ? undefined : found;
const why = typeof found === 'string' ? ` (skipped: ${found})` : '';

// The driver is that of the process which compiles: other tests keep theirs.
test.skipIf(!tools)(`no kernel that is chosen by rule on a GPU spills registers or takes scratch${why}`, async () => {
  const report = await compileReport(tools!, () => {});
  expect(report.kernels.length).toBeGreaterThan(200);
  expect(complaints(report)).toEqual([]);
});
