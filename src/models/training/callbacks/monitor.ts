import { ValueError } from '../../../runtime/errors.ts';
import { didYouMean, oneOf, show } from '../../../runtime/options.ts';
import type { Logs } from '../../execution/logs.ts';
import { validationLogs } from '../means.ts';

export interface MonitorOptions {
  /** The figure to look at, as it stands in logs. Default: `'valLoss'`. */
  monitor?: string;
  /**
   * Whether a smaller or a larger one is better. Default: `'auto'`: larger for accuracies, smaller for losses and errors;
   * a figure with a name of its own needs `'min'` or `'max'`.
   */
  mode?: 'auto' | 'min' | 'max';
}

const LARGER = /acc(uracy)?$/i;
const SMALLER = /^(val)?(loss|mae|mse|mean(Absolute|Squared)Error)$/i;

/**
 * Reads a figure from the logs of every epoch, and tells which of two values of it is better, as `earlyStopping` does: for
 * callbacks of your own.
 */
export class Monitor {
  readonly name: string;
  /** 1 if smaller values are better, -1 if larger ones are; absent if `'auto'` cannot tell. */
  readonly #sign?: 1 | -1;

  /**
   * @param where the name of the callback, with which error messages begin
   * @param minDelta an improvement by no more than this does not count as one
   * @throws ValueError
   */
  constructor(
    private readonly where: string,
    { monitor = 'valLoss', mode = 'auto' }: MonitorOptions,
    private readonly minDelta = 0,
  ) {
    oneOf(where, 'mode', mode, ['auto', 'min', 'max']);
    if (typeof monitor !== 'string' || monitor === '') {
      throw new ValueError(`${where}: monitor is ${show(monitor)}, expected the name of a figure, e.g. "valLoss".`);
    }
    this.name = monitor;
    if (mode === 'max' || (mode === 'auto' && LARGER.test(monitor))) this.#sign = -1;
    else if (mode === 'min' || SMALLER.test(monitor)) this.#sign = 1;
  }

  /**
   * The figure of an epoch; `undefined` if the epoch was stopped before its end.
   *
   * @throws ValueError if there is no such figure, or it is not known which of two is better
   */
  read(logs: Logs, isStopped: boolean): number | undefined {
    if (!(this.name in logs) && !isStopped) {
      const figures = Object.keys(logs);
      const ofValidation = Object.keys(validationLogs(logs));
      const known = ofValidation.some((name) => name in logs) ? figures : [...figures, ...ofValidation];
      const meant = known.includes(this.name) ? '' : didYouMean(this.name, known);
      const missing = known === figures ? '' : ' Those of validation need validationData.';
      throw new ValueError(
        `${this.where}: monitor is ${show(this.name)}, but the figures are ${figures.map(show).join(', ')}.${meant}${missing}`,
      );
    }
    if (this.#sign === undefined) {
      throw new ValueError(
        `${this.where}: monitor is ${show(this.name)} and mode "auto", which cannot tell whether larger is better. Give mode ` +
          `"min" or "max".`,
      );
    }
    return logs[this.name];
  }

  /** Whether a value is better than another by more than minDelta; any but NaN is better than none. */
  isBetter(value: number, than: number | undefined): boolean {
    if (Number.isNaN(value)) return false;
    const sign = this.#sign!;
    return than === undefined || sign * value + this.minDelta < sign * than;
  }
}
