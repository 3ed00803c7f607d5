import { expect, test } from 'vitest';
import { JsonValue, knownOptions, parseJson, show } from '../../../src/formats/reading.ts';
import { elementsOf } from '../../../src/formats/shape.ts';
import { ValueError } from '../../../src/index.ts';
import { errorOf } from '../../harness/error-of.ts';

const config = parseJson(
  'loadModel: model.h5',
  'model_config',
  JSON.stringify({ layers: [{ units: 4, rate: 0.5, name: 'a', on: true, of: null, 'odd key': 1 }] }),
);
const layer = config.get('layers').list()[0];

test('a value is read as what is asked for', () => {
  expect(layer.get('units').wholeNumber(1)).toBe(4);
  expect(layer.get('rate').number()).toBe(0.5);
  expect(layer.get('name').text()).toBe('a');
  expect(layer.get('name').oneOf(['a', 'b'])).toBe('a');
  expect(layer.get('on').trueOrFalse()).toBe(true);
  expect(layer.optional('of')).toBeUndefined();
  expect(layer.optional('other')).toBeUndefined();
  expect(layer.has('other')).toBe(false);
  expect(layer.has('toString')).toBe(false);
  expect(parseJson('', '', new TextEncoder().encode('[1, 2]')).wholeNumbers()).toEqual([1, 2]);
});

test.each([
  ['a whole number', () => layer.get('rate').wholeNumber(1), 'rate is 0.5, expected a whole number of at least 1'],
  ['a number', () => layer.get('name').number(), 'name is "a", expected a finite number'],
  ['a text', () => layer.get('units').text(), 'units is 4, expected a text'],
  ['a list', () => layer.get('units').list(), 'units is 4, expected a list'],
  ['true or false', () => layer.get('units').trueOrFalse(), 'units is 4, expected true or false'],
  ['an object', () => layer.get('units').keys(), 'units is 4, expected an object'],
  ['one of several', () => layer.get('units').oneOf([1, 2], 'Take 1.'), 'units is 4, expected one of 1, 2. Take 1.'],
  ['one value', () => layer.get('on').oneOf([false]), 'on is true, expected false'],
  ['what is there', () => layer.get('kernel').text(), 'kernel is missing, expected a text'],
])('refuses what is not %s, with its place', (_what, read, message) => {
  const error = errorOf(read);
  expect(error).toBeInstanceOf(ValueError);
  expect(error.message).toContain(`loadModel: model.h5: model_config.layers[0].${message}`);
});

test('a field that nobody reads is refused', () => {
  expect(errorOf(() => layer.onlyKeys(['units', 'rate', 'name', 'on', 'of'])).message).toBe(
    'loadModel: model.h5: model_config.layers[0]["odd key"] is 1, which is not understood; the known fields there are ' +
      '"units", "rate", "name", "on", "of".',
  );
  layer.onlyKeys(layer.keys());
});

test('a refusal shows a few of many known fields', () => {
  const known = Array.from({ length: 100 }, (_, n) => `option_${n}`);
  const { message } = errorOf(() => layer.onlyKeys([...known, 'units']));
  expect(message).toContain('"option_4", "option_5" and 95 more.');
  expect(message.length).toBeLessThan(240);
});

test('what is no JSON, and a text that is too long, are refused', () => {
  expect(errorOf(() => parseJson('loadModel: a', '', '{ "a": ')).message).toContain('loadModel: a: expected JSON: ');
  expect(errorOf(() => parseJson('a', 'b', new Uint8Array([0x22, 0xff, 0x22]))).message).toContain(
    'a: b: expected JSON',
  );
  expect(errorOf(() => parseJson('a', '', new Uint8Array(2 ** 24 + 1))).message).toContain('expected at most 16777216');
});

test('JSON whose lists lie too deep within each other is refused', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  expect(parseJson('a', '', nested(200)).list()).toHaveLength(1);
  expect(errorOf(() => parseJson('a', '', nested(201))).message).toContain('more than 200 lists or objects');
  expect(errorOf(() => parseJson('a', '', nested(1_000_000))).message).toMatch(/^a: expected JSON/);
});

test('options that are not known are refused with those that are', () => {
  knownOptions('saveModel', { format: 'keras' }, ['format']);
  expect(errorOf(() => knownOptions('saveModel', { fromat: 1 }, ['format'])).message).toBe(
    'saveModel: there is no option "fromat". The options are format.',
  );
  expect(errorOf(() => knownOptions('saveModel', 'keras', ['format'])).message).toContain('expected options by name');
});

test('long values are abbreviated in messages', () => {
  expect(show('a'.repeat(100))).toBe(`"${'a'.repeat(60)}…"`);
  expect(show(Array.from({ length: 100 }, (_, n) => n))).toBe('an array of length 100');
  expect(show({ a: 'b'.repeat(100) })).toHaveLength(61);
  expect([undefined, null, NaN, -Infinity, new Map(), show].map(show)).toEqual([
    'undefined',
    'null',
    'NaN',
    '-Infinity',
    'a Map',
    'a function',
  ]);
  expect(new JsonValue('a', '', 1).isObject).toBe(false);
});

test('the number of elements does not wrap around', () => {
  expect(elementsOf([])).toBe(1);
  expect(elementsOf([2 ** 31, 2 ** 31, 2 ** 31])).toBe(2 ** 93);
});
