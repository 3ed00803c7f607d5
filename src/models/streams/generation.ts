import { ValueError } from '../../runtime/errors.ts';
import type { GenerationPlan } from './generate-options.ts';

type Results = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Steps that a stream generates, and the results that they have. */
export class Generation {
  /** Settles with the result of each step: its class, or the outputs that it fed back. */
  readonly results: Promise<Results>;
  /** How many steps were sent. */
  sent = 0;
  readonly #results: Results;
  #taken = 0;
  #resolve!: (results: Results) => void;
  #reject!: (error: unknown) => void;

  constructor(
    readonly slot: number,
    readonly plan: GenerationPlan,
  ) {
    const { steps, width, kind, where, classes } = plan;
    this.#results = kind === 'classes' ? new Uint32Array(steps) : new Float32Array(steps * width);
    this.results = new Promise<Results>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    }).then((results) => {
      const wrong = kind === 'classes' ? results.findIndex((drawn) => drawn >= classes) : -1;
      if (wrong < 0) return results;
      throw new ValueError(
        `${where}: the outputs before step ${wrong} are no probabilities, so no class can be drawn from them. They may be ` +
          `NaN, as those of a model whose training has diverged.`,
      );
    });
    // The caller may await it later; a failure before that must not count as unhandled.
    this.results.catch(() => {});
  }

  /** How many steps are still to be sent. */
  get missing(): number {
    return this.plan.steps - this.sent;
  }

  /** Takes the results of its next steps from the bytes that the GPU has written, and settles with the last of them. */
  take(bytes: ArrayBuffer): void {
    const results = this.#results instanceof Uint32Array ? new Uint32Array(bytes) : new Float32Array(bytes);
    this.#results.set(results, this.#taken);
    this.#taken += results.length;
    if (this.#taken === this.#results.length) this.#resolve(this.#results);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}

/** The error of steps that are to be generated in a stream which is new or was reset. */
export function noOutput(where: string): ValueError {
  return new ValueError(
    `${where}: nothing was pushed into this stream yet, so it has no output to go on from. Push a step first, or give one as ` +
      `from.`,
  );
}
