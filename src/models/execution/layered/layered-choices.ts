import { choose, type Choice, type Question } from '../../../runtime/question.ts';
import type { Winners } from '../../../runtime/winners.ts';
import type { LayerWay, Recording, Signal } from '../../network/layers/layer.ts';
import type { Lstm } from '../../network/layers/lstm.ts';
import type { Explanation, Schedule } from '../program.ts';
import { stackQuestion } from '../wavefront/stack-question.ts';

/** Why updates go layer by layer: what was asked for, and what stands in the way of the resident schedule. */
export interface LayeredReason {
  schedule: Schedule;
  unsupportedReason?: string;
}

/**
 * In which ways the parts of one program are done: as was asked for by name, as is known to be fastest, or by rule. Notes
 * what measuring could still tell, and what there is to explain.
 */
export class LayeredChoices {
  readonly #questions: Question[] = [];
  readonly #explanations: Explanation[] = [];
  #work = 0;

  constructor(
    private readonly winners: Winners,
    private readonly reason: LayeredReason,
  ) {
    const { unsupportedReason } = reason;
    if (unsupportedReason !== undefined) {
      this.#explain('all', 'updates', 'layer by layer', `not resident: ${unsupportedReason}`);
    }
  }

  /** What nobody has measured yet and is worth it. */
  get questions(): readonly Question[] {
    return this.#questions;
  }

  /** Multiply-adds of all that was asked about. */
  get work(): number {
    return this.#work;
  }

  get explanations(): readonly Explanation[] {
    return this.#explanations;
  }

  /** The way for a part of a layer. */
  choose<W extends LayerWay>(layer: string, part: string, question: Question<W>): Choice<W> {
    const asked = question.ways.filter(({ schedule }) => schedule === this.reason.schedule);
    const narrowed = { ...question, ways: asked, key: `${question.key}, ${this.reason.schedule}` };
    const posed = asked.length > 0 ? narrowed : question;
    const choice = choose(this.winners, posed);
    this.#work += question.work;
    if (choice.isOpen) this.#questions.push(posed as unknown as Question);
    this.#explain(layer, part, choice.way.name, choice.why);
    return choice;
  }

  /**
   * Whether a wavefront goes through a stack of layers; otherwise each goes on its own.
   *
   * @param stack what `stackFrom` gives, perhaps none
   * @param recordings one for each of its layers
   */
  choosesWavefront(stack: readonly Lstm[], recordings: readonly Recording[], input: Signal): boolean {
    const { schedule } = this.reason;
    if (stack.length === 0 || !['auto', 'wavefront'].includes(schedule)) return false;
    const [{ resets, precision }] = recordings;
    if (input.mask || resets || precision !== 'float32') return false;
    if (schedule === 'wavefront') {
      for (const { name } of stack) this.#explain(name, 'time loop', 'wavefront', 'asked for by name');
      return true;
    }
    const layers = `${stack[0].name} … ${stack.at(-1)!.name}`;
    const known: Recording['choose'] = (_part, question) => choose(this.winners, question);
    const { way } = this.choose(layers, 'time loops', stackQuestion(stack, recordings, input, known));
    return way.name === 'wavefront';
  }

  #explain(layer: string, part: string, way: string, why: string): void {
    this.#explanations.push({ layer, part, way, why });
  }
}
