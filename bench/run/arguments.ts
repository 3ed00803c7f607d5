import { UsageError } from '../../headless/complaint.ts';
import { names, oneOf, wholeNumber } from '../../headless/option-values.ts';
import { parseOptions } from '../../headless/parse-options.ts';
import type { BenchSettings } from '../bench.ts';
import { browserIds, type ContenderId, contenderTitles, ownIds } from '../contenders/names.ts';
import { worksForGpu } from '../works/for-gpu.ts';
import type { Work } from '../works/work.ts';
import { allWorks, works } from '../works/index.ts';
import { generations } from '../works/generations.ts';
import { FIRST_CALLS, type Parts } from '../works/parts.ts';
import { pushes } from '../works/pushes.ts';
import { stacks } from '../works/stacks.ts';

export interface Arguments extends BenchSettings, Parts {
  /** The command with these options, for whoever wants to run it again. */
  command: string;
  out: string;
  /** The folder with results in which those of this run take the place of the same parts. */
  update?: string;
  node: boolean;
  /** The file with cuDNN's times. */
  cudnn?: string;
  /** Otherwise whether to look for cuDNN. */
  findsCudnn: boolean;
  help: boolean;
}

const DEFAULT_OUT = 'bench/results';
const DEFAULT_SAMPLES = 30;

const lines = (entries: readonly (readonly [string, string])[]) =>
  entries.map(([id, title]) => `  ${id.padEnd(22)} ${title}`).join('\n');

export const usage = `Times this library beside others in one headless Chrome, and writes RESULTS.md, results.json and ratios.svg.

npm run bench -- [options]

  --only NAME[,NAME]   only these works, or these contenders besides this library and the plain loop; may be mixed.
                       first-calls: how long the first call takes in a browser that has compiled nothing yet
  --samples N          samples of each contender (default ${DEFAULT_SAMPLES}); fewer of those slower than two seconds a sample
  --out FOLDER         where to write (default ${DEFAULT_OUT}); --out bench makes what is published
  --update FOLDER      also put what was measured in the place of the same in the results of FOLDER, and leave the rest of them
                       as it is: whole parts that have a date of their own, which are all but the works. --update bench
                       updates what is published
  --gpu                also the works for GPUs, which take a processor minutes each
  --node               in Node, on its GPU through Dawn (npm webgpu): this library and the plain loop alone
  --cudnn FILE         beside cuDNN's times, written by bench/cudnn.py; without it, --gpu and --node run that script
                       where python3 has PyTorch with CUDA
  --help               this text

Works
${lines(works.map(({ id, title }) => [id, title]))}

Stacks of LSTM layers, for the schedules of this library
${lines(stacks.map(({ id, title }) => [id, title]))}

Streams, each with a state of its own
${lines(pushes.map(({ id, title }) => [id, title]))}

Streams that feed themselves, in calls of 1,000 steps where a contender makes several in one call
${lines(generations.map(({ id, title }) => [id, title]))}

Works for GPUs, with --gpu or by name
${lines(worksForGpu.map(({ id, title }) => [id, title]))}

Contenders
${lines(browserIds.map((id) => [id, contenderTitles[id]]))}

All of it takes about half an hour on two cores. On the first run the other libraries are installed into
bench/node_modules (480 MB). LSTM_WEBGPU_ADAPTER and PUPPETEER_EXECUTABLE_PATH choose the GPU and the browser.

Exit code: 0, 1 if a contender failed or its results differ, 2 if the options are wrong.`;

const OPTIONS = {
  only: { type: 'string', multiple: true },
  samples: { type: 'string' },
  out: { type: 'string' },
  update: { type: 'string' },
  gpu: { type: 'boolean' },
  cudnn: { type: 'string' },
  node: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const PART_IDS = [...[...allWorks, ...stacks, ...pushes, ...generations].map(({ id }) => id), FIRST_CALLS];

/** @throws UsageError */
export function parseArguments(args: string[]): Arguments {
  const {
    only,
    samples,
    out = DEFAULT_OUT,
    update,
    gpu = false,
    node = false,
    cudnn,
    help = false,
  } = parseOptions(args, OPTIONS).values;
  const wanted = names(only);
  for (const name of wanted) oneOf('--only', name, [...PART_IDS, ...browserIds]);
  const available = node ? ownIds : browserIds;
  const chosen = browserIds.filter((id) => wanted.includes(id));
  const inBrowser = [...browserIds.filter((id) => !available.includes(id)), ...(node ? [FIRST_CALLS] : [])];
  for (const id of inBrowser) if (wanted.includes(id)) throw new UsageError(`--node: ${id} runs in a browser only.`);
  const parts = partsOf(wanted, gpu, node);
  if (update !== undefined) assertWhole(parts);
  return {
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args.map(quoted)] : [])].join(' '),
    ...parts,
    contenders: chosen.length === 0 ? available : withOwn(chosen),
    samples: wholeNumber('--samples', samples, 1, DEFAULT_SAMPLES),
    out,
    update,
    node,
    cudnn,
    findsCudnn: cudnn === undefined && (gpu || node),
    help,
  };
}

/** @param wanted all parts are measured unless some are among these names */
function partsOf(wanted: readonly string[], gpu: boolean, node: boolean): Parts {
  const isNarrowed = wanted.some((name) => PART_IDS.includes(name));
  const named = (list: readonly Work[]) => list.filter(({ id }) => !isNarrowed || wanted.includes(id));
  const calls = isNarrowed && !wanted.includes(FIRST_CALLS) ? [] : works;
  return {
    works: named(isNarrowed || gpu ? allWorks : works),
    stacks: named(stacks),
    pushes: named(pushes),
    generations: named(generations),
    firstCalls: node ? [] : calls,
  };
}

/** @throws UsageError unless only whole parts with a date of their own are measured */
function assertWhole(chosen: Parts): void {
  const ids = (list: readonly Work[]) => list.map(({ id }) => id).join(',');
  const whole = [
    [chosen.stacks, stacks],
    [chosen.pushes, pushes],
    [chosen.generations, generations],
  ];
  const part = whole.find(([some, all]) => some.length > 0 && some.length < all.length);
  if (part)
    throw new UsageError(`--update: got --only ${ids(part[0])}, expected all of ${ids(part[1])}, which have one date.`);
  if (chosen.works.length === 0) return;
  throw new UsageError(
    `--update: got the work ${chosen.works[0].id}, expected --only with parts that have a date of their own, such as ` +
      `--only ${ids(generations)}. Works are measured anew all together: --out bench.`,
  );
}

function withOwn(chosen: readonly ContenderId[]): ContenderId[] {
  return browserIds.filter((id) => ownIds.includes(id) || chosen.includes(id));
}

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
