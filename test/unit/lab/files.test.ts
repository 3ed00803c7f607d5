import { expect, test } from 'vitest';
import {
  formOf,
  openedWords,
  outputCaption,
  outputTable,
  outputWords,
  structureTable,
  verificationWords,
} from '../../../demo/lab/import/data.ts';
import { MOST_NUMBERS, randomInputs, readInputs } from '../../../demo/lab/import/inputs.ts';
import { importProgram } from '../../../demo/lab/import/program.ts';

test.each([
  ['1, 2;3\n4', [2, 1], [2, 2, 1]],
  ['1 2 3 4', [null, 2], [1, 2, 2]],
  ['-1e-3 2', [2], [1, 2]],
])('%j is read as samples of shape %j', (text, shape, expected) => {
  expect(readInputs(text, { shape })).toMatchObject({ shape: expected });
});

test.each([
  ['1 two', { shape: [1] }, '“two” is no number.'],
  ['1 NaN', { shape: [1] }, '“NaN” is no number.'],
  ['', { shape: [3, 1] }, 'A sample of this network has 3 numbers, and there are none.'],
  ['1', { shape: [null, 2] }, 'A step of this network has 2 numbers, and there is 1.'],
  ['1 5', { shape: [null], tokens: 5 }, '5 is no whole number from 0 to 4, which this network takes.'],
  ['1', { shape: [300, 300] }, 'A sample of this network has 90,000 numbers, more than the field takes.'],
  ['1 '.repeat(MOST_NUMBERS + 1), { shape: [1] }, 'The field takes up to 20,000 numbers.'],
])('%.9j is refused for %j', (text, form, problem) => {
  expect(readInputs(text, form)).toBe(problem);
});

test.each([{ shape: [20, 3] }, { shape: [null, 1] }, { shape: [7], tokens: 4 }])(
  'random numbers for %j are read again, and depend on the seed alone',
  (form) => {
    const text = randomInputs(form, 1);
    expect(readInputs(text, form)).toHaveProperty('shape');
    expect(randomInputs(form, 1)).toBe(text);
    expect(randomInputs(form, 2)).not.toBe(text);
  },
);

const layer = { name: 'a', type: 'embedding', outputShape: [null, 2], parameterCount: 1200, options: {} };

test('layers are told with their options, those inside others too', () => {
  const inner = { type: 'lstm', options: { units: 3, dropout: 0.5 } };
  const wrapped = { ...layer, name: 'b', type: 'bidirectional', options: { name: 'b', mergeMode: null, layer: inner } };
  const { rows } = structureTable({ layers: [layer, wrapped], parameterCount: 2400 });
  expect(rows).toEqual([
    ['a', 'embedding', '', '[any, 2]', '1,200'],
    ['b', 'bidirectional', 'mergeMode: null, layer: lstm (units: 3, dropout: 0.5)', '[any, 2]', '1,200'],
    ['all', '', '', '', '2,400'],
  ]);
});

test('a network that looks numbers up takes tokens', () => {
  const first = { ...layer, options: { inputDim: 9 } };
  expect(formOf({ inputShape: [null], layers: [first] })).toEqual({ shape: [null], tokens: 9 });
});

test('what was opened is told with its format, its memory and its training', () => {
  const summary = { inputShape: [1, 1], batchSize: 4, layers: [layer], parameterCount: 1200 };
  const compiled = { optimizer: 'adam', loss: 'huber', updates: 1 };
  const source = { name: 'a.keras', format: 'keras' } as const;
  expect(openedWords({ summary, compiled, source, hasNewWeights: false })).toBe(
    'a.keras is of Keras 3. A sample has the shape [1, 1]. The network is stateful, for batches of 4. ' +
      'It was compiled with adam and huber: 1 update so far.',
  );
  expect(openedWords({ summary, source, hasNewWeights: true })).toMatch(
    /^The network has the weights of a\.keras now\./,
  );
});

test.each([
  [2e-7, true, '✓ 12 outputs recorded in s.json: the network gives them within 2.0e-7.'],
  [0, true, '✓ 12 outputs recorded in s.json: the network gives them with the same bits.'],
  [0.5, false, 'Not as recorded in s.json: at output 2 of batch 3, the worst of 12, the network gives 1.5 for 1.'],
  [NaN, false, 'Not as recorded in s.json: at output 2 of batch 3, the worst of 12, the network gives 1.5 for 1.'],
])('a difference of %d from what was recorded is told', (worst, isSame, text) => {
  const at = { batch: 2, element: 1, got: 1.5, expected: 1 };
  expect(verificationWords({ name: 's.json', worst, at, count: 12 })).toEqual({ isSame, text });
});

test('outputs are told, and a table says what it leaves out', () => {
  const outputs = { data: Float32Array.of(1, 2, 3, NaN), shape: [1, 2, 2] };
  expect(outputWords(outputs)).toBe('4 outputs, of which 1 is not finite.');
  expect(outputTable(outputs)).toEqual({
    columns: ['of', 'output 1', 'output 2'],
    rows: [
      ['sample 1, step 1', '1', '2'],
      ['sample 1, step 2', '3', 'NaN'],
    ],
  });
  expect(outputCaption(outputs)).toBe('Predictions.');
  const wide = { data: new Float32Array(300 * 40), shape: [300, 40] };
  expect(outputCaption(wide)).toBe('Predictions: the first 200 of 300 rows, and the first 32 of 40 outputs.');
  expect(outputTable(wide).rows).toHaveLength(200);
});

test('a program names its files as texts, and lets a stateful network carry its memory', () => {
  const inputs = { data: Float32Array.of(0.1, 2, 16777216), shape: [3, 1] };
  const program = importProgram({ model: 'a"b.keras', weights: 'w.h5' }, true, inputs);
  expect(program).toContain('loadModel(gpu, "a\\"b.keras");\nawait loadWeights(model, "w.h5");');
  expect(program).toContain('    0.1, 2, 16777216,\n');
  expect(program).toContain('model.predict(x, { batchSize: 1 })');
});
