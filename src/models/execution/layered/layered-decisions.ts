import { decide, type Decision, type TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { LayerCandidate, Recording, Signal } from '../../network/layers/layer.ts';
import type { Lstm } from '../../network/layers/lstm.ts';
import type { Explanation } from '../program.ts';
import type { Schedule } from '../schedule.ts';
import type { LayeredTraining } from './layered-training.ts';
import { stackTask } from '../wavefront/stack-task.ts';

/** How a layered program is to be made. */
export interface LayeredOptions {
  /** The schedule that the user asked for. */
  schedule: Schedule;
  /** Why the resident schedule is not possible, for `explain`. */
  unsupportedReason?: string;
  /** The parts that only training and testing need; absent if the program predicts. */
  training?: LayeredTraining;
}

/**
 * Decides how the parts of one program are computed: by the schedule that was asked for, by the best measured candidate, or by
 * a rule. Collects the tasks that are still worth measuring, and the explanation of each decision.
 */
export class LayeredDecisions {
  readonly #tuningTasks: TuningTask[] = [];
  readonly #explanations: Explanation[] = [];
  #work = 0;

  constructor(
    private readonly gpu: Gpu,
    private readonly options: LayeredOptions,
  ) {
    const { unsupportedReason } = options;
    if (unsupportedReason !== undefined) {
      this.#explain('all', 'updates', 'layer by layer', `not resident: ${unsupportedReason}`);
    }
  }

  /** Tasks that are worth measuring and have no result yet. */
  get tuningTasks(): readonly TuningTask[] {
    return this.#tuningTasks;
  }

  /** Multiply-adds of all tasks. */
  get work(): number {
    return this.#work;
  }

  get explanations(): readonly Explanation[] {
    return this.#explanations;
  }

  /** Decides how a part of a layer is computed, among the candidates of the schedule that was asked for if it has any. */
  decide<C extends LayerCandidate>(layer: string, part: string, task: TuningTask<C>): Decision<C> {
    const { schedule } = this.options;
    const candidates = task.candidates.filter((candidate) => candidate.schedule === schedule);
    const narrowed = candidates.length > 0 ? { ...task, candidates, key: `${task.key}, ${schedule}` } : task;
    const decision = decide(this.gpu, narrowed);
    this.#work += task.work;
    if (decision.needsTuning) this.#tuningTasks.push(narrowed as unknown as TuningTask);
    this.#explain(layer, part, decision.candidate.name, decision.why);
    return decision;
  }

  /**
   * Decides whether a stack of layers is computed as one wavefront, instead of layer by layer.
   *
   * @param stack the result of `stackFrom`, which may be empty
   * @param recordings a recording for each of its layers
   */
  isWavefront(stack: readonly Lstm[], recordings: readonly Recording[], input: Signal): boolean {
    const { schedule } = this.options;
    if (stack.length === 0 || !['auto', 'wavefront'].includes(schedule)) return false;
    const [{ resets, precision, training, trace }] = recordings;
    if (input.mask || resets || trace || precision !== 'float32') return false;
    if (schedule === 'wavefront') {
      for (const { name } of stack) this.#explain(name, 'time loop', 'wavefront', 'asked for by name');
      return true;
    }
    const layers = `${stack[0].name} … ${stack.at(-1)!.name}`;
    const decideLayer: Recording['decide'] = (_part, task) => decide(this.gpu, task);
    const { candidate } = this.decide(
      layers,
      'time loops',
      stackTask(stack, recordings, input, decideLayer, training && this.options.training?.wavefront),
    );
    return candidate.name === 'wavefront';
  }

  #explain(layer: string, part: string, decision: string, why: string): void {
    this.#explanations.push({ layer, part, decision, why });
  }
}
