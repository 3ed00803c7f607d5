import { table } from '../report/table.ts';
import { usesMemory, type CompiledKernel, type Statistics } from './statistics.ts';

/** The kernels of some works as a compiler for a graphics card makes them. */
export interface CompileReport {
  /** The compiler. */
  driver: string;
  /** A digest of the sources from which kernels were compiled: see `digestOfSources`. */
  sources: string;
  /** Works and models, in the order in which their kernels were compiled. */
  cases: { id: string; title: string }[];
  kernels: KernelInReport[];
}

export interface KernelInReport extends CompiledKernel {
  /** The ids of the cases that run it. */
  cases: string[];
}

/** Constants that shape the code of a kernel; all others are sizes and flags. */
const TILE_CONSTANTS = [
  'TILE_ROWS',
  'THREADS',
  'TILE_UNITS',
  'ROW_QUADS',
  'STRIPS',
  'SPLITS',
  'EDGE',
  'WIDE',
  'HIGH',
  'FUSED_STEPS',
];

/** A kernel in one tile, whatever the sizes are. */
interface Group {
  kernel: string;
  tile: string;
  members: KernelInReport[];
  /** The worst of the members. */
  worst: Statistics;
}

/** The page COMPILED.md. */
export function markdown({ driver, cases, kernels }: CompileReport): string {
  const groups = grouped(kernels);
  return `${[
    '# Kernels as a compiler for graphics cards makes them',
    `Made by \`npm run compile-report\`; do not edit. Compiled for AMD's RDNA 2 (Navi 21) with ${driver}.`,
    explanation(cases.length, kernels.length),
    table(
      [
        'kernel',
        'tile',
        'registers',
        'spilled',
        'scratch',
        'workgroup memory',
        'waves',
        'instructions',
        'compiled',
        'in',
      ],
      groups.map(line),
    ),
    '## Works and models',
    cases.map(({ id, title }) => `- \`${id}\`: ${title}`).join('\n'),
  ].join('\n\n')}\n`;
}

function explanation(cases: number, kernels: number): string {
  return `Nothing ran for this table and nothing was timed: Mesa's driver compiles without a card. It speaks for this compiler alone; a
spill here is a warning for other cards. Compiled are the kernels that a rule chooses on a GPU for the works of the benchmark, and for models
that run the kernels which those do without: ${kernels} kernels with their constants for ${cases} works and models.

A line is a kernel in one tile, and of all sizes with which it was compiled it has the worst figures. *Registers*: vector registers of an
invocation, of 256. *Spilled*: those for which there was no room. *Scratch*: bytes of memory that a wave takes for them, and for arrays indexed by
a variable. *Workgroup memory* in bytes. *Waves*: how many the driver says a SIMD unit has room for, of at most 32; while one waits for memory, others run.`;
}

function line({ kernel, tile, members, worst }: Group): string[] {
  const { registers, spilled, scratch, workgroupMemory, waves, instructions } = worst;
  const ids = [...new Set(members.flatMap(({ cases }) => cases))];
  const figures = [registers, spilled, scratch, workgroupMemory, waves, instructions, members.length];
  const others = ids.length > 1 ? ` and ${ids.length - 1} more` : '';
  return [`\`${kernel}\``, tile, ...figures.map((figure) => figure.toLocaleString('en')), `\`${ids[0]}\`${others}`];
}

/** The worst come first. */
function grouped(kernels: readonly KernelInReport[]): Group[] {
  const groups = new Map<string, KernelInReport[]>();
  for (const kernel of kernels) {
    const key = `${kernel.kernel} ${tileOf(kernel)}`;
    groups.set(key, [...(groups.get(key) ?? []), kernel]);
  }
  const inMemory = ({ worst }: Group) => worst.spilled + worst.scratch;
  return [...groups.values()]
    .map((members) => ({
      kernel: members[0].kernel,
      tile: tileOf(members[0]),
      members,
      worst: worstOf(members.map(({ statistics }) => statistics)),
    }))
    .toSorted((a, b) => inMemory(b) - inMemory(a) || b.worst.registers - a.worst.registers);
}

function tileOf({ constants, extensions }: KernelInReport): string {
  const named = TILE_CONSTANTS.filter((name) => name in constants).map((name) => `${name} ${constants[name]}`);
  return [...extensions, ...named].join(', ');
}

function worstOf(all: readonly Statistics[]): Statistics {
  const most = (key: keyof Statistics) => Math.max(...all.map((statistics) => statistics[key]));
  return {
    waveSize: most('waveSize'),
    registers: most('registers'),
    spilled: most('spilled'),
    scratch: most('scratch'),
    workgroupMemory: most('workgroupMemory'),
    waves: Math.min(...all.map(({ waves }) => waves)),
    instructions: most('instructions'),
  };
}

/** A sentence for each kernel some of whose values lie in memory, where they should be in registers. */
export function complaints({ kernels }: CompileReport): string[] {
  return grouped(kernels.filter(({ statistics }) => usesMemory(statistics))).map(({ kernel, tile, members, worst }) => {
    const ids = [...new Set(members.flatMap(({ cases }) => cases))].join(', ');
    return `${kernel} (${tile}) spills ${worst.spilled} registers and takes ${worst.scratch} bytes of scratch a wave: ${ids}`;
  });
}
