import type { KernelInReport } from '../compile/report.ts';
import { table } from '../report/table.ts';
import { bytes, duration, percent, rate } from '../report/words.ts';
import { assumptions, TO_CONFIRM } from './assumptions.ts';
import { DEVICES } from './devices.ts';
import { compiledOf, nameOf, operationsOf, readsPerRowTile, sum, usedShare } from './kernel.ts';
import { LEAST_USED, misses, type Miss } from './misses.ts';
import { LEAST_SHARE, rowsOf, rowsThatMatter, timesOf, type CostReport, type Row, type WorkInReport } from './rows.ts';
import type { Estimate } from './time.ts';
import type { CostClass } from './works.ts';

/** The page COST.md. */
export function markdown(report: CostReport, compiled: readonly KernelInReport[]): string {
  const works = report.works.map((work) => ({ work, rows: rowsOf(work, report, compiled) }));
  return `${[
    '# What the kernels cost, by a model',
    introduction(report),
    '## Works',
    table(
      ['work', 'dispatches', 'on integrated GPUs', 'arithmetic', ...DEVICES.map(({ name }) => name)],
      works.map(({ work, rows }) => workLine(work, rows)),
    ),
    '## Kernels',
    columns(),
    ...works.flatMap(({ work, rows }) => [
      `### \`${work.id}\``,
      `${work.title}.`,
      kernelTable(rowsThatMatter(rows), compiled),
    ]),
    '## Where requests waste bytes',
    missTable(misses(report, compiled)),
    '## Assumptions',
    assumptions(),
    '## What a card has to confirm',
    TO_CONFIRM,
  ].join('\n\n')}\n`;
}

function introduction({ adapter, works, kernels }: CostReport): string {
  return `Made by \`npm run cost-model\`; do not edit. **Nothing here was timed on a GPU**: requests and bytes are counted, and times follow from them
and from the [assumptions](#assumptions) below.

Dispatches are those that the library submits for the works of the benchmark on a GPU where nothing was measured. They are recorded on a device
that does nothing. Then each of the ${kernels.length} kernels of ${works.length} works runs once on ${adapter}, with WGSL that notes the index of each load
and store before it makes it. So the addresses are the kernel's own, in its own control flow. What 32 neighbouring invocations load or store at one place
of the text, at the same turn of their loops, is a _request_. It takes sectors of 32 bytes, the least that a GPU moves. Requests are counted in eight workgroups of a
dispatch, sectors for memory in all of them.`;
}

function columns(): string {
  const columns = {
    times: 'dispatches in a piece of the work',
    sectors: 'those of a request',
    used: 'the bytes that requests ask for, in those of their sectors',
    weights:
      'how often a byte of the weights, or of the right factor of a product, is requested for each tile of rows and each time step',
    cache: 'bytes between the cores and the cache that they share, if a core keeps what a workgroup has loaded',
    memory: 'bytes that are touched, each counted once',
    'registers, waves': 'of an invocation and of a SIMD unit of RDNA 2, from [COMPILED.md](COMPILED.md)',
    warps: 'of 32 invocations, for which a core of an H100 has room',
    groups: 'workgroups for each core of an H100',
  };
  const lines = Object.entries(columns).map(([name, text]) => `- _${name}_: ${text};`);
  return `Left out are kernels that take less than ${percent(LEAST_SHARE)} of a work's time on each of the GPUs. A graphics card and an integrated GPU may be given
different tiles; a kernel has times on those GPUs that run it.

${lines.join('\n')}
- the last columns: microseconds of a dispatch, and what they are spent on: the _dispatch_ itself, or what is told under [assumptions](#assumptions).`;
}

function workLine({ id, operations, launches }: WorkInReport, rows: readonly Row[]): string[] {
  const count = (ofClass: CostClass) =>
    launches[ofClass].reduce((all, launch) => all + launch.count, 0).toLocaleString('en');
  const times = timesOf(rows);
  return [
    `\`${id}\``,
    count('discrete'),
    count('integrated'),
    rate(operations, 'FLOP'),
    ...DEVICES.map(({ name }) => duration(times.get(name)! / 1000)),
  ];
}

function kernelTable(rows: readonly Row[], compiled: readonly KernelInReport[]): string {
  const head = ['kernel', 'grid', 'times', 'requests', 'sectors', 'used', 'weights', 'cache', 'memory', 'arithmetic'];
  // Kernels that differ in offsets alone have the same figures: they are one line.
  const lines = new Map<string, { cells: string[]; count: number }>();
  for (const row of rows) {
    const cells = kernelCells(row, compiled);
    const line = lines.get(cells.join()) ?? { cells, count: 0 };
    line.count += row.count;
    lines.set(cells.join(), line);
  }
  return table(
    [...head, 'registers, waves', 'warps', 'groups', ...DEVICES.map(({ name }) => name)],
    [...lines.values()].map(({ cells, count }) => cells.toSpliced(2, 0, count.toLocaleString('en'))),
  );
}

/** All but how often it is dispatched. */
function kernelCells({ kernel, estimates }: Row, compiled: readonly KernelInReport[]): string[] {
  const { traffic, grid } = kernel;
  const ofCompiler = compiledOf(kernel, compiled);
  const onCard = estimates.get('H100');
  const operations = operationsOf(kernel);
  return [
    `\`${nameOf(kernel)}\``,
    grid.join(' × '),
    sum(traffic, 'requests').toLocaleString('en'),
    (sum(traffic, 'sectors') / sum(traffic, 'requests')).toFixed(1),
    percent(usedShare(kernel)),
    readsPerRowTile(kernel)?.toFixed(2) ?? '',
    bytes(32 * sum(traffic, 'groupSectors')),
    bytes(32 * sum(traffic, 'distinctSectors')),
    operations > 0 ? rate(operations, 'FLOP') : '',
    ofCompiler ? `${ofCompiler.registers}, ${ofCompiler.waves}` : '?',
    onCard?.warps.toString() ?? '',
    onCard?.groupsPerCore.toPrecision(2) ?? '',
    ...DEVICES.map(({ name }) => estimateText(estimates.get(name))),
  ];
}

function estimateText(estimated: Estimate | undefined): string {
  return estimated === undefined
    ? ''
    : `${Number(estimated.time.toPrecision(2)).toLocaleString('en')} ${estimated.bound}`;
}

function missTable(all: readonly Miss[]): string {
  return `Asked for is that each request uses ${percent(LEAST_USED)} of its sectors, and that weights are read once for each tile of rows. These kernels do not, in their worst sizes; what
a request wastes is often used by the next one, if the sector is still in the cache of the core, so that it costs loads and not bandwidth.

${table(
  ['kernel', 'used', 'most is wasted by', 'weights read'],
  all.map(({ kernel, used, worst, reads }) => [`\`${kernel}\``, `${used} %`, worst, reads?.toString() ?? 'once']),
)}`;
}
