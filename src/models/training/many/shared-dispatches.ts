import { ResidentProgram } from '../../execution/resident/resident-program.ts';
import type { CheckedData } from '../data/checked-data.ts';
import type { Dataset } from '../data/dataset.ts';
import { BoundProgram } from '../engine/bound-program.ts';
import { UpdateQueue } from '../engine/update-queue.ts';
import type { GroupMember } from '../group-entries.ts';
import { ModelGroup } from '../model-group.ts';
import type { ModelOfMany } from './runs.ts';
import { residentSpec } from './same-form.ts';
import { SharedMemory } from './shared-memory.ts';

/** The memory, the queue of updates and the programs of models that train in the same dispatches. */
export class SharedDispatches {
  readonly #queue: UpdateQueue;
  readonly #memory: SharedMemory;
  readonly #programs: ResidentProgram[] = [];

  private constructor(
    private readonly where: string,
    private readonly models: readonly ModelOfMany[],
  ) {
    const { gpu } = models[0].engine;
    this.#memory = new SharedMemory(gpu, models);
    this.#queue = new UpdateQueue(gpu);
  }

  /**
   * Sends what waits; from then on, until `end`, all models send through one queue.
   *
   * @throws LimitError if the device cannot hold so many models at once; DisposedError, DeviceLostError
   */
  static async begin(where: string, models: readonly ModelOfMany[]): Promise<SharedDispatches> {
    const share = () => {
      const shared = new SharedDispatches(where, models);
      for (const { engine } of models) engine.shareQueue(shared.#queue);
      return shared;
    };
    // The memory of the models moves, so the queues of all of them must be empty at once.
    const begin = models.reduceRight<() => Promise<SharedDispatches>>(
      (next, { engine }) =>
        () =>
          engine.queue.exclusively(next),
      async () => share(),
    );
    return begin();
  }

  group(members: readonly GroupMember[]): ModelGroup {
    return new ModelGroup(members, this.#memory.journal, this.#queue, () => {
      this.models.forEach(({ calls }, index) => calls.assertUsable(`${this.where}: models[${index}]`));
    });
  }

  /** Prepares to train or to test on these samples. */
  bind(dataset: Dataset, mode: 'train' | 'test', data: Pick<CheckedData, 'rows' | 'steps'>): BoundProgram {
    const spec = residentSpec(this.models[0], mode, data);
    const { gpu, rows, steps } = spec;
    const { result: program, accepted } = gpu.watch(
      `${this.where}: a batch of ${rows} samples with ${steps} steps`,
      () => {
        const recorded = new ResidentProgram(spec, this.#memory.resident);
        recorded.allocate();
        return recorded;
      },
    );
    program.accepted = accepted;
    this.#programs.push(program);
    return new BoundProgram(gpu, program, dataset);
  }

  /** Sends what waits, even after an error, and frees what the run used. */
  async end(): Promise<void> {
    // If sending fails, the run has failed with that error or an earlier one.
    await this.#queue.flush().catch(() => {});
    for (const { engine } of this.models) engine.shareQueue(undefined);
    this.#memory.dispose();
    for (const program of this.#programs) program.dispose();
  }
}
