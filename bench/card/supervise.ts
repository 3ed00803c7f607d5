import { spawn } from 'node:child_process';

/** A result, as one line of JSON. */
export type Result = Record<string, unknown>;

export interface Supervision {
  /** In milliseconds. */
  limit: number;
  /** Ends it early. */
  signal?: AbortSignal;
  onResult: (result: Result) => void;
}

/** How a process came to its end. */
export interface End {
  end: 'done' | 'failed' | 'crashed' | 'killed' | 'interrupted';
  /** In a few words; of a process that did not end well also the last it said on stderr. */
  why: string;
  seconds: number;
}

/** What is kept of stderr, in characters. */
const LAST_WORDS = 2000;

/**
 * Runs a process that writes results to stdout, a line of JSON each, and kills it with all that it started once its time is
 * up. What is no result becomes one that says so. It always settles: how the process ended is in what it settles with.
 */
export function supervise(command: readonly string[], { limit, signal, onResult }: Supervision): Promise<End> {
  const [program, ...args] = command;
  const begin = performance.now();
  return new Promise((resolve) => {
    let stopped: Pick<End, 'end' | 'why'> | undefined;
    let rest = '';
    let lastWords = '';
    // As a group of its own it can be killed with its children, and a Ctrl-C in the terminal reaches this process alone.
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const stop = (end: End['end'], why: string) => {
      stopped ??= { end, why };
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It is gone already.
      }
    };
    const interrupt = () => stop('interrupted', 'Ctrl-C');
    const timer = setTimeout(() => stop('killed', `not done after ${(limit / 1000).toFixed(0)} s`), limit);
    const settle = (end: End['end'], why: string) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupt);
      if (rest.trim() !== '') take(rest);
      const words = end === 'done' ? '' : lastWords.trim();
      resolve({ end, why: words ? `${why}: ${words}` : why, seconds: (performance.now() - begin) / 1000 });
    };
    const take = (line: string) => {
      if (line.trim() !== '') onResult(resultOf(line));
    };
    signal?.addEventListener('abort', interrupt);
    if (signal?.aborted) interrupt();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      lines.forEach(take);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-LAST_WORDS)));
    child.on('error', ({ message }) => settle('crashed', message));
    child.on('close', (code, killedBy) => {
      if (stopped) settle(stopped.end, stopped.why);
      else if (killedBy) settle('crashed', `ended by ${killedBy}`);
      else settle(code === 0 ? 'done' : 'failed', code === 0 ? '' : `exit code ${code}`);
    });
  });
}

function resultOf(line: string): Result {
  try {
    const result: unknown = JSON.parse(line);
    if (typeof result === 'object' && result !== null && !Array.isArray(result)) return result as Result;
  } catch {
    // Said below.
  }
  return { isGarbage: true, text: line.slice(0, LAST_WORDS) };
}
