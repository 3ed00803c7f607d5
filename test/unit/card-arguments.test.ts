import { expect, test } from 'vitest';
import { parseCardArguments, usage } from '../../bench/card/arguments.ts';
import { DEFAULT_SECONDS, parts, QUICK_SECONDS } from '../../bench/card/parts.ts';

const namesOf = (args: string[]) => parseCardArguments(args).parts.map(({ name }) => name);

test('without a part all of them run, correctness before all that only times', () => {
  expect(namesOf([])).toEqual(['environment', 'correctness', 'probes', 'works', 'rules', 'cudnn']);
});

test('parts run in their order, however they are named', () => {
  expect(namesOf(['works', 'environment'])).toEqual(['environment', 'works']);
  expect(namesOf(['works,environment'])).toEqual(['environment', 'works']);
});

test('options have defaults', () => {
  expect(parseCardArguments([])).toMatchObject({ out: 'card-results', seconds: DEFAULT_SECONDS, quick: false });
  expect(parseCardArguments(['--quick']).seconds).toBe(QUICK_SECONDS);
  expect(parseCardArguments(['--quick', '--seconds', '30', '--out', 'x'])).toMatchObject({ seconds: 30, out: 'x' });
});

test('the parts fit into the time for all of them', () => {
  expect(parts.reduce((sum, { seconds }) => sum + seconds, 0)).toBeLessThanOrEqual(DEFAULT_SECONDS);
});

test.each([
  [['nonsense'], 'PART is "nonsense", expected one of environment, correctness'],
  [['--seconds', '0'], '--seconds is "0", expected a whole number from 1 on'],
  [['--no-such'], '--no-such'],
])('%j is refused', (args, message) => {
  expect(() => parseCardArguments(args)).toThrow(message);
});

test('the help names every part', () => {
  for (const { name } of parts) expect(usage).toContain(`  ${name} `);
});
