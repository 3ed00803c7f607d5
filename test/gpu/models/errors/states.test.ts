import { describe, expect, test } from 'vitest';
import { gru, lstm, sequential, dense, sgd, ShapeError, ValueError, type InitialState } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { anything, expectError, ramp, type Case } from '../builders/expect-error.ts';

const [x, y] = [ramp(2, 4, 1), ramp(2, 3)];
const state = ramp(2, 3);

function withValue(value: number) {
  const wrong = ramp(2, 3);
  wrong.data[4] = value;
  return wrong;
}

async function build(...layers: Parameters<typeof sequential>[1]['layers']) {
  const model = await sequential(gpu, { inputShape: [4, 1], batchSize: 2, layers });
  model.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
  return model;
}

describe('an initial state that does not fit is refused before anything happened:', () => {
  const cases: Case<InitialState>[] = [
    ['an unknown layer', { gru: [state] }, ValueError, ['there is no recurrent layer "gru"', 'layers are "lstm"']],
    ['too few', [state], ShapeError, ['lstm got 1 arrays, expected a list of 2: lstm/h [2, 3], lstm/c [2, 3]']],
    ['too many', { lstm: [state, state, state] }, ShapeError, ['lstm got 3 arrays, expected a list of 2']],
    ['no list', anything({ lstm: 5 }), ShapeError, ['lstm got 5, expected a list of 2']],
    ['a number', anything(3), ValueError, ['initialState is 3, expected lists', '{ lstm: [h, c] }']],
    ['another count of samples', [state, ramp(3, 3)], ShapeError, ['lstm/c has shape [3, 3], expected [samples = 2']],
    ['other units', [ramp(2, 4), state], ShapeError, ['lstm/h has shape [2, 4]', 'units = 3]', 'each sample of x']],
    ['not an array', [state, anything('c')], ShapeError, ['lstm/c is "c", expected { data']],
    ['NaN', [state, withValue(NaN)], ValueError, ['lstm/c holds NaN at [1, 1], expected finite']],
  ];
  test.each(cases)('%s', async (_what, initialState, error, says) => {
    const model = await build(lstm({ units: 3, stateful: true }));
    const before = [await model.getWeights(), await model.getStates()];
    const options = { initialState };
    const calls = {
      fit: () => model.fit(x, y, options),
      evaluate: () => model.evaluate(x, y, options),
      predict: () => model.predict(x, options),
      trainOnBatch: () => model.trainOnBatch(x, y, options),
      testOnBatch: () => model.testOnBatch(x, y, options),
      predictOnBatch: () => model.predictOnBatch(x, options),
    };
    for (const [name, call] of Object.entries(calls)) {
      await expectError(call, error, [`model.${name}: initialState`, ...says]);
    }
    expect([await model.getWeights(), await model.getStates()]).toEqual(before);
    model.dispose();
  });

  test('one list for several layers', async () => {
    const model = await build(lstm({ units: 3, returnSequences: true }), gru({ units: 3 }));
    await expectError(() => model.predict(x, { initialState: [state, state] }), ValueError, [
      'initialState is one list, and this model has 2 recurrent layers',
      '{ lstm: [h, c], gru: [h] }',
    ]);
    model.dispose();
  });

  test('a model without recurrent layers', async () => {
    const model = await build(dense({ units: 3 }));
    await expectError(() => model.predict(x, { initialState: [state] }), ValueError, ['no layer of this model is']);
    model.dispose();
  });

  test('together with truncate', async () => {
    const model = await build(lstm({ units: 3, stateful: true, returnSequences: true }));
    const options = { truncate: 2, initialState: [state, state] };
    await expectError(() => model.fit(x, ramp(2, 4, 3), options), ValueError, [
      'model.fit: initialState and truncate are both given',
      'model.setStates',
    ]);
    model.dispose();
  });

  test('under another name', async () => {
    const model = await build(lstm({ units: 3 }));
    await expectError(() => model.predictOnBatch(x, anything({ initialStates: [] })), ValueError, [
      'model.predictOnBatch: there is no option "initialStates". Did you mean "initialState"?',
    ]);
    model.dispose();
  });
});
