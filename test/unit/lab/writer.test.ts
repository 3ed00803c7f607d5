import { expect, test } from 'vitest';
import { axisEnd, progressWords, settingsNotation, temperatureWords } from '../../../demo/lab/text/data.ts';
import { draw } from '../../../demo/lab/text/random-draw.ts';
import { planWriter, surpriseByFrequency } from '../../../demo/lab/text/plan.ts';
import { writerProgram } from '../../../demo/lab/text/program.ts';
import { SAMPLE_TEXT } from '../../../demo/lab/text/sample.ts';

test.each([
  [0, 1],
  [0.24, 1],
  [0.26, 2],
  [0.99, 2],
  [1, 2],
])('a random number of %d draws number %i of probabilities 0, 1/4 and 3/4', (uniform, drawn) => {
  expect(draw([0, 0.25, 0.75], 1, uniform)).toBe(drawn);
});

test('a low temperature favours what is likely, a high one what is not', () => {
  // The odds of 1 : 3 become 1 : 9 at a temperature of 1/2, and 1 : √3 at 2.
  expect(draw([0.25, 0.75], 0.5, 0.099)).toBe(0);
  expect(draw([0.25, 0.75], 0.5, 0.101)).toBe(1);
  const share = 1 / (1 + Math.sqrt(3));
  expect(draw([0.25, 0.75], 2, share - 0.001)).toBe(0);
  expect(draw([0.25, 0.75], 2, share + 0.001)).toBe(1);
});

test('what must not be drawn is not, and tiny probabilities do no harm', () => {
  expect(draw([0.9, 0.1], 1, 0, 1)).toBe(1);
  expect(draw([1e-38, 1], 0.05, 0.5)).toBe(1);
});

test('a text is read in as many rows as leave each some windows', () => {
  expect(planWriter(SAMPLE_TEXT)).toMatchObject({ characters: SAMPLE_TEXT.length, rows: 5 });
  expect(planWriter('abc '.repeat(200))).toEqual({ characters: 800, alphabet: 4, rows: 1 });
  // Characters are code points, as the library counts them.
  expect(planWriter('🌊🌊🐚 '.repeat(200))).toMatchObject({ characters: 800, alphabet: 3 });
});

test.each([
  ['too short', 'abc', /^This text has 3 characters\./],
  ['of one character', '🌊', /^This text has 1 character\./],
  ['too long', 'abc '.repeat(20_000), /^This text has 80,000 characters\. The lab takes up to 50,000/],
  ['of one letter', 'a'.repeat(500), /fewer than three different characters/],
])('a text that is %s is refused in a sentence', (_what, text, sentence) => {
  expect(planWriter(text)).toMatch(sentence);
});

test('the surprise of one who knows how often each character comes is the entropy', () => {
  expect(surpriseByFrequency('abab')).toBeCloseTo(Math.log(2), 12);
  expect(surpriseByFrequency('aaab')).toBeCloseTo(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)), 12);
});

test('progress is told in sentences', () => {
  expect(progressWords({ readings: 0 })).toBe('It reads the text for the first time.');
  expect(progressWords({ readings: 1, loss: 2.345, charactersPerSecond: 12_345 })).toBe(
    'It has read the text once. Surprise per character: 2.35 nats. It reads 12,000 characters a second.',
  );
});

test('settings go through the address, and what is no setting is refused', () => {
  const settings = { units: 64, temperature: 0.7 };
  expect(settingsNotation.read(settingsNotation.write(settings))).toEqual(settings);
  for (const text of ['', '64', '65-0.7', '64-9', '64-x']) expect(settingsNotation.read(text)).toBeUndefined();
});

test('every temperature has its words', () => {
  const words = [0.2, 0.7, 1, 1.5].map(temperatureWords);
  expect(new Set(words).size).toBe(4);
});

test('the axis of the curve ends behind the readings', () => {
  expect([1, 20, 21, 200, 201].map(axisEnd)).toEqual([20, 20, 50, 200, 500]);
});

test('the text stands in its program as it is, whatever it holds', () => {
  const text = `"quotes", \`ticks\`, \${code}, \\ and\u2028 ends of lines\r\nwithout an end`;
  const program = writerProgram(text, { units: 32, temperature: 1 }, { characters: 0, alphabet: 0, rows: 1 }, 3);
  const literal = /const text =\n([^]*?);\nconst \{ tokens/.exec(program)![1];
  // oxlint-disable-next-line typescript/no-implied-eval -- the program is text that the page shows
  expect(new Function(`return ${literal};`)()).toBe(text);
});
