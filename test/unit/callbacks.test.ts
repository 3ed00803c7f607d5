import { describe, expect, test } from 'vitest';
import type { ModelInTraining } from '../../src/models/training/callbacks/callback.ts';
import type { Weight } from '../../src/models/network/parameters.ts';
import { earlyStopping } from '../../src/models/training/callbacks/early-stopping.ts';
import { learningRateScheduler } from '../../src/models/training/callbacks/learning-rate-scheduler.ts';
import { reduceLROnPlateau } from '../../src/models/training/callbacks/reduce-lr-on-plateau.ts';
import { kerasEarlyStoppings } from '../golden/keras-early-stopping.ts';

function unused(): never {
  throw new Error('No callback of the library calls this.');
}

/** A model whose weight is the number of the epoch. */
function fakeModel() {
  let weight = 0;
  const model: ModelInTraining & { train: (epoch: number) => void; weight: () => number } = {
    stopTraining: false,
    learningRate: 1,
    getWeights: () => Promise.resolve([{ name: 'w', shape: [1], data: Float32Array.of(weight) }]),
    setWeights: ([given]) => {
      [weight] = (given as Weight).data;
      return Promise.resolve();
    },
    get compileOptions() {
      return unused();
    },
    layers: [],
    toJSON: unused,
    getOptimizerState: unused,
    setOptimizerState: unused,
    getRandomState: unused,
    setRandomState: unused,
    continueFrom: unused,
    resetStates: unused,
    getStates: unused,
    setStates: unused,
    evaluate: unused,
    predict: unused,
    train: (epoch) => {
      weight = epoch;
    },
    weight: () => weight,
  };
  return model;
}

describe('early stopping is that of Keras', () => {
  test.each(kerasEarlyStoppings)('$params', async (recorded) => {
    const { params, monitor_values } = recorded;
    const monitor = params.monitor === 'val_accuracy' ? 'valAccuracy' : 'valLoss';
    const callback = earlyStopping({
      monitor,
      mode: params.mode,
      minDelta: params.min_delta,
      patience: params.patience,
      baseline: params.baseline,
      restoreBestWeights: params.restore_best_weights,
      startFromEpoch: params.start_from_epoch,
    });
    const model = fakeModel();
    callback.setModel(model);
    await callback.onTrainBegin();
    let epoch = 0;
    for (; epoch < monitor_values.length && !model.stopTraining; epoch++) {
      model.train(epoch);
      await callback.onEpochEnd(epoch, { loss: 0, [monitor]: monitor_values[epoch] });
    }
    await callback.onTrainEnd();
    expect(model.stopTraining).toBe(recorded.stopped);
    expect(epoch - 1).toBe(recorded.last_epoch_run);
    expect(callback.stoppedEpoch).toBe(recorded.stopped_epoch);
    expect(callback.best).toBe(recorded.best);
    expect(callback.bestEpoch).toBe(recorded.best_epoch);
    expect(model.weight()).toBe(recorded.restored_epoch ?? recorded.last_epoch_run);
  });

  test('accuracies are better larger, losses and errors smaller', async () => {
    for (const [monitor, best] of [
      ['valAccuracy', 2],
      ['acc', 2],
      ['valLoss', 1],
      ['mae', 1],
    ] as const) {
      const callback = earlyStopping({ monitor, patience: 9 });
      callback.setModel(fakeModel());
      await callback.onTrainBegin();
      for (const [epoch, value] of [2, 1].entries()) await callback.onEpochEnd(epoch, { [monitor]: value });
      expect(callback.best).toBe(best);
    }
  });

  test('a figure with a name of its own needs to be told', async () => {
    const callback = earlyStopping({ monitor: 'valSure' });
    callback.setModel(fakeModel());
    const says = 'earlyStopping: monitor is "valSure" and mode "auto", which cannot tell whether larger is better';
    await expect(callback.onEpochEnd(0, { valSure: 1 })).rejects.toThrow(says);
    for (const [mode, best] of [
      ['max', 2],
      ['min', 1],
    ] as const) {
      const told = earlyStopping({ monitor: 'valSure', mode, patience: 9 });
      told.setModel(fakeModel());
      await told.onTrainBegin();
      for (const [epoch, value] of [1, 2, 1].entries()) await told.onEpochEnd(epoch, { valSure: value });
      expect(told.best).toBe(best);
    }
  });

  test('a figure that is not there is refused, unless the epoch was stopped', async () => {
    const callback = earlyStopping();
    const model = fakeModel();
    callback.setModel(model);
    await expect(callback.onEpochEnd(0, { loss: 1 })).rejects.toThrow(
      'monitor is "valLoss", but the figures are "loss"',
    );
    await expect(callback.onEpochEnd(0, { loss: 1 })).rejects.not.toThrow('Did you mean');
    model.stopTraining = true;
    await expect(callback.onEpochEnd(0, {})).resolves.toBeUndefined();
  });

  test.each([
    ['val_loss', 'valLoss', { loss: 1, valLoss: 1 }],
    ['val_loss', 'valLoss', { loss: 1 }],
    ['val_accuracy', 'valAccuracy', { loss: 1, accuracy: 1 }],
    ['acuracy', 'accuracy', { loss: 1, accuracy: 1 }],
  ])('%s is told to be %s', async (monitor, meant, logs) => {
    const callback = earlyStopping({ monitor });
    callback.setModel(fakeModel());
    const says = `earlyStopping: monitor is "${monitor}", but the figures are`;
    await expect(callback.onEpochEnd(0, logs)).rejects.toThrow(says);
    await expect(callback.onEpochEnd(0, logs)).rejects.toThrow(`Did you mean "${meant}"?`);
  });

  test.each(['valValLoss', 'val_val_loss', 'valvalloss'])(
    '%s beside validation is told of valLoss',
    async (monitor) => {
      const callback = earlyStopping({ monitor, mode: 'min' });
      callback.setModel(fakeModel());
      const told = callback.onEpochEnd(0, { loss: 1, valLoss: 1 });
      await expect(told).rejects.toThrow(/the figures are "loss", "valLoss"\.( Did you mean "valLoss"\?)?$/);
    },
  );
});

