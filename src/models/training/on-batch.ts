import { BusyError } from '../../runtime/errors.ts';
import { knownOptions } from '../../runtime/options.ts';
import { elementCount } from '../../runtime/shape.ts';
import type { ArrayInput } from '../arrays.ts';
import type { Logs } from './callbacks/callback.ts';
import type { Program } from '../schedules/program.ts';
import type { Engine } from './engine/engine.ts';
import { Dataset, demandsOf, type Feed, type SampleShapes } from './data/dataset.ts';
import { checkData, sampleData, sampleShapes, type Weighting } from './data/checked-data.ts';

/** Bytes of samples that wait on the GPU for calls that nobody awaits. */
const STAGING_BYTES = 4 * 2 ** 20;

/**
 * Training and testing on single batches. A call queues its batch at once and reads its loss later: calls made without
 * waiting for each other go to the GPU in one submit and share one readback.
 */
export class OnBatch {
  #collecting?: Promise<{ first: number; rows: Float32Array }>;
  /** The first update of each readback under way, oldest first. */
  readonly #unread = new Set<number>();
  #place = 0;

  constructor(private readonly engine: Engine) {}

  /** Whether a call has not got its result yet. */
  get isWaiting(): boolean {
    return this.#unread.size > 0;
  }

  async run(where: string, mode: 'train' | 'test', x: ArrayInput, y: ArrayInput, options: Weighting): Promise<Logs> {
    const { engine } = this;
    const compiled = engine.compiled!;
    const { journal } = compiled;
    for (const oldest of this.#unread) {
      if (!journal.isFilling(oldest)) break;
      throw new BusyError(`${where}: too many calls wait for their results. Await some before you make more.`);
    }
    const samples = Array.isArray(x) ? x.length : (x as { shape?: readonly number[] })?.shape?.[0];
    knownOptions(where, options, ['lengths', 'sampleWeight', 'classWeight', 'initialState']);
    const data = checkData(engine, where, ['x', 'y'], x, y, samples || 1, options);
    if (mode === 'train') engine.assertFits(where, data.rows);
    const shapes = sampleShapes(data);
    const program = engine.program(mode, data.rows, data.x.shape[1], demandsOf(shapes));
    const feed = engine.staging(program, () => layDown(engine, program, shapes));
    // The next free place in the ring of batches that the staging memory holds.
    const first = (this.#place++ % (feed.dataset.capacity / data.rows)) * data.rows;
    const numbers = Uint32Array.from({ length: data.rows }, (_, row) => first + row);
    // Copied, since the caller may use the arrays again before the batch is sent.
    const upload = {
      ...sampleData(data),
      x: data.x.data.slice(),
      y: data.y.data.slice(),
      states: data.states?.map((state) => state.data.slice()),
    };
    const { slots: range = 'training' } = feed;
    if (range !== 'training') engine.resetStates(range);
    const number = engine.push(feed, numbers, { range, upload });

    this.#collecting ??= this.#collect(number);
    const { first: from, rows } = await this.#collecting;
    const start = (number - from) * journal.columns;
    return compiled.logs(rows.subarray(start, start + journal.columns), data.rows);
  }

  async #collect(first: number): Promise<{ first: number; rows: Float32Array }> {
    const { queue, compiled } = this.engine;
    this.#unread.add(first);
    try {
      // Let the calls of this turn queue their batches first.
      await Promise.resolve();
      this.#collecting = undefined;
      const end = compiled!.journal.next;
      await queue.flush();
      return { first, rows: await compiled!.journal.read(first, end) };
    } finally {
      this.#unread.delete(first);
    }
  }
}

/** Room for many batches beside each other. */
function layDown(engine: Engine, program: Program, shapes: SampleShapes): Feed {
  const { rows, agenda } = program;
  const { input, target = [0], weight = [0], mask = [0], states = [] } = shapes;
  const all = [input, target, weight, mask, ...states.map(({ size }) => [size])];
  const numbers = all.reduce((sum, shape) => sum + elementCount(shape), 0);
  const batches = Math.max(1, Math.min(agenda.capacity, Math.floor(STAGING_BYTES / (4 * rows * numbers))));
  return new Dataset(engine.gpu, batches * rows, shapes).feed(program, engine.ownSlots(rows));
}
