import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ratiosChart } from './chart.ts';
import { markdown } from './markdown.ts';
import type { Results } from './results.ts';

/** Writes RESULTS.md, results.json and ratios.svg into a folder. */
export function writeReport(folder: string, results: Results): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'RESULTS.md'), markdown(results));
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, 'ratios.svg'), ratiosChart(results.rows));
}