describe('reduceLROnPlateau', () => {
  // Worked out by hand along keras/src/callbacks/reduce_lr_on_plateau.py.
  test.each([
    { options: { patience: 2 }, values: [3, 2, 2, 2, 2, 2], rates: [1, 1, 1, 0.1, 0.1, 0.01] },
    { options: { patience: 1, factor: 0.5 }, values: [2, 2, 2, 1, 1], rates: [1, 0.5, 0.25, 0.25, 0.125] },
    { options: { patience: 1, factor: 0.5, cooldown: 2 }, values: [2, 2, 2, 2, 2], rates: [1, 0.5, 0.5, 0.25, 0.25] },
    { options: { patience: 1, minLearningRate: 0.05 }, values: [1, 1, 1, 1], rates: [1, 0.1, 0.05, 0.05] },
    { options: { patience: 1, minDelta: 0.5 }, values: [2, 1.6, 1.4], rates: [1, 0.1, 0.1] },
    { options: { patience: 1, mode: 'max' as const }, values: [1, 2, 2], rates: [1, 1, 0.1] },
  ])('$options', async ({ options, values, rates }) => {
    const callback = reduceLROnPlateau(options);
    const model = fakeModel();
    callback.setModel!(model);
    await callback.onTrainBegin!(model);
    for (const [epoch, valLoss] of values.entries()) {
      await callback.onEpochEnd!(epoch, { valLoss }, model);
      expect(model.learningRate).toBeCloseTo(rates[epoch], 12);
    }
  });
});

test('learningRateScheduler is given the epoch and the rate so far', async () => {
  const callback = learningRateScheduler((epoch, rate) => (epoch < 2 ? rate : rate / 2));
  const model = fakeModel();
  callback.setModel!(model);
  const rates: number[] = [];
  for (let epoch = 0; epoch < 4; epoch++) {
    await callback.onEpochBegin!(epoch, model);
    rates.push(model.learningRate);
  }
  expect(rates).toEqual([1, 1, 0.5, 0.25]);
});
