import type { FirstCalls } from '../measure/first-call.ts';
import { quantile } from '../measure/statistics.ts';
import { table } from './table.ts';
import { duration } from './words.ts';

/** How long the first call of each work takes, and how much that varied. */
export function firstCallsSection({ date, rows }: FirstCalls): string {
  const lines = rows.map(({ work, samples }) => [
    work.title,
    duration(quantile(samples, 0.5)),
    `${duration(Math.min(...samples))} – ${duration(Math.max(...samples))}`,
  ]);
  const browsers = rows[0].samples.length;
  const text = `From a page that has compiled nothing yet until it has the results of one update, batch, step or product: device, model, weights, kernels
and the first run, without loading the page. Each sample is taken in a browser of its own, ${browsers} for each work, on ${date}.`;
  return `${text}\n\n${table(['lstm-webgpu', 'median', 'least – most'], lines)}`;
}

/** The same in short, for README.md. */
export function firstCallsTable({ rows }: FirstCalls): string {
  const lines = rows.map(({ work, samples }) => [work.title, duration(quantile(samples, 0.5))]);
  return table(['', 'first call of lstm-webgpu'], lines);
}
