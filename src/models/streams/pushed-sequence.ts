import type { BatchInPlace } from '../training/data/batch-in-place.ts';
import type { BoundProgram } from '../training/engine/bound-program.ts';
import type { Sequence, StreamUpdate } from './cut.ts';
import type { Push } from './push.ts';

/** Steps of one stream that follow each other, and the pushes that brought them. */
export class PushedSequence implements Sequence {
  pushes: Push[] = [];
  /** Whether an update of it was submitted, so that its slot no longer holds the state from before. */
  isBegun = false;
  /** Whether a push has memory of its own on the GPU. */
  isOnGpu = false;

  constructor(
    readonly slot: number,
    /** Whether its state is zero at first. */
    public isReset: boolean,
    readonly isTraced: boolean,
  ) {}

  get steps(): number {
    return this.pushes.at(-1)!.endStep;
  }

  /** Takes pushes out, as if they had not been made. */
  remove(refused: ReadonlySet<Push>): void {
    let end = 0;
    this.pushes = this.pushes.filter((push) => !refused.has(push));
    for (const push of this.pushes) {
      push.firstStep = end;
      end = push.endStep;
    }
  }
}

/** An update and the program that computes it. */
export interface BoundUpdate extends StreamUpdate<PushedSequence> {
  readonly bound: BoundProgram<BatchInPlace>;
}
