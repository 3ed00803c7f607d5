import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Complaint, UsageError } from '../../headless/complaint.ts';
import type { Results } from './results.ts';

/** The parts that are published with a date of their own. */
const PARTS = ['stacks', 'streams', 'generation', 'firstCalls'] as const;

/** @throws UsageError if a folder holds no results that could be updated */
export function readResults(folder: string): Results {
  const file = join(folder, 'results.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Results;
  } catch (error) {
    throw new UsageError(
      `--update is "${folder}", expected a folder with the results of a run: ${(error as Error).message}`,
    );
  }
}

/**
 * Earlier results with the parts in place of theirs that a later run has measured.
 *
 * @throws Complaint if the later ones are those of another machine, browser or adapter, whose times cannot be compared
 */
export function updated(before: Results, later: Results): Results {
  const [known, found] = [before, later].map(({ machine, environment, adapterName }) =>
    [machine.processor, `${machine.cores} cores`, environment, adapterName].join(', '),
  );
  if (known !== found) {
    throw new Complaint(
      `--update: measured on ${found}, expected ${known}, on which the rest was measured. Measure all of it anew with --out.`,
    );
  }
  const measured = PARTS.filter((part) => later[part]?.rows.length);
  return { ...before, ...Object.fromEntries(measured.map((part) => [part, later[part]])) };
}
