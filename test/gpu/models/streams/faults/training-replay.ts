import type { Numbers } from '../../../../reference/arrays.ts';
import { areClose } from './compare.ts';
import type { PlainModel } from './plain-model.ts';

/** Updates that the plain model makes as late as the weights that were read show that they were made. */
export class TrainingReplay {
  /** The losses of the updates of the last fit that were made. */
  losses: number[] = [];
  #waiting: (() => number)[] = [];

  constructor(private readonly plain: PlainModel) {}

  /** @param updates those of a fit: each makes an update, and returns its loss */
  begin(updates: readonly (() => number)[]): void {
    this.finish();
    this.losses = [];
    this.#waiting = [...updates];
  }

  /** Adds an update that failed with the end of the model, perhaps only after it was made. */
  offer(update: () => number): void {
    this.#waiting.push(update);
  }

  /** Takes weights that were read: those of this moment, or after some of the updates that wait. */
  match(weights: readonly Numbers[]): void {
    while (!areClose(weights, this.plain.weights)) {
      if (this.#waiting.length === 0) throw new Error('these are weights of no moment of the training');
      this.#next();
    }
    // Roundings shall not add up from training to training.
    this.plain.setWeights(weights);
  }

  /** Makes all updates that wait. */
  finish(): void {
    while (this.#waiting.length > 0) this.#next();
  }

  /** Drops the updates that wait, since the fit ended before them. */
  drop(): void {
    this.#waiting = [];
  }

  #next(): void {
    this.losses.push(this.#waiting.shift()!());
  }
}
