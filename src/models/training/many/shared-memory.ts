import type { Gpu } from '../../../runtime/gpu.ts';
import { Stack } from '../../../runtime/stack.ts';
import type { ResidentMemory } from '../../schedules/resident-program.ts';
import type { Engine } from '../engine/engine.ts';
import { Journal } from '../engine/journal.ts';

/** Rows of the journal times models. */
const JOURNAL_ROWS = 32_768;
const FEWEST_JOURNAL_ROWS = 512;

/** Where the weights, moments and states of several models are while these train together, model behind model. */
export class SharedMemory {
  readonly journal: Journal;
  readonly #stacks: Record<'parameters' | 'moments', Stack> & { states?: Stack };
  readonly #models: number;

  /** @throws LimitError if the device cannot hold or bind so many models at once; then nothing is kept */
  constructor(gpu: Gpu, engines: readonly Engine[]) {
    this.#models = engines.length;
    const made: { dispose(): void }[] = [];
    const keep = <T extends { dispose(): void }>(item: T): T => {
      made.push(item);
      return item;
    };
    try {
      const { columns } = engines[0].compiled!.journal;
      const rows = Math.max(FEWEST_JOURNAL_ROWS, Math.floor(JOURNAL_ROWS / engines.length));
      this.journal = keep(new Journal(gpu, engines.length * columns, rows));
      const weights = engines.map(({ network }) => network.parameters.values);
      const moments = engines.map(({ compiled }) => compiled!.moments);
      const slots = engines.flatMap(({ network }) => network.slots?.all ?? []);
      this.#stacks = {
        parameters: keep(new Stack(gpu, 'weights of all models', weights)),
        moments: keep(new Stack(gpu, 'moments of all models', moments)),
        states: slots.length > 0 ? keep(new Stack(gpu, 'states of all models', slots)) : undefined,
      };
    } catch (error) {
      for (const item of made) item.dispose();
      throw error;
    }
    for (const stack of this.#all) stack.gather();
  }

  get forUpdates(): ResidentMemory {
    const { parameters, moments, states } = this.#stacks;
    return {
      models: this.#models,
      parameters: parameters.all,
      moments: moments.all,
      states: states?.all,
      journal: this.journal.tensor,
    };
  }

  /** Gives each model back what it has become, but for those that are gone by now. */
  giveBack(gone: ReadonlySet<number>): void {
    for (const stack of this.#all) stack.scatter(gone);
  }

  dispose(): void {
    this.journal.dispose();
    for (const stack of this.#all) stack.dispose();
  }

  get #all(): Stack[] {
    const { parameters, moments, states } = this.#stacks;
    return states ? [parameters, moments, states] : [parameters, moments];
  }
}
