import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../../demo/experiments/index.ts';

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

/** What `npm run experiments` runs, without npm. */
const tsx = resolve('node_modules/tsx/dist/cli.mjs');
function experiments(...args: string[]): Promise<Ended> {
  return new Promise((ended) => {
    execFile(process.execPath, [tsx, 'headless/experiments.ts', ...args], (error, stdout, stderr) => {
      ended({ code: error ? error.code : 0, stdout, stderr });
    });
  });
}

describe('npm run experiments', () => {
  test('runs what it is asked to, shows it, and writes it down', async () => {
    const file = join(folder, 'results.json');
    const args = ['--only', 'windows,stateless-full,validation-states', '--epochs', '1', '--seed', '3', '--json', file];
    const { code, stdout, stderr } = await experiments(...args);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/WebGPU on .+, seed 3/);
    expect(stderr).toMatch(/2\/3 stateless-full +epoch 1\/1: loss \d/);
    expect(stdout).toContain('(11000, 10, 1)');
    expect(stdout).toContain('accuracy > 0.99');
    expect(stdout).toContain('2 pass, 0 fail, 1 shown; ');

    const results = JSON.parse(await readFile(file, 'utf8')) as Result[];
    expect(results.map(({ id }) => id)).toEqual(['windows', 'stateless-full', 'validation-states']);
    for (const result of results) {
      expect(Object.keys(result)).toEqual([
        'id',
        'variant',
        'seed',
        'epochs',
        'updates',
        'seconds',
        'expected',
        'verdict',
      ]);
      expect(result).toMatchObject({ variant: null, seed: 3, seconds: expect.any(Number) as number });
    }
    const [windows, full, validation] = results;
    expect(windows).toMatchObject({ epochs: [], updates: 0, verdict: expect.stringMatching(/^pass: /) as string });
    expect(full).toMatchObject({ updates: 1000, verdict: expect.stringMatching(/^shown: 1 epoch only/) as string });
    expect(full.epochs).toHaveLength(1);
    expect(Object.keys(full.epochs[0])).toEqual(['loss', 'accuracy', 'testLoss', 'testAccuracy']);
    for (const figure of Object.values(full.epochs[0])) expect(figure).toBeGreaterThan(0);
    expect(full.expected).toMatchObject({ post: { accuracy: 0.99 }, bound: { accuracy: 1, testAccuracy: 1 } });
    expect(validation).toMatchObject({
      updates: 880,
      verdict: expect.stringMatching(/^pass: the same weights/) as string,
    });
  });

  test.each([
    [['--only', 'nothing'], 'expected one of windows, stateless-full'],
    [['--epoch', '1'], "Unknown option '--epoch'"],
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

  test('Ctrl-C ends it with what is done, and no browser stays behind', async () => {
    const args = [tsx, 'headless/experiments.ts', '--only', 'windows,stateless-windows'];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: folder },
    });
    let stdout = '';
    child.stdout.on('data', (data) => (stdout += String(data)));
    const ended = new Promise((resolve) => child.on('close', resolve));
    await new Promise<void>((training) => {
      child.stderr.on('data', (data) => String(data).includes('epoch 1/15') && training());
    });
    // Puppeteer keeps the browser's profile in the folder for temporary files, and clears it away with the browser.
    expect(await profiles()).toHaveLength(1);
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(stdout).toContain('1 pass, 0 fail, 0 shown, 1 not run');
    expect(await profiles()).toEqual([]);
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
