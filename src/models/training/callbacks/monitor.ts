import { ValueError } from '../../../runtime/errors.ts';
import { oneOf, show } from '../../../runtime/options.ts';
import type { Logs } from './callback.ts';

export interface MonitorOptions {
  /** The figure to look at, as it stands in logs. Default: `'valLoss'`. */
  monitor?: string;
  /** Whether a smaller or a larger one is better. Default: `'auto'`: larger for accuracies, smaller for all else. */
  mode?: 'auto' | 'min' | 'max';
}

/** A figure of every epoch, and which of two values of it is better. */
export class Monitor {
  readonly name: string;
  readonly #sign: 1 | -1;

  /** @throws ValueError */
  constructor(
    private readonly where: string,
    { monitor = 'valLoss', mode = 'auto' }: MonitorOptions,
    private readonly minDelta: number,
  ) {
    oneOf(where, 'mode', mode, ['auto', 'min', 'max']);
    if (typeof monitor !== 'string' || monitor === '') {
      throw new ValueError(`${where}: monitor is ${show(monitor)}, expected the name of a figure, e.g. "valLoss".`);
    }
    this.name = monitor;
    const isLarger = mode === 'max' || (mode === 'auto' && /acc(uracy)?$/i.test(monitor));
    this.#sign = isLarger ? -1 : 1;
  }

  /**
   * The figure of an epoch; nothing of one that was stopped in the middle.
   *
   * @throws ValueError if there is no such figure
   */
  read(logs: Logs, isStopped: boolean): number | undefined {
    if (!(this.name in logs) && !isStopped) {
      throw new ValueError(
        `${this.where}: monitor is "${this.name}", but the figures are ${Object.keys(logs).map(show).join(', ')}. ` +
          `Those of validation need validationData.`,
      );
    }
    return logs[this.name];
  }

  /** Whether a value is better than another by more than minDelta; any is better than none. */
  isBetter(value: number, than: number | undefined): boolean {
    return than === undefined || this.#sign * value + this.minDelta < this.#sign * than;
  }
}
