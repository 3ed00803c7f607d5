import { decide, type Decision, type TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import type { LayerCandidate, Recording, Signal } from '../../network/layers/layer.ts';
import type { Lstm } from '../../network/layers/lstm.ts';
import type { Explanation } from '../program.ts';
import type { Schedule } from '../schedule.ts';
import { stackTask } from '../wavefront/stack-task.ts';

/** The schedule that the user asked for. */
export interface LayeredOptions {
  schedule: Schedule;
  /** Why the resident schedule is not possible, for `explain`. */
  unsupportedReason?: string;
}

/**
 * Decides how the parts of one program are done: as was asked for by name, as is known to be fastest, or by rule. Notes the
 * tasks that are still worth measuring, and the explanation of each decision.
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

  /** Tasks that are worth measuring, and that nobody has measured. */
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

  /** Decides how a part of a layer is done; where a schedule was asked for by name, among its candidates alone. */
  decide<C extends LayerCandidate>(layer: string, part: string, task: TuningTask<C>): Decision<C> {
    const asked = task.candidates.filter(({ schedule }) => schedule === this.options.schedule);
    const ofSchedule = { ...task, candidates: asked, key: `${task.key}, ${this.options.schedule}` };
    const narrowed = asked.length > 0 ? ofSchedule : task;
    const decision = decide(this.gpu, narrowed);
    this.#work += task.work;
    if (decision.needsTuning) this.#tuningTasks.push(narrowed as unknown as TuningTask);
    this.#explain(layer, part, decision.candidate.name, decision.why);
    return decision;
  }

  /**
   * Whether a wavefront goes through a stack of layers; otherwise each goes on its own.
   *
   * @param stack what `stackFrom` gives, perhaps none
   * @param recordings one for each of its layers
   */
  isWavefront(stack: readonly Lstm[], recordings: readonly Recording[], input: Signal): boolean {
    const { schedule } = this.options;
    if (stack.length === 0 || !['auto', 'wavefront'].includes(schedule)) return false;
    const [{ resets, precision }] = recordings;
    if (input.mask || resets || precision !== 'float32') return false;
    if (schedule === 'wavefront') {
      for (const { name } of stack) this.#explain(name, 'time loop', 'wavefront', 'asked for by name');
      return true;
    }
    const layers = `${stack[0].name} … ${stack.at(-1)!.name}`;
    const known: Recording['decide'] = (_part, task) => decide(this.gpu, task);
    const { candidate } = this.decide(layers, 'time loops', stackTask(stack, recordings, input, known));
    return candidate.name === 'wavefront';
  }

  #explain(layer: string, part: string, decision: string, why: string): void {
    this.#explanations.push({ layer, part, decision, why });
  }
}
