import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, optionalNonNegatives } from '../../../runtime/options.ts';
import type { Callback, ModelInTraining } from './callback.ts';
import { Monitor, type MonitorOptions } from './monitor.ts';

export interface ReduceLROnPlateauOptions extends MonitorOptions {
  /** The factor by which the learning rate is multiplied, below 1. Default: 0.1. */
  factor?: number;
  /** How many epochs may pass without a better one. Default: 10. */
  patience?: number;
  /** An improvement by no more than this does not count as one. Default: 0.0001. */
  minDelta?: number;
  /** How many epochs after a reduction are not counted. Default: 0. */
  cooldown?: number;
  /** The learning rate never falls below this. Default: 0. */
  minLearningRate?: number;
}

/**
 * Reduces the learning rate when a figure has not improved for some epochs.
 *
 * @throws ValueError if an option has a wrong value or is not known
 * @see keras/src/callbacks/reduce_lr_on_plateau.py
 */
export function reduceLROnPlateau(options: ReduceLROnPlateauOptions = {}): Callback {
  const where = 'reduceLROnPlateau';
  const own = ['factor', 'patience', 'minDelta', 'cooldown', 'minLearningRate'];
  knownOptions(where, options, ['monitor', 'mode', ...own]);
  const { factor = 0.1, patience = 10, minDelta = 1e-4, cooldown = 0, minLearningRate = 0 } = options;
  optionalNonNegatives(where, { factor, patience, minDelta, cooldown, minLearningRate });
  if (factor >= 1) throw new ValueError(`${where}: factor is ${factor}, expected a number below 1.`);
  const monitor = new Monitor(where, options, minDelta);
  let model: ModelInTraining;
  let best: number | undefined;
  let wait = 0;
  let cooling = 0;
  return {
    setModel: (given) => {
      model = given;
    },
    onTrainBegin: () => {
      best = undefined;
      wait = 0;
      cooling = 0;
    },
    onEpochEnd: (_epoch, logs) => {
      const value = monitor.read(logs, model.stopTraining);
      if (value === undefined) return;
      if (cooling > 0) {
        cooling--;
        wait = 0;
      }
      if (monitor.isBetter(value, best)) {
        best = value;
        wait = 0;
      } else if (cooling === 0 && ++wait >= patience && model.learningRate > minLearningRate) {
        model.learningRate = Math.max(model.learningRate * factor, minLearningRate);
        cooling = cooldown;
        wait = 0;
      }
    },
  };
}
