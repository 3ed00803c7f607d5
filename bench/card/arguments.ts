import { names, oneOf, wholeNumber } from '../../headless/option-values.ts';
import { parseOptions } from '../../headless/parse-options.ts';
import { DEFAULT_SECONDS, parts, QUICK_SECONDS, type Part } from './parts.ts';

export interface CardArguments {
  parts: readonly Part[];
  out: string;
  /** For all parts together. */
  seconds: number;
  quick: boolean;
  help: boolean;
  list: boolean;
}

export const partList = parts.map(
  ({ name, title, seconds }) => `  ${name.padEnd(12)} ${String(seconds).padStart(4)} s  ${title}`,
);

export const usage = `Tells how this library does on the GPU of this machine: results.jsonl, one result a line, and a table.

./run [PART …] [options]

  --out FOLDER    where to write (default card-results in the current folder)
  --seconds N     time for all parts together (default ${DEFAULT_SECONDS}); each gets its share of it
  --quick         fewer cases and samples, in ${QUICK_SECONDS} seconds
  --list          the parts alone
  --help          this text

Parts, and after how long they are stopped
${partList.join('\n')}

Exit code: 0, 1 if a part failed or a result was wrong, 2 if the options are wrong, 130 after Ctrl-C.`;

const OPTIONS = {
  out: { type: 'string' },
  seconds: { type: 'string' },
  quick: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UsageError */
export function parseCardArguments(args: string[]): CardArguments {
  const { values, positionals } = parseOptions(args, OPTIONS, 'some');
  const { out = 'card-results', seconds, quick = false, help = false, list = false } = values;
  const wanted = names(positionals);
  const known = parts.map(({ name }) => name);
  for (const name of wanted) oneOf('PART', name, known);
  return {
    parts: wanted.length > 0 ? parts.filter(({ name }) => wanted.includes(name)) : parts,
    out,
    seconds: wholeNumber('--seconds', seconds, 1, quick ? QUICK_SECONDS : DEFAULT_SECONDS),
    quick,
    help,
    list,
  };
}
