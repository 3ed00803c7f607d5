import { recordPass } from '../../runtime/gpu.ts';
import { StructArray } from '../../runtime/struct.ts';
import { drawStruct } from '../../shaders/generation/draw.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { ExplanationRow } from '../training/engine/program-cache.ts';
import type { QueuedWork, Sent } from '../training/engine/update-queue.ts';
import { chooseGenerator, generatorMissing } from './choose-generator.ts';
import { inRows } from './cut.ts';
import type { GenerationPlan } from './generate-options.ts';
import { Generation, noOutput } from './generation.ts';
import type { GenerationMemory, Generator, GeneratorChoice, GeneratorMemory, GroupSpec } from './generator.ts';
import { stepKey } from './layered-generator.ts';
import type { Room } from './room.ts';

/** The most steps of a submit, and the most numbers that it gives. */
const [MAX_STEPS, MAX_RESULTS] = [1024, 1_048_576];

/** Streams that go on together, a row each. Those with the most steps come first, so that the last rows are empty first. */
interface PlannedGroup extends GroupSpec {
  generations: readonly Generation[];
}

interface Group extends PlannedGroup {
  generator: Generator;
}

/** Generations that were asked for in one go, each of another stream, which share submits. */
export class GenerateBatch implements QueuedWork {
  /** Whether its turn has come, so that nothing more can be added. */
  isClosed = false;
  readonly #generations = new Map<number, Generation>();
  /** The groups that are not done. */
  #groups: Group[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly memory: GenerationMemory,
    private readonly room: Room,
  ) {}

  has(slot: number): boolean {
    return this.#generations.has(slot);
  }

  add(slot: number, plan: GenerationPlan): Generation {
    const generation = new Generation(slot, plan);
    this.#generations.set(slot, generation);
    return generation;
  }

  async prepare(): Promise<void> {
    this.isClosed = true;
    // A queue that several models share goes on when one of them is disposed.
    this.engine.assertOpen();
    const chosen = await this.#choose(this.#planned());
    // The model may have been disposed while code was loaded.
    this.engine.assertOpen();
    this.engine.programs.hold(
      this,
      chosen.map(({ rows }) => stepKey(rows)),
    );
    if (chosen.length === 0) return;
    const { result, accepted } = this.engine.gpu.watch('generating', (accepting) => {
      const memory = this.#reserve(chosen, accepting);
      return chosen.map(({ choice, ...group }) => {
        this.#explain(group, choice);
        return { ...group, generator: choice.make(memory) };
      });
    });
    this.#groups = result;
    await Promise.all([accepted, ...result.map(({ generator }) => generator.ready)]);
  }

  /** The groups in which the generations go on, but for those that cannot, which fail. */
  #planned(): PlannedGroup[] {
    const all = [...this.#generations.values()]
      .filter((generation) => this.#hasState(generation))
      .sort((a, b) => b.plan.steps - a.plan.steps);
    return (['classes', 'values'] as const).flatMap((kind) => {
      const parts = all.filter(({ plan }) => plan.kind === kind);
      return inRows(parts).map(({ rows, parts: generations }) => {
        return { rows, kind, generations, steps: generations[0].plan.steps };
      });
    });
  }

  /** Chooses a generator for each group. Where its code cannot be loaded, the generations fail, and the others go on. */
  async #choose(groups: readonly PlannedGroup[]): Promise<(PlannedGroup & { choice: GeneratorChoice })[]> {
    const chosen: (PlannedGroup & { choice: GeneratorChoice })[] = [];
    for (const group of groups) {
      try {
        chosen.push({ ...group, choice: await chooseGenerator(this.engine, group) });
      } catch (error) {
        for (const generation of group.generations) generation.fail(generatorMissing(generation.plan.where, error));
      }
    }
    return chosen;
  }

  #explain({ rows, kind }: GroupSpec, { decision, why }: GeneratorChoice): void {
    const part = `generated ${kind}`;
    const row: ExplanationRow = {
      mode: 'predict',
      batchSize: rows,
      steps: 1,
      layer: 'all layers',
      part,
      decision,
      why,
    };
    this.memory.explanations.set(`${part} ${rows}`, row);
  }

  /** Takes memory with room for what any of these groups needs. */
  #reserve(groups: readonly PlannedGroup[], accepted: Promise<void>): GeneratorMemory {
    const { draws, results, layers } = this.memory;
    const rows = Math.max(...groups.map((group) => group.rows));
    const numbers = Math.max(...groups.map((group) => group.rows * widthOf(group) * mostSteps(group)));
    return {
      draws: draws.reserve((rows * drawStruct.size) / 4, accepted),
      results: results.reserve(numbers, accepted),
      layers,
      accepted,
    };
  }

  send(budget: number): Sent {
    this.#groups = this.#groups.filter((group) => activeOf(group).length > 0);
    const [group] = this.#groups;
    let [steps, work] = [0, 0];
    if (group) {
      const active = activeOf(group);
      ({ work } = group.generator);
      const least = Math.min(...active.map(({ missing }) => missing));
      steps = Math.min(least, mostSteps(group), Math.max(1, Math.floor(budget / work)));
      this.engine.gpu.watch('generating', (accepted) => this.#submit(group, active, steps, accepted));
    }
    const isLast = this.#groups.every((other) => activeOf(other).length === 0);
    if (isLast) this.engine.programs.release(this);
    return { updates: steps, work: steps * work, isLast };
  }

  fail(error: unknown): void {
    this.engine.programs.release(this);
    for (const generation of this.#generations.values()) generation.fail(error);
  }

  /** Whether there is a state to go on from, since pushes before it may have been refused; if not, the generation fails. */
  #hasState(generation: Generation): boolean {
    const { slot, plan } = generation;
    const error = this.room.errorOf(slot, false) ?? (this.room.isEmpty(slot) ? noOutput(plan.where) : undefined);
    if (error !== undefined) generation.fail(error);
    return error === undefined;
  }

  #submit(group: Group, active: readonly Generation[], steps: number, accepted: Promise<void>): void {
    const { gpu } = this.engine;
    const slots = active.map(({ slot }) => slot);
    group.generator.begin(slots, accepted);
    // Rows without a stream have no steps.
    const draws = new StructArray(drawStruct, group.rows);
    active.forEach(({ slot, sent, plan }, row) => {
      const { seed, topK, temperature } = plan;
      const [step, end_step, dispatch_steps] = [sent, sent + steps, group.generator.dispatchSteps];
      draws.write(row, { slot, step, end_step, dispatch_steps, result: row * steps, seed, top_k: topK, temperature });
    });
    this.memory.draws.write(draws.first(group.rows), accepted);
    const bytes = 4 * steps * widthOf(group);
    const { piece } = this.memory.results.reserve(0, accepted);
    const reading = gpu.readback.prepare([{ ...piece, bytes: bytes * active.length }]);
    try {
      gpu.submitCommands('generate', (encoder) => {
        recordPass(encoder, 'generate', (pass) => group.generator.encode(pass, steps));
        reading.encode(encoder);
      });
    } catch (error) {
      reading.fail(error);
      throw error;
    }
    for (const generation of active) generation.sent += steps;
    reading.sent(accepted);
    reading.result.then(
      ([all]) => active.forEach((generation, row) => generation.take(all.slice(row * bytes, (row + 1) * bytes))),
      (error: unknown) => active.forEach((generation) => generation.fail(error)),
    );
  }
}

/** The generations that have steps to be sent. */
function activeOf({ generations }: PlannedGroup): Generation[] {
  return generations.filter(({ missing, plan }) => missing > 0 && !plan.signal?.aborted);
}

/** How many numbers the result of a step has. */
function widthOf({ generations }: PlannedGroup): number {
  return generations[0].plan.width;
}

/** The most steps of a submit. */
function mostSteps(group: PlannedGroup): number {
  const inMemory = Math.floor(MAX_RESULTS / (group.rows * widthOf(group)));
  return Math.max(1, Math.min(group.generations[0].plan.steps, MAX_STEPS, inMemory));
}
