import { describe, expect, onTestFailed, onTestFinished, test } from 'vitest';
import { gru, lstm, sequential, simpleRnn } from '../../../../src/index.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { expectBehaviour, libraryBehaviour } from '../builders/drawn-model.ts';
import { array, setWeights } from '../builders/make-model.ts';
import { drawTfjsCase } from './tfjs-drawn.ts';
import { tfjsBehaviour, tfjsModel, tfjsPredict } from './tfjs-model.ts';

const close = { atol: 5e-6, rtol: 1e-5, reason: 'two float32 implementations, which were 1.1e-6 apart in 300 models' };

test.each(Array.from({ length: 12 }, (_, n) => n))('random model %i is that of TensorFlow.js', async (n) => {
  const { model, numbers } = drawTfjsCase(rng(randomSeed() + n));
  onTestFailed(() => console.error(JSON.stringify(model)));
  const seen = await libraryBehaviour(model, numbers);
  const expected = await tfjsBehaviour(model, numbers);
  expectBehaviour(seen, expected, close);
});

describe('states go from batch to batch, and are reset, as in TensorFlow.js', () => {
  const makers = { lstm, gru, simpleRnn };
  test.each(['lstm', 'gru', 'simpleRnn'] as const)('%s', async (kind) => {
    const random = rng(randomSeed());
    const [rows, steps, features, units] = [3, 4, 2, 5];
    const options = {
      units,
      activation: 'tanh' as const,
      useBias: true,
      goBackwards: false,
      zeroOutputForMask: false,
      ...(kind !== 'simpleRnn' && { recurrentActivation: 'hardSigmoidLegacy' as const }),
      ...(kind === 'gru' && { resetAfter: false }),
    };
    const drawn = [true, false].map((returnSequences) => ({ kind, options: { ...options, returnSequences } }));
    const model = await sequential(gpu, {
      inputShape: [steps, features],
      batchSize: rows,
      layers: drawn.map((layer) => makers[kind]({ ...layer.options, stateful: true })),
    });
    onTestFinished(() => model.dispose());
    const weights = (await model.getWeights()).map(({ data }) => random.array(data.length, 0.5));
    await setWeights(model, weights);
    const peer = tfjsModel(drawn, [rows, steps, features], weights, true);
    const shape = [rows, steps, features];
    for (let batch = 0; batch < 6; batch++) {
      if (batch === 4) {
        model.resetStates();
        peer.resetStates();
      }
      const x = random.array(rows * steps * features, 1);
      const { data } = await model.predictOnBatch(array(x, shape));
      expectRecorded(data, tfjsPredict(peer, x, shape), { ...close, what: 'outputs of a stateful model' });
    }
    expect(peer.layers).toHaveLength(2);
  });
});
