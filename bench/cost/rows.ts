import type { KernelInReport } from '../compile/report.ts';
import { DEVICES } from './devices.ts';
import type { CostedKernel } from './kernel.ts';
import { estimate, type Estimate } from './time.ts';
import type { CostClass } from './works.ts';

/** How often a kernel is dispatched in one piece of a work. */
export interface CostedLaunch {
  /** Its index in the report. */
  kernel: number;
  count: number;
}

export interface WorkInReport {
  id: string;
  title: string;
  /** Multiplications and additions in the products of one piece, as the benchmark counts them. */
  operations: number;
  launches: Record<CostClass, CostedLaunch[]>;
}

export interface CostReport {
  /** On which the kernels were replayed. */
  adapter: string;
  works: WorkInReport[];
  kernels: CostedKernel[];
}

/** Kernels that take less of the time of a work are in the report, and not on the page. */
export const LEAST_SHARE = 0.02;

/** A kernel in a work. */
export interface Row {
  kernel: CostedKernel;
  count: number;
  /** By the names of devices; only those whose class dispatches the kernel. */
  estimates: Map<string, Estimate>;
}

/** Times of a work in microseconds, by the names of devices. */
export function timesOf(rows: readonly Row[]): Map<string, number> {
  return new Map(
    DEVICES.map(({ name }) => [
      name,
      rows.reduce((time, { count, estimates }) => time + count * (estimates.get(name)?.time ?? 0), 0),
    ]),
  );
}

/** The kernels of a work: those that a graphics card runs, then those that only integrated GPUs run. */
export function rowsOf(
  { launches }: WorkInReport,
  { kernels }: CostReport,
  compiled: readonly KernelInReport[],
): Row[] {
  const rows = new Map<string, Row>();
  for (const device of DEVICES) {
    for (const { kernel: index, count } of launches[device.ofClass]) {
      const key = `${index} ${count}`;
      const row = rows.get(key) ?? { kernel: kernels[index], count, estimates: new Map<string, Estimate>() };
      row.estimates.set(device.name, estimate(kernels[index], compiled, device));
      rows.set(key, row);
    }
  }
  return [...rows.values()];
}

/** The rows that take some of the time of the work on some device. */
export function rowsThatMatter(rows: readonly Row[]): Row[] {
  const times = timesOf(rows);
  return rows.filter(({ count, estimates }) =>
    [...estimates].some(([name, { time }]) => count * time >= LEAST_SHARE * times.get(name)!),
  );
}
