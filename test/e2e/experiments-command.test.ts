import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../../demo/experiments/index.ts';
import { bestWithoutMemory } from '../../demo/experiments/judging/best-without-memory.ts';
import { figure } from '../../demo/experiments/words.ts';
import { openDemoPages } from './demo-pages.ts';

const demo = openDemoPages();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'experiments-'));
});
afterAll(() => rm(folder, { recursive: true }));

const profiles = async () => (await readdir(folder)).filter((name) => name.startsWith('puppeteer'));

interface Ended {
  code: number | string | null | undefined;
  stdout: string;
  stderr: string;
}

/** The command that `npm run experiments` runs, without npm. */
const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: Record<string, string> };
const [, ...script] = scripts.experiments.split(' ');
function experiments(...args: string[]): Promise<Ended> {
  return new Promise((ended) => {
    execFile(process.execPath, [...script, ...args], (error, stdout, stderr) => {
      ended({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

/** Runs experiments in the page. @returns the rows of the table beside the charts, by the names of the runs */
async function rowsOfPage(ids: string[], address: string): Promise<Map<string, string[]>> {
  const { page } = demo;
  await page.goto(demo.url + address);
  await page.locator('#post .run-all:enabled').wait();
  for (const id of ids) {
    await page.locator(`#post-${id} button`).click();
    await page.waitForFunction((id) => document.querySelector(`#post-${id} .verdict`)!.textContent, {}, id);
    expect(await page.$$eval(`#post-${id} canvas`, (canvases) => canvases.length)).toBe(1);
  }
  await page.locator('#post .table-twin summary').click();
  await page.locator('#post .table-twin tbody tr').wait();
  const rows = await page.$$eval('#post .table-twin tbody tr', (rows) =>
    rows.map((row) => [...row.cells].map((cell) => cell.textContent)),
  );
  return new Map(rows.map(([name, ...cells]) => [name, cells]));
}

describe('npm run experiments', () => {
  test('runs what it is asked to, shows it, and writes it down, and the page finds the same', async () => {
    const file = join(folder, 'results.json');
    const only = 'windows,stateless-full,stateless-elements,validation-states';
    const args = ['--only', only, '--epochs', '1', '--seed', '3', '--json', file];
    const { code, stdout, stderr } = await experiments(...args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(
      /^Loading the experiments …\n--epochs 1 has no effect on windows: nothing is trained there\.\n(Unpacking .*\n)?Starting Chrome …\nLooking for a GPU …\nWebGPU on .+, seed 3\n/,
    );
    expect(stderr).toMatch(/2\/4 stateless-full +compiling kernels …\n/);
    expect(stderr).toMatch(/2\/4 stateless-full +epoch 1\/1: loss \d/);
    expect(stdout).toContain('put together again they are the sequences: nothing is lost.');
    expect(stdout).toContain('Too early to tell: 1 of 5 epochs.');
    expect(stdout).toContain('accuracy > 0.99');
    expect(stdout).toContain('2 pass, 0 fail, 2 not judged; ');

    const results = JSON.parse(await readFile(file, 'utf8')) as Result[];
    expect(results.map(({ id }) => id)).toEqual(only.split(','));
    for (const result of results) {
      expect(Object.keys(result).join(' ')).toBe('id variant seed epochs updates seconds expected verdict sentence');
      expect(result).toMatchObject({ variant: null, seed: 3, seconds: expect.any(Number) as number });
    }
    const [windows, full, elements, validation] = results;
    expect(windows).toMatchObject({ epochs: [], updates: 0, verdict: expect.stringMatching(/^pass: /) as string });
    expect(full).toMatchObject({
      updates: 1000,
      verdict: expect.stringMatching(/^not judged: 1 epoch only/) as string,
    });
    expect(full.epochs).toHaveLength(1);
    expect(Object.keys(full.epochs[0])).toEqual(['loss', 'accuracy', 'testLoss', 'testAccuracy']);
    for (const figure of Object.values(full.epochs[0])) expect(figure).toBeGreaterThan(0);
    expect(full.expected).toMatchObject({ post: { accuracy: 0.99 }, bound: { accuracy: 1, testAccuracy: 1 } });
    expect(validation).toMatchObject({
      updates: 880,
      verdict: expect.stringMatching(/^pass: the same weights/) as string,
    });
    const best = bestWithoutMemory(20);
    const [{ testLoss, testAccuracy }] = elements.epochs;
    expect(testAccuracy).toBeLessThanOrEqual(best.accuracy + 1e-9);
    expect(testLoss).toBeGreaterThan(best.loss - 1e-4);

    const rows = await rowsOfPage(['stateless-full', 'stateless-elements'], '#post=3.1');
    const figuresOf = ({ epochs: [{ loss, accuracy, testLoss, testAccuracy }] }: Result) =>
      [loss, accuracy, testLoss, testAccuracy].map(figure);
    expect(rows.get('Stateless, whole sequences')!.slice(0, 4)).toEqual(figuresOf(full));
    expect(rows.get('Stateless, one element at a time')!.slice(0, 4)).toEqual(figuresOf(elements));
    expect(rows.get('Stateless, whole sequences')![6]).toBe(full.sentence);
  });

  // One that is found out at once, and one that is found out when the experiments are there. The others are tested as units.
  test.each([
    [['--only', 'window'], 'Did you mean windows?'],
    [['--seed', '-1'], '--seed is "-1", expected a whole number from 0 on.'],
  ])('%j ends with exit code 2 and says what is known', async (args, message) => {
    const { code, stdout, stderr } = await experiments(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  test('--list and --help tell what there is', async () => {
    const [list, help] = await Promise.all([experiments('--list'), experiments('--help')]);
    expect(list).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^windows .*\n(.*\n)*.*keras3-reset/) as string,
    });
    expect(help).toMatchObject({ code: 0, stdout: expect.stringContaining('--json FILE') as string });
  });

  /** As in a terminal: npm and all that it starts form a group of processes, to which Ctrl-C sends a signal. */
  async function interruptedWhen(said: string): Promise<Ended> {
    const args = ['run', 'experiments', '--', '--only', 'windows,stateless-windows'];
    const child = spawn('npm', args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: folder },
    });
    // Shells differ: npm ends with the exit code, or by the signal as a shell between them did.
    const ended = new Promise<Ended['code']>((resolve) => {
      child.on('close', (code, signal) => resolve(signal === 'SIGINT' ? 130 : code));
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (data) => (output.stdout += String(data)));
    await new Promise<void>((heard) => {
      child.stderr.on('data', (data) => {
        output.stderr += String(data);
        if (output.stderr.includes(said)) heard();
      });
    });
    process.kill(-child.pid!, 'SIGINT');
    return { code: await ended, ...output };
  }

  describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
    // Puppeteer keeps the browser's profile in the folder for temporary files, and clears it away with the browser.
    test('while it trains ends it with what is done, and no browser stays behind', async () => {
      const { code, stdout, stderr } = await interruptedWhen('epoch 1/15');
      expect({ code, stdout }).toMatchObject({ code: 130 });
      expect(stdout).toContain('1 pass, 0 fail, 1 not finished');
      expect(stderr).toMatch(/^Stopped\.$/m);
      expect(await profiles()).toEqual([]);
    });

    test('while it starts ends it too', async () => {
      const { code, stderr } = await interruptedWhen('Starting Chrome');
      expect(code).toBe(130);
      expect(stderr).toMatch(/^Stopped\.$/m);
      expect(stderr).not.toContain('WebGPU on');
      expect(await profiles()).toEqual([]);
    });
  });

  test('a file that cannot be written ends it before anything runs', async () => {
    const { code, stderr } = await experiments(
      '--only',
      'windows',
      '--json',
      join(folder, 'no', 'such', 'folder.json'),
    );
    expect(code).toBe(2);
    expect(stderr).toContain('--json');
    expect(stderr).not.toContain('WebGPU on');
  });
});
