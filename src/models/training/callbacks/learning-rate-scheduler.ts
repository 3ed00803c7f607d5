import { ValueError } from '../../../runtime/errors.ts';
import { show } from '../../../runtime/options.ts';
import type { Callback, ModelInTraining } from './callback.ts';

/**
 * Sets the learning rate before every epoch, given its number from 0 and the rate until then. For a rate that changes
 * with every update give the optimizer a schedule instead, such as `exponentialDecay`.
 *
 * @throws ValueError unless it is given a function
 * @see keras/src/callbacks/learning_rate_scheduler.py
 */
export function learningRateScheduler(schedule: (epoch: number, learningRate: number) => number): Callback {
  if (typeof schedule !== 'function') {
    throw new ValueError(`learningRateScheduler: got ${show(schedule)}, expected (epoch, learningRate) => number.`);
  }
  let model: ModelInTraining;
  return {
    setModel: (given) => {
      model = given;
    },
    onEpochBegin: (epoch) => {
      model.learningRate = schedule(epoch, model.learningRate);
    },
  };
}
