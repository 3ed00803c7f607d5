import type { Chunk } from './chunk.ts';

/** A chunk on its way through a model, and the outputs that it becomes. */
export class Push {
  /** Settles with the outputs, those of each step or of the last one; with none if they stay on the GPU. */
  readonly outputs: Promise<Float32Array<ArrayBuffer>>;
  readonly #outputs: Float32Array<ArrayBuffer>;
  #missing: number;
  #resolve!: (outputs: Float32Array<ArrayBuffer>) => void;
  #reject!: (error: unknown) => void;

  /**
   * @param firstStep the number of its first step in its sequence
   * @param size how many outputs it has in all
   */
  constructor(
    readonly chunk: Chunk,
    public firstStep: number,
    size: number,
  ) {
    this.#missing = size;
    this.#outputs = new Float32Array(chunk.memory?.output ? 0 : size);
    this.outputs = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The caller may await it later; a failure before that must not count as unhandled.
    this.outputs.catch(() => {});
  }

  /** The number of the step behind its last one. */
  get endStep(): number {
    return this.firstStep + this.chunk.steps;
  }

  /** Takes outputs that the GPU has computed, and settles with the last of them. */
  take(outputs: Float32Array<ArrayBuffer>, at: number): void {
    this.#outputs.set(outputs, at);
    this.pass(outputs.length);
  }

  /** Notes that so many outputs are where they belong. */
  pass(count: number): void {
    this.#missing -= count;
    if (this.#missing === 0) this.#resolve(this.#outputs);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}
