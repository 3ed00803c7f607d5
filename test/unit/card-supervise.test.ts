import { expect, test } from 'vitest';
import { supervise, type Result } from '../../bench/card/supervise.ts';

/** Runs a script of one line in a Node of its own. */
async function run(script: string, limit = 20_000, signal?: AbortSignal) {
  const results: Result[] = [];
  const onResult = (result: Result) => void results.push(result);
  const end = await supervise([process.execPath, '-e', script], { limit, signal, onResult });
  return { end, results };
}

/** Prints a result and goes on for ever. */
const HANGS = `console.log('{"n":1}'); setInterval(() => {}, 1000);`;

test('a process that ends well is done, and its results come in order', async () => {
  const { end, results } = await run(`console.log('{"n":1}'); console.log('{"n":2}');`);
  expect(end).toMatchObject({ end: 'done', why: '' });
  expect(results).toEqual([{ n: 1 }, { n: 2 }]);
});

test('a result that comes in pieces, or without an end of line, is one result', async () => {
  const script = `process.stdout.write('{"n"'); setTimeout(() => process.stdout.write(':1}\\n{"n":2}'), 50);`;
  expect((await run(script)).results).toEqual([{ n: 1 }, { n: 2 }]);
});

test('a process that hangs is killed after its time, and what it gave before is kept', async () => {
  const { end, results } = await run(HANGS, 2000);
  expect(end).toMatchObject({ end: 'killed', why: 'not done after 2 s' });
  expect(end.seconds).toBeLessThan(10);
  expect(results).toEqual([{ n: 1 }]);
});

test('what it started is killed with it', async () => {
  // The child holds on to stdout: the process only counts as ended once both are gone.
  const script = `require('node:child_process').spawn('sleep', ['60'], { stdio: 'inherit' }); ${HANGS}`;
  const { end } = await run(script, 1000);
  expect(end).toMatchObject({ end: 'killed' });
  expect(end.seconds).toBeLessThan(4);
});

test('a process that crashes says how, and what it gave before is kept', async () => {
  const { end, results } = await run(`console.log('{"n":1}'); process.kill(process.pid, 'SIGSEGV');`);
  expect(end).toMatchObject({ end: 'crashed', why: 'ended by SIGSEGV' });
  expect(results).toEqual([{ n: 1 }]);
});

test('a process that fails tells its exit code and its last words', async () => {
  const { end } = await run(`console.error('the adapter is gone'); process.exit(3);`);
  expect(end).toMatchObject({ end: 'failed', why: 'exit code 3: the adapter is gone' });
});

test('a program that is not there has crashed', async () => {
  const end = await supervise(['/no/such/program'], { limit: 1000, onResult: () => {} });
  expect(end.end).toBe('crashed');
  expect(end.why).toContain('ENOENT');
});

test('garbage is handed over as such, between results', async () => {
  const { end, results } = await run(`console.log('{"n":1}\\nwarning: 3\\n[1]\\n5\\n\\n{"n":2}');`);
  expect(end.end).toBe('done');
  const garbage = ['warning: 3', '[1]', '5'].map((text) => ({ isGarbage: true, text }));
  expect(results).toEqual([{ n: 1 }, ...garbage, { n: 2 }]);
});

test('an interruption ends it', async () => {
  const interruption = new AbortController();
  setTimeout(() => interruption.abort(), 500);
  expect((await run(HANGS, 20_000, interruption.signal)).end).toMatchObject({ end: 'interrupted', why: 'Ctrl-C' });
  expect((await run(HANGS, 20_000, interruption.signal)).end).toMatchObject({ end: 'interrupted' });
});
