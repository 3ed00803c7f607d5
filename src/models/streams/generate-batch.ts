import { entryOf } from '../execution/agenda.ts';
import { recordPass } from '../../runtime/gpu.ts';
import { StructArray } from '../../runtime/struct.ts';
import { drawStruct } from '../../shaders/generation/draw.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { QueuedWork, Sent } from '../training/engine/update-queue.ts';
import { inRows } from './cut.ts';
import type { GenerationPlan } from './generate-options.ts';
import { Generation, noOutput } from './generation.ts';
import { LayeredGenerator, stepKey } from './layered-generator.ts';
import type { Room } from './room.ts';
import type { Upload } from './upload.ts';

/** The most steps of a submit, and the most numbers that it gives. */
const [MAX_STEPS, MAX_RESULTS] = [1024, 1_048_576];

/** Memory that all generations of a model use in turn. */
export interface GenerationMemory {
  draws: Upload;
  results: Upload;
}

/** Streams that go on together, a row each. Those with the most steps come first, so that the last rows are empty first. */
interface Group {
  rows: number;
  kind: GenerationPlan['kind'];
  generations: readonly Generation[];
  generator: LayeredGenerator;
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
    const { gpu, programs } = this.engine;
    const all = [...this.#generations.values()]
      .filter((generation) => this.#hasState(generation))
      .sort((a, b) => b.plan.steps - a.plan.steps);
    const planned = (['classes', 'values'] as const).flatMap((kind) => {
      const parts = all.filter(({ plan }) => plan.kind === kind);
      return inRows(parts).map(({ rows, parts: generations }) => ({ rows, kind, generations }));
    });
    programs.hold(
      this,
      planned.map(({ rows }) => stepKey(rows)),
    );
    if (planned.length === 0) return;
    const { result, accepted } = gpu.watch('generating', (accepting) => {
      const rows = Math.max(...planned.map((group) => group.rows));
      const memory = {
        draws: this.memory.draws.reserve((rows * drawStruct.size) / 4, accepting),
        results: this.memory.results.reserve(
          Math.max(...planned.map((group) => group.rows * widthOf(group) * mostSteps(group))),
          accepting,
        ),
      };
      return planned.map((group) => ({
        ...group,
        generator: new LayeredGenerator(this.engine, group.rows, group.kind, memory),
      }));
    });
    this.#groups = result;
    await Promise.all([accepted, ...result.map(({ generator }) => generator.ready)]);
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
    const { agenda } = group.generator;
    const slots = active.map(({ slot }) => slot);
    agenda.write(0, entryOf({ samples: slots, slots }), 0, 1);
    agenda.upload(1);
    const draws = new StructArray(drawStruct, active.length);
    active.forEach(({ sent, plan }, row) => {
      const { seed, topK, temperature } = plan;
      draws.write(row, { step: sent, result: row * steps, seed, top_k: topK, temperature });
    });
    this.memory.draws.write(draws.first(active.length), accepted);
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
function activeOf({ generations }: Pick<Group, 'generations'>): Generation[] {
  return generations.filter(({ missing, plan }) => missing > 0 && !plan.signal?.aborted);
}

/** How many numbers the result of a step has. */
function widthOf({ generations }: Pick<Group, 'generations'>): number {
  return generations[0].plan.width;
}

/** The most steps of a submit. */
function mostSteps(group: Omit<Group, 'generator'>): number {
  const inMemory = Math.floor(MAX_RESULTS / (group.rows * widthOf(group)));
  return Math.max(1, Math.min(group.generations[0].plan.steps, MAX_STEPS, inMemory));
}
