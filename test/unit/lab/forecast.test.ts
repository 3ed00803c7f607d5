import { expect, test } from 'vitest';
import { describe, FIRST_SETTINGS, forecastPicture, judge, settingsNotation } from '../../../demo/lab/numbers/data.ts';
import { MOST_VALUES, naiveForecast, planForecast, type ForecastPlan } from '../../../demo/lab/numbers/plan.ts';
import { readCsv, likeliestColumn } from '../../../demo/lab/numbers/read-csv.ts';
import { SAMPLE_CODE, sampleCsv, sampleSeries } from '../../../demo/lab/numbers/sample.ts';
import { figure, meanAbsoluteError, verdict } from '../../../demo/lab/numbers/verdict.ts';

const settings = { ...FIRST_SETTINGS, window: 10, season: 1 };
const counting = (count: number) => Array.from({ length: count }, (_, n) => n);

test('the last fifth of a series is held out', () => {
  expect(planForecast(100, settings)).toEqual({ training: 80, heldOut: 20, batchSize: 32 });
});

test('a stateful batch has so few rows that each goes on for eight windows', () => {
  const stateful = { ...settings, memory: 'stateful' } as const;
  expect(planForecast(1008, { ...stateful, window: 24 })).toMatchObject({ batchSize: 4 });
  expect(planForecast(120, stateful)).toMatchObject({ batchSize: 1 });
  expect(planForecast(20_000, stateful)).toMatchObject({ batchSize: 8 });
});

test.each([
  ['too short for windows', 20, settings, /^A stateless network with a window of 10 needs 18 values .* leaves it 16\./],
  ['too short for pieces', 90, { ...settings, memory: 'stateful' as const }, /^A stateful network .* needs 81 values/],
  ['shorter than its season', 100, { ...settings, season: 81 }, /^The naive forecast looks 81 steps back/],
  ['a single value', 1, settings, /^This is a single value\./],
  ['too long', MOST_VALUES + 1, settings, /^This series has 20,001 values/],
])('a series that is %s is refused in a sentence', (_what, count, settings, sentence) => {
  expect(planForecast(count, settings)).toMatch(sentence);
});

test('the naive forecast of a value is what was there a season before', () => {
  const plan: ForecastPlan = { training: 8, heldOut: 2, batchSize: 1 };
  expect(naiveForecast(counting(10), plan, 1)).toEqual([7, 8]);
  expect(naiveForecast(counting(10), plan, 8)).toEqual([0, 1]);
});

test('an error is a mean of absolute differences', () => {
  expect(meanAbsoluteError([1, 2, 3], [2, 2, 1])).toBe(1);
});

test.each([
  [
    { network: 0.66, naive: 1 },
    /^34 % better than the naive forecast\. On the 20 values that it never saw, .* by 0\.66 on/,
  ],
  [{ network: 1.5, naive: 1 }, /^Worse than the naive forecast, by 50 %\./],
  [{ network: 1.001, naive: 1 }, /^No better than the naive forecast, and no worse\./],
  [{ network: 0.1, naive: 0 }, /Nothing beats a forecast that is never wrong/],
])('errors %j are judged as what they are', (errors, sentence) => {
  expect(verdict(errors, 20, 0)).toMatch(sentence);
});

test('a network that is asked beyond what it learned from is judged with the reason', () => {
  const errors = { network: 1400, naive: 1 };
  expect(verdict(errors, 20, 5)).toMatch(/, by 139,900 %\. .* the series has nothing else to tell\.$/);
  expect(verdict(errors, 20, 6)).toMatch(/ 6 of these values lie outside the range that it learned from, /);
  const plan: ForecastPlan = { training: 8, heldOut: 2, batchSize: 1 };
  expect(judge(counting(10), plan, 1, [0, 0])).toContain(' 2 of these values lie outside ');
});

test('figures have the digits that count', () => {
  expect([0.27412, 12.345, 4120.4, 0].map(figure)).toEqual(['0.274', '12.3', '4,120', '0']);
  expect([6e-300, -1.234e38].map(figure)).toEqual(['6.00e-300', '-1.23e+38']);
});

test('a judgement compares both forecasts of the same values', () => {
  const plan: ForecastPlan = { training: 8, heldOut: 2, batchSize: 1 };
  expect(judge(counting(10), plan, 1, [8, 9])).toMatch(
    /^100 % better .* the network is off by 0 on average, .* by 1\.$/,
  );
});

test('a picture has the held-out values at their places in the series', () => {
  const plan: ForecastPlan = { training: 8, heldOut: 2, batchSize: 1 };
  const { curves, x, table } = forecastPicture(
    { name: 'steps', values: counting(10), emptyLines: 0 },
    plan,
    1,
    [8.5, 9.5],
  );
  expect(curves.map(({ y }) => y)).toEqual([
    [8, 9],
    [7, 8],
    [8.5, 9.5],
  ]);
  expect(curves[2].x).toEqual([9, 10]);
  expect(x.range).toEqual([9, 10]);
  expect(table().rows).toEqual([
    [9, 8, '8.5', 7],
    [10, 9, '9.5', 8],
  ]);
});

test('a summary tells what is learned from and what is held out', () => {
  expect(describe({ name: 'a', values: counting(1000), emptyLines: 0 }, settings).text).toBe(
    '1,000 values in “a”, from 0 to 999. The network learns from the first 800; the last 200 are held out, and it has to ' +
      'say them one by one.',
  );
  expect(describe({ name: 'a', values: counting(1000), emptyLines: 1 }, settings).text).toMatch(
    / An empty line between them is left out, as if no time had passed there\.$/,
  );
  expect(describe({ name: 'a', values: counting(1000), emptyLines: 2000 }, settings).text).toMatch(
    / 2,000 empty lines between them are left out,/,
  );
});

test('settings go through the address, and what is no setting is refused', () => {
  expect(settingsNotation.read(settingsNotation.write(settings))).toEqual(settings);
  for (const text of [
    '',
    'stateful',
    'stateful.24.16.20',
    'often.24.16.20.1',
    'stateful.24.16.2000.1',
    'stateful.x.16.20.1',
  ]) {
    expect(settingsNotation.read(text)).toBeUndefined();
  }
});

test('the sample is read as it was made, and its program makes the same', () => {
  const table = readCsv(sampleCsv());
  expect(table.columns[likeliestColumn(table)]).toEqual({ name: 'passengers', values: sampleSeries(), problems: [] });
  // oxlint-disable-next-line typescript/no-implied-eval -- the program is text that the page shows
  const made = new Function(`${SAMPLE_CODE}\nreturn series;`)() as number[];
  expect(made).toEqual(sampleSeries());
});
