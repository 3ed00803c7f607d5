import { describe, expect, test } from 'vitest';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { kerasForwards, weightsOf } from '../../../golden/keras-forward.ts';
import { arange, constantWeights, kerasUnitTests } from '../../../golden/keras-unit-tests.ts';
import type { LstmSpec } from '../../../reference/reference-model.ts';
import { array, makeModel, setWeights } from '../builders/make-model.ts';

const forward = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 20 steps' };

const inOrder = ({ kernel, recurrentKernel, bias }: ReturnType<typeof weightsOf>) => [kernel, recurrentKernel, bias];

/** Loss and optimizer do not matter where nothing is trained. */
const untrained = { loss: 'meanSquaredError', metrics: [] } as const;

describe('predict as Keras', () => {
  test.each(kerasForwards)('$name', async ({ config, weights, x, expected, ...rest }) => {
    const { units, time, input_dim, return_sequences: returnSequences } = config;
    const layers: LstmSpec[] = [{ kind: 'lstm', units, returnSequences }];
    const model = await makeModel({ inputShape: [time, input_dim], layers, ...untrained });
    await setWeights(model, inOrder(weightsOf({ config, weights, x, expected, ...rest })));
    const initialState = rest.initial_state?.map((state) => array(state.data, state.shape));
    const { data, shape } = await model.predict(array(x.data, x.shape), { initialState });
    expect(shape).toEqual(expected.output.shape);
    expectRecorded(data, expected.output.data, { ...forward, what: 'Keras, outputs' });
  });

  test.each(kerasUnitTests)('unit test $test, $config', async (recorded) => {
    const [batchSize, steps, features] = recorded.input.shape;
    const { units, stateful } = recorded.config;
    const layers: LstmSpec[] = [{ kind: 'lstm', units, stateful }];
    const model = await makeModel({ inputShape: [steps, features], layers, batchSize, ...untrained });
    await setWeights(model, inOrder(constantWeights(recorded)));
    const x = array(arange(recorded), recorded.input.shape);
    for (let call = 1; call < recorded.calls; call++) await model.predictOnBatch(x);
    const { data } = await model.predictOnBatch(x);
    expectRecorded(data, recorded.expected.flat(), { ...forward, what: 'Keras unit tests, outputs' });
  });
});
