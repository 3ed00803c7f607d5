import type { Gpu } from '../../../runtime/gpu.ts';
import type { MovableTensor } from '../../../runtime/movable-tensor.ts';
import { StackedTensors } from '../../../runtime/stacked-tensors.ts';
import type { ResidentMemory } from '../../execution/resident/resident-program.ts';
import type { ModelOfMany } from './runs.ts';
import { Journal } from '../../execution/journal.ts';

/** The rows of the shared journal, and the most of them times the number of models, since a row has the columns of all. */
const MOST_ROWS = 32_768;
const MOST_ROWS_OF_MODELS = 524_288;
const LEAST_ROWS = 512;

/**
 * The weights, moments and states of models that train together, one model behind the other. They stay there after the run, so
 * that the same models can train together again without a copy; the memory is freed with the last of the models.
 */
export class SharedMemory {
  readonly journal: Journal;
  /** The memory as the resident program takes it. */
  readonly resident: ResidentMemory;
  readonly #owned: { dispose(): void }[] = [];

  /** @throws LimitError if the device cannot hold or bind so many models at once; then every model is as it was */
  constructor(gpu: Gpu, models: readonly ModelOfMany[]) {
    const stacks: StackedTensors[] = [];
    const stack = (label: string, tensors: readonly MovableTensor[]) => {
      const made = this.#own(new StackedTensors(gpu, label, tensors));
      stacks.push(made);
      return made.all;
    };
    try {
      const { columns } = models[0].compiled.journal;
      const rows = Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.floor(MOST_ROWS_OF_MODELS / models.length)));
      this.journal = this.#own(new Journal(gpu, models.length * columns, rows));
      const parameters = models.map(({ engine }) => engine.network.parameters.storage);
      const moments = models.map(({ compiled }) => compiled.momentStorage);
      const states = models.flatMap(({ engine }) => engine.network.slots?.storage ?? []);
      this.resident = {
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
    for (const each of stacks) each.moveIn();
  }

  dispose(): void {
    for (const item of this.#owned) item.dispose();
  }

  #own<T extends { dispose(): void }>(item: T): T {
    this.#owned.push(item);
    return item;
  }
}
