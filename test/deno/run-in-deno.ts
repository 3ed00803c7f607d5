import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packagedChromium } from '../../headless/packaged-chromium.ts';
import { denoEnvironment, denoProgram } from './deno-program.ts';

/** Several times what the tests take: Deno is then ended, since a worker that hangs would otherwise hold the run up for ever. */
const MAX_MILLISECONDS = 1_800_000;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What became of one test that ran in Deno. */
export interface DenoResult {
  file: string;
  name: string;
  state: 'passed' | 'failed' | 'skipped' | 'todo' | 'pending';
  messages: readonly string[];
}

/** Vitest's report in JSON, as far as it is read here. */
interface Report {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: DenoResult['state']; failureMessages: string[] | null }[];
  }[];
}

/**
 * Runs the tests of `vitest.deno.config.ts` in Deno. Vulkan's loader and a software GPU are those that come with the
 * packaged Chrome, so nothing has to be installed.
 *
 * @returns a result for each test; a skipped one that says why, if there is nothing to run them with
 */
export async function runInDeno(): Promise<readonly DenoResult[]> {
  const program = denoProgram();
  if (program === undefined) return skipped('the package deno has no program for this machine');
  const chromium = await packagedChromium();
  if (!chromium) return skipped("Vulkan's loader and driver come with the packaged Chrome, for Linux on x64 alone");

  const home = dirname(chromium.executablePath);
  const folder = await mkdtemp(join(tmpdir(), 'lstm-webgpu-deno-'));
  const file = join(folder, 'report.json');
  const vitest = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--config', 'vitest.deno.config.ts'];
  // The default reporter tells what is no test's failure, such as a worker that crashed; the report does not.
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const args = ['run', '--allow-all', ...vitest, ...reporters];
  const env = {
    ...denoEnvironment(home),
    // What the outer Vitest tells its own workers is not meant for the inner one.
    VITEST: undefined,
    VITEST_POOL_ID: undefined,
    VITEST_WORKER_ID: undefined,
    VITEST_MODE: undefined,
  };
  try {
    const { code, output } = await ended(program, args, env);
    const text = await readFile(file, 'utf8').catch(() => {
      throw new Error(`Deno ended without a report. It said:\n${output}`);
    });
    const results = resultsOf(JSON.parse(text) as Report);
    // The report leaves out files that a crash kept from ending; only the exit code tells of them.
    if (code !== 0 && results.every(({ state }) => state !== 'failed')) {
      throw new Error(`No test failed in Deno, but it ended with ${code}. It said:\n${output}`);
    }
    return results;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function skipped(reason: string): DenoResult[] {
  return [{ file: 'all', name: `skipped, since ${reason}`, state: 'skipped', messages: [] }];
}

interface Ended {
  /** `null` when it was killed, as after `MAX_MILLISECONDS`. */
  code: number | null;
  output: string;
}

function ended(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: MAX_MILLISECONDS,
    });
    const parts: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => parts.push(part));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: Buffer.concat(parts).toString('utf8') }));
  });
}

function resultsOf({ testResults }: Report): DenoResult[] {
  return testResults.flatMap(({ name, status, message, assertionResults }): DenoResult[] => {
    const file = name.slice(name.indexOf('test/gpu/') + 'test/gpu/'.length);
    const results = assertionResults.map((result) => ({
      file,
      name: result.fullName,
      state: result.status,
      messages: result.failureMessages ?? [],
    }));
    const failsOutside = status === 'failed' && results.every(({ state }) => state !== 'failed');
    return failsOutside
      ? [...results, { file, name: 'the file itself', state: 'failed', messages: [message] }]
      : results;
  });
}
