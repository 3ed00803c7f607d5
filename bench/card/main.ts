import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../headless/complaint.ts';
import { writeTo } from '../../headless/option-values.ts';
import { type CardArguments, parseCardArguments, partList, usage } from './arguments.ts';
import { smi } from './environment.ts';
import { DEFAULT_SECONDS, type Part } from './parts.ts';
import { partArguments } from './process.ts';
import { isWrong, type Line, summary } from './summary.ts';
import { type End, type Result, supervise } from './supervise.ts';

/** Time between two words of progress. */
const PROGRESS_MS = 2000;

/** The command of the folder: runs the parts one after the other and writes down all that they tell. */
async function main(wanted: CardArguments): Promise<number> {
  const file = openResults(wanted.out);
  const lines: Line[] = [];
  const write = (line: Line) => {
    lines.push(line);
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  };
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  process.once('SIGTERM', () => interruption.abort());
  const deadline = performance.now() + 1000 * wanted.seconds;
  for (const part of wanted.parts) {
    if (interruption.signal.aborted) break;
    const share = (1000 * part.seconds * wanted.seconds) / DEFAULT_SECONDS;
    // What is selected alone may have the time that the others would have taken.
    const own = wanted.parts.length === 1 ? 1000 * wanted.seconds : share;
    const limit = Math.min(own, deadline - performance.now());
    const end = await run(part, wanted.quick, limit, interruption.signal, (result) => {
      write({ part: part.name, ...result });
    });
    write({ part: part.name, what: 'end', ...end });
  }
  write({ part: 'environment', ...smi('after') });
  console.log(summary(lines));
  console.error(`Written to ${file}`);
  if (interruption.signal.aborted) return 130;
  return lines.some(isWrong) ? 1 : 0;
}

async function run(
  { name, script }: Part,
  quick: boolean,
  limit: number,
  signal: AbortSignal,
  onResult: (result: Result) => void,
): Promise<End> {
  console.error(`${name}: for ${(limit / 1000).toFixed(0)} s at the most`);
  const begin = performance.now();
  let count = 0;
  let told = begin;
  const path = fileURLToPath(new URL(script, import.meta.url));
  const end = await supervise([process.execPath, path, ...partArguments({ name, quick })], {
    limit,
    signal,
    onResult: (result) => {
      count++;
      onResult(result);
      const now = performance.now();
      if (now - told < PROGRESS_MS) return;
      told = now;
      console.error(`${name}: ${((now - begin) / 1000).toFixed(0)} s, ${count} results`);
    },
  });
  console.error(`${name}: ${end.end} after ${end.seconds.toFixed(1)} s, ${count} results`);
  return end;
}

/** @returns the file, empty. @throws UsageError before anything ran, if nothing can be written there */
function openResults(folder: string): string {
  const file = join(folder, 'results.jsonl');
  writeTo('--out', folder, () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, '');
  });
  return file;
}

try {
  const wanted = parseCardArguments(process.argv.slice(2));
  if (wanted.help || wanted.list) console.log(wanted.help ? usage : partList.join('\n'));
  else process.exitCode = await main(wanted);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\n./run --help tells all options.`);
  process.exitCode = error.exitCode;
}
