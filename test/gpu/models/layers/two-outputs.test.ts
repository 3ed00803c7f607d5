import { describe, expect, onTestFinished, test } from 'vitest';
import { adam, bidirectional, dense, lstm, masking, sequential, ValueError } from '../../../../src/index.ts';
import { kerasBidirectionals, PADDING, padded } from '../../../golden/bidirectional.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import { gpu } from '../../gpu.ts';
import { expectError } from '../builders/expect-error.ts';
import { array, setWeights } from '../builders/make-model.ts';
import { modelOf } from '../builders/recurrent-run.ts';

const close = { atol: 2e-6, rtol: 0, reason: 'two float32 implementations, up to 20 steps' };

const flat = (tensors: readonly { data: ArrayLike<number> }[]) => tensors.flatMap(({ data }) => Array.from(data));

const unmerged = kerasBidirectionals.filter(({ merge_mode }) => merge_mode === null);
describe.each(unmerged)('two outputs as Keras, sequences $return_sequences', (recorded) => {
  const { return_sequences: returnSequences, weights, x, mask, outputs, outputs_masked } = recorded;
  const inner = lstm({ units: 3, returnSequences, returnState: true });
  const layers = [masking({ maskValue: PADDING }), bidirectional(inner, { mergeMode: null })];
  const build = async (definitions: Parameters<typeof modelOf>[0]['layers']) => {
    const model = await modelOf({ inputShape: x.shape.slice(1), layers: definitions });
    await setWeights(
      model,
      weights.map(({ data }) => data),
    );
    return model;
  };

  test.each([
    ['outputs and states', array(x.data, x.shape), outputs],
    ['outputs and states under a mask', padded(x, mask.data), outputs_masked],
  ])('%s', async (_what, input, wanted) => {
    const model = await build(layers);
    for (const predicted of [await model.predict(input, { batchSize: 1 }), await model.predictOnBatch(input)]) {
      expect(predicted.outputs!.map(({ shape }) => shape)).toEqual([wanted[0].shape, wanted[1].shape]);
      const found = flat([...predicted.outputs!, ...predicted.states!]);
      expectRecorded(found, flat(wanted), { ...close, what: 'Keras, outputs not merged' });
      for (const each of [predicted, ...predicted.outputs!, ...predicted.states!]) {
        expect(each.toNested().flat(2)).toEqual([...each.data]);
        expect(each.row(1)).toEqual(each.data.slice(each.data.length / each.shape[0]).slice(0, each.row(1).length));
      }
    }
  });

  test('data holds both outputs beside each other, as concat gives them', async () => {
    const model = await build(layers);
    const concat = await build([layers[0], bidirectional(inner)]);
    const { outputs: _, ...rest } = await model.predict(array(x.data, x.shape));
    expect(rest).toEqual(await concat.predict(array(x.data, x.shape)));
  });
});

describe('a bidirectional layer with two outputs', () => {
  const layer = bidirectional(lstm({ units: 2, returnSequences: true }), { mergeMode: null });

  test('can only be the last', async () => {
    const layers = [layer, dense({ units: 1, name: 'head' })];
    await expectError(() => sequential(gpu, { inputShape: [4, 3], layers }), ValueError, [
      'bidirectional has two outputs (mergeMode: null), and head behind it takes one',
      'mergeMode: "concat"',
    ]);
  });

  test('has no loss', async () => {
    const model = await sequential(gpu, { inputShape: [4, 3], layers: [layer] });
    onTestFinished(() => model.dispose());
    await expectError(() => model.compile({ optimizer: adam(), loss: 'meanSquaredError' }), ValueError, [
      'model.compile: bidirectional has two outputs (mergeMode: null), and a loss needs one',
      'another mergeMode',
    ]);
  });
});
