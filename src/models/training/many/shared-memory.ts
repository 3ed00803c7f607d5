import type { Gpu } from '../../../runtime/gpu.ts';
import type { MovableTensor } from '../../../runtime/movable-tensor.ts';
import { StackedTensors } from '../../../runtime/stacked-tensors.ts';
import type { ResidentMemory } from '../../execution/resident/resident-program.ts';
import type { ModelOfMany } from './runs.ts';
import { Journal } from '../../execution/journal.ts';

/** Rows of the journal times models. */
const JOURNAL_ROWS = 32_768;
const FEWEST_JOURNAL_ROWS = 512;

/**
 * Weights, moments and states of models that train together, model behind model. They stay there: models that have
 * trained together do so again without a copy, and the memory is freed with the last of them.
 */
export class SharedMemory {
  readonly journal: Journal;
  readonly forUpdates: ResidentMemory;
  readonly #made: { dispose(): void }[] = [];

  /** @throws LimitError if the device cannot hold or bind so many models at once; then every model is as it was */
  constructor(gpu: Gpu, models: readonly ModelOfMany[]) {
    const stacks: StackedTensors[] = [];
    const stack = (label: string, tensors: readonly MovableTensor[]) => {
      const made = this.#keep(new StackedTensors(gpu, label, tensors));
      stacks.push(made);
      return made.all;
    };
    try {
      const { columns } = models[0].compiled.journal;
      const rows = Math.max(FEWEST_JOURNAL_ROWS, Math.floor(JOURNAL_ROWS / models.length));
      this.journal = this.#keep(new Journal(gpu, models.length * columns, rows));
      const parameters = models.map(({ engine }) => engine.network.parameters.storage);
      const moments = models.map(({ compiled }) => compiled.momentStorage);
      const states = models.flatMap(({ engine }) => engine.network.slots?.storage ?? []);
      this.forUpdates = {
        models: models.length,
        parameters: stack('weights of all models', parameters),
        moments: stack('moments of all models', moments),
        states: states.length > 0 ? stack('states of all models', states) : undefined,
        journal: this.journal.tensor,
      };
    } catch (error) {
      this.dispose();
      throw error;
    }
    if (stacks.some(({ isNew }) => isNew)) for (const { engine } of models) engine.programs.forget();
    for (const made of stacks) made.moveIn();
  }

  dispose(): void {
    for (const item of this.#made) item.dispose();
  }

  #keep<T extends { dispose(): void }>(item: T): T {
    this.#made.push(item);
    return item;
  }
}
