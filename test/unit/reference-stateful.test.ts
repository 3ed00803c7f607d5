import { describe, expect, test } from 'vitest';
import { expectRecorded } from '../golden/expect-recorded.ts';
import { inOrder, kerasBatchFit, kerasFits, kerasLoops, windowsOf, type KerasRun } from '../golden/keras-stateful.ts';
import { adam, sgd } from '../reference/optimizers.ts';
import { ReferenceModel, type LayerSpec, type ReferenceOptions } from '../reference/reference-model.ts';

const trajectory = { atol: 3e-6, rtol: 0, reason: 'Keras trained in float32, whose roundings add up over the steps' };

const layers = (units: number, stateful: boolean): LayerSpec[] => [
  { kind: 'lstm', units, stateful },
  { kind: 'dense', units: 1, activation: 'sigmoid' },
];

function modelOf(run: KerasRun, options: Pick<ReferenceOptions, 'inputShape' | 'layers' | 'optimizer' | 'slots'>) {
  const model = new ReferenceModel({ loss: 'binaryCrossentropy', ...options });
  model.setWeights(inOrder(run.initial_weights).map(({ data }) => data));
  return model;
}

function expectEnd(model: ReferenceModel, run: KerasRun): void {
  inOrder(run.final_weights).forEach(({ data }, index) => {
    expectRecorded(model.weights[index], data, { ...trajectory, what: 'final weights' });
  });
  if (!run.final_states) return;
  const [h, c] = run.final_states;
  expectRecorded(model.states[0].h, h.data, { ...trajectory, what: 'final h' });
  expectRecorded(model.states[0].c, c.data, { ...trajectory, what: 'final c' });
}

describe('the element-wise loop', () => {
  test.each(Object.entries(kerasLoops))('%s', (name, run) => {
    const model = modelOf(run, {
      inputShape: [1, 1],
      layers: layers(10, name !== 'stateless'),
      optimizer: adam({ learningRate: 1e-3 }),
    });
    const [sequences, length] = run.X.shape;
    const resets = run['states_before_each_reset_[h,c]'];
    const figures = run['per_step_[loss,acc]'].map(([loss, accuracy], step) => {
      const element = step % (sequences * length);
      const y = run.X.data[element - (element % length)];
      const seen = model.trainOnBatch([run.X.data[element]], [y]);
      expect(seen.accuracy).toBe(accuracy);
      if (resets && (step + 1) % length === 0) {
        const [h, c] = resets[Math.floor(step / length)];
        expectRecorded(model.states[0].h, h.data, { ...trajectory, what: 'h before a reset' });
        expectRecorded(model.states[0].c, c.data, { ...trajectory, what: 'c before a reset' });
        model.resetStates();
      }
      return [seen.loss, loss];
    });
    const [seen, recorded] = [0, 1].map((index) => figures.map((pair) => pair[index]));
    expectRecorded(seen, recorded, { ...trajectory, what: 'losses' });
    expectEnd(model, run);
  });
});

describe('fit', () => {
  test.each(Object.entries(kerasFits))('%s', (name, run) => {
    const { x, y } = windowsOf(run);
    const model = modelOf(run, {
      inputShape: [run.window ?? 1, 1],
      layers: layers(10, name !== 'stateless windows'),
      optimizer: adam({ learningRate: 1e-3 }),
    });
    const resetsEvery20 = (batch: number) => {
      if (name === 'resets by a callback' && batch % 20 === 0) model.resetStates();
    };
    run.history.loss.forEach((loss, epoch) => {
      const seen = model.epoch('train', x, y, 1, resetsEvery20);
      expectRecorded([seen.loss], [loss], { ...trajectory, what: 'loss of an epoch' });
      expectRecorded([seen.accuracy], [run.history.accuracy[epoch]], { ...trajectory, what: 'accuracy of an epoch' });
    });
    expectEnd(model, run);
  });

  test('batches of two, then evaluate and predict', () => {
    const run = kerasBatchFit;
    const model = modelOf(run, {
      inputShape: [3, 2],
      layers: layers(4, true),
      optimizer: sgd({ learningRate: 0.1 }),
      slots: 2,
    });
    run.history.loss.forEach((loss, epoch) => {
      const seen = model.epoch('train', run.x.data, run.y.data, 2);
      expectRecorded([seen.loss], [loss], { ...trajectory, what: 'loss of an epoch' });
      expectRecorded([seen.accuracy], [run.history.accuracy[epoch]], { ...trajectory, what: 'accuracy of an epoch' });
      const [h, c] = run.states_at_epoch_end[epoch];
      expectRecorded(model.states[0].h, h.data, { ...trajectory, what: 'h after an epoch' });
      expectRecorded(model.states[0].c, c.data, { ...trajectory, what: 'c after an epoch' });
    });
    const { loss, accuracy } = model.epoch('test', run.x_val.data, run.y_val.data, 2);
    expectRecorded([loss, accuracy], run['then_evaluate_[loss,acc]'], { ...trajectory, what: 'evaluate' });
    const predictions = [0, 2].flatMap((first) => [
      ...model.predictOnBatch(run.x_val.data.slice(first * 6, first * 6 + 12)),
    ]);
    expectRecorded(predictions, run.then_predict.data, { ...trajectory, what: 'predict' });
    expectEnd(model, run);
  });
});
