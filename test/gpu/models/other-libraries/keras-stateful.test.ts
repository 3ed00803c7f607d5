import { describe, expect, test } from 'vitest';
import type { Callback, FitOptions, Model } from '../../../../src/index.ts';
import { expectRecorded } from '../../../golden/expect-recorded.ts';
import {
  inOrder,
  kerasBatchFit,
  kerasFits,
  kerasLoops,
  kerasValidatedFit,
  windowsOf,
  type KerasBatchFit,
  type KerasRun,
} from '../../../golden/keras-stateful.ts';
import type { GoldenTensor } from '../../../golden/tensor.ts';
import { ReferenceModel } from '../../../reference/reference-model.ts';
import { array, lstmAndHead, makeModel, setWeights, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const trajectory = { atol: 1e-5, rtol: 0, reason: 'two float32 implementations drift apart over up to 240 steps' };

async function modelOf(run: KerasRun, spec: ModelSpec): Promise<Model> {
  const model = await makeModel(spec);
  await setWeights(
    model,
    inOrder(run.initial_weights).map(({ data }) => data),
  );
  return model;
}

async function expectFinalWeights(model: Model, run: KerasRun): Promise<void> {
  const weights = await weightsOf(model);
  inOrder(run.final_weights).forEach(({ data }, index) => {
    expectRecorded(weights[index], data, { ...trajectory, what: 'final weights' });
  });
}

/** h and c of the one LSTM. */
async function expectStates(model: Model, states: GoldenTensor[], what: string): Promise<void> {
  const seen = await model.getStates();
  states.forEach(({ data }, n) => expectRecorded(seen[n].data, data, { ...trajectory, what }));
  expect(seen).toHaveLength(states.length);
}

/** A model like the post's, small enough to stay in one workgroup; and the same with dispatches for each layer. */
const schedules = ['auto', 'layered'] as const;

describe.each(schedules)('the element-wise loop of the post, step by step as Keras, %s', (schedule) => {
  test.each(Object.entries(kerasLoops))('%s', async (name, run) => {
    const model = await modelOf(run, {
      inputShape: [1, 1],
      batchSize: 1,
      layers: lstmAndHead(10, name !== 'stateless'),
      optimizer: { kind: 'adam', learningRate: 1e-3 },
      schedule,
    });
    const [sequences, length] = run.X.shape;
    const recorded = run['per_step_[loss,acc]'];
    const results = recorded.map(async (_, step) => {
      const element = step % (sequences * length);
      const x = array([run.X.data[element]], [1, 1, 1]);
      const y = array([run.X.data[element - (element % length)]], [1, 1]);
      const result = model.trainOnBatch(x, y);
      if (name === 'with resets' && (step + 1) % length === 0) model.resetStates();
      return result;
    });
    const figures = await Promise.all(results);
    expectRecorded(
      figures.map(({ loss }) => loss),
      recorded.map(([loss]) => loss),
      { ...trajectory, what: `losses, ${name}` },
    );
    expect(figures.map(({ accuracy }) => accuracy)).toEqual(recorded.map(([, accuracy]) => accuracy));
    await expectFinalWeights(model, run);
    if (run.final_states) await expectStates(model, run.final_states, 'final states');
  });

  test('states before each reset', async () => {
    const run = kerasLoops['with resets'];
    const model = await modelOf(run, {
      inputShape: [1, 1],
      batchSize: 1,
      layers: lstmAndHead(10, true),
      optimizer: { kind: 'adam', learningRate: 1e-3 },
      schedule,
    });
    const [sequences, length] = run.X.shape;
    for (const [n, states] of run['states_before_each_reset_[h,c]']!.entries()) {
      const sequence = run.X.data.slice((n % sequences) * length, (n % sequences) * length + length);
      const y = array(sequence.slice(0, 1), [1, 1]);
      await Promise.all(sequence.map((element) => model.trainOnBatch(array([element], [1, 1, 1]), y)));
      await expectStates(model, states, 'states before a reset');
      model.resetStates();
    }
  });
});

describe.each(schedules)('fit as Keras, %s', (schedule) => {
  test.each(Object.entries(kerasFits))('%s', async (name, run) => {
    const { x, y, samples } = windowsOf(run);
    const window = run.window ?? 1;
    const model = await modelOf(run, {
      inputShape: [window, 1],
      batchSize: 1,
      layers: lstmAndHead(10, name !== 'stateless windows'),
      optimizer: { kind: 'adam', learningRate: 1e-3 },
      schedule,
    });
    const resetEvery20 = {
      onBatchBegin(batch: number) {
        if (batch % 20 === 0) model.resetStates();
      },
    };
    const { epoch, history } = await model.fit(array(x, [samples, window, 1]), array(y, [samples, 1]), {
      batchSize: 1,
      epochs: run.history.loss.length,
      shuffle: false,
      callbacks: name === 'resets by a callback' ? [resetEvery20] : [],
    });
    expect(epoch).toEqual(run.history.loss.map((_, index) => index));
    expectRecorded(history.loss, run.history.loss, { ...trajectory, what: 'losses of epochs' });
    expectRecorded(history.accuracy, run.history.accuracy, { ...trajectory, atol: 1e-7, what: 'accuracies of epochs' });
    await expectFinalWeights(model, run);
  });
});

describe('fit as Keras, in batches of two', () => {
  const spec: ModelSpec = { inputShape: [3, 2], batchSize: 2, layers: lstmAndHead(4, true) };

  /** Trains as recorded, then evaluates and predicts, which go on from the states of training. */
  async function expectAsKeras(
    run: KerasBatchFit,
    options: FitOptions,
    onEpochEnd?: (model: Model) => Promise<void>,
  ): Promise<Record<string, number[]>> {
    const model = await modelOf(run, spec);
    const validation = validationOf(run);
    const callback: Callback = {
      async onEpochEnd(epoch) {
        await expectStates(model, run.states_at_epoch_end[epoch], 'states after an epoch');
        await onEpochEnd?.(model);
      },
    };
    const { history } = await model.fit(array(run.x.data, run.x.shape), array(run.y.data, run.y.shape), {
      batchSize: 2,
      epochs: 3,
      shuffle: false,
      callbacks: [callback],
      ...options,
    });
    expectRecorded(history.loss, run.history.loss, { ...trajectory, what: 'losses of epochs' });
    expectRecorded(history.accuracy, run.history.accuracy, { ...trajectory, what: 'accuracies of epochs' });
    const { loss, accuracy } = await model.evaluate(...validation, { batchSize: 2 });
    expectRecorded([loss, accuracy], run['then_evaluate_[loss,acc]'], { ...trajectory, what: 'evaluate' });
    const { data, shape } = await model.predict(validation[0], { batchSize: 2 });
    expect(shape).toEqual(run.then_predict.shape);
    expectRecorded(data, run.then_predict.data, { ...trajectory, what: 'predict' });
    await expectStates(model, run.final_states!, 'final states');
    await expectFinalWeights(model, run);
    return history;
  }

  const validationOf = ({ x_val, y_val }: KerasBatchFit) =>
    [array(x_val.data, x_val.shape), array(y_val.data, y_val.shape)] as const;

  test('then evaluate and predict go on from the states of training', async () => {
    const history = await expectAsKeras(kerasBatchFit, {});
    expect(Object.keys(history)).toEqual(['loss', 'accuracy']);
  });

  test('validation changes none of it, and starts from zero', async () => {
    const run = kerasBatchFit;
    const weightsOfEpochs: Float32Array[][] = [];
    const history = await expectAsKeras(run, { validationData: validationOf(run) }, async (model) => {
      weightsOfEpochs.push(await weightsOf(model));
    });
    for (const [epoch, weights] of weightsOfEpochs.entries()) {
      const twin = new ReferenceModel({
        inputShape: [3, 2],
        layers: spec.layers,
        loss: 'binaryCrossentropy',
        slots: 2,
      });
      twin.setWeights(weights);
      const { loss, accuracy } = twin.epoch('test', run.x_val.data, run.y_val.data, 2);
      const seen = [history.valLoss[epoch], history.valAccuracy[epoch]];
      expectRecorded(seen, [loss, accuracy], { ...trajectory, what: 'validation, against the reference' });
    }
    expect(weightsOfEpochs).toHaveLength(3);
  });

  test("validationStates: 'carry' brings back what Keras does: training goes on where validation left", async () => {
    const run = kerasValidatedFit;
    const options = { validationData: validationOf(run), validationStates: 'carry' } as const;
    const history = await expectAsKeras(run, options);
    expectRecorded(history.valLoss, run.history.val_loss!, { ...trajectory, what: 'carried, validation losses' });
    const accuracies = run.history.val_accuracy!;
    expectRecorded(history.valAccuracy, accuracies, { ...trajectory, what: 'carried, validation accuracies' });
    expect(history.valLoss).toHaveLength(3);
  });
});
