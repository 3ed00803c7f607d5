import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ratiosChart } from './chart.ts';
import { markdown } from './markdown.ts';
import { withSpeed } from './readme.ts';
import type { Results } from './results.ts';

/** Where the published results are, of which README.md tells in short. */
const published = fileURLToPath(new URL('..', import.meta.url));
const readme = fileURLToPath(new URL('../../README.md', import.meta.url));

/** Writes RESULTS.md, results.json and ratios.svg into a folder; if these are to be published, into README.md as well. */
export async function writeReport(folder: string, results: Results): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'RESULTS.md'), markdown(results));
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(folder, 'ratios.svg'), ratiosChart(results.rows));
  if (resolve(folder) === resolve(published)) {
    writeFileSync(readme, await withSpeed(readFileSync(readme, 'utf8'), results));
  }
}
