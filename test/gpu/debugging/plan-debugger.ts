import { vi } from 'vitest';
import type { KernelContract } from '../../../src/runtime/kernel.ts';
import { Plan } from '../../../src/runtime/plan.ts';
import { Tensor } from '../../../src/runtime/tensor.ts';

type PlanAddition = Parameters<Plan['add']>;

/** A dispatch of an update, in a plan of its own so that it can run alone. */
interface Dispatch {
  readonly addition: PlanAddition;
  /** Which replay of its plan it belongs to: the update whose frame it takes. */
  readonly replay: number;
  readonly plan: Plan;
}

/** A tensor that a dispatch has written, as it is right after that dispatch. */
export interface Written {
  /** The number of the dispatch, counted from 0. */
  readonly n: number;
  readonly kernel: string;
  /** The name of the binding in the shader. */
  readonly binding: string;
  /** The label of the tensor, and its shape. */
  readonly tensor: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * What a tensor should hold, in the order in which it lies in memory; NaN for a number of which nothing is known. Where
 * nothing is known of the whole tensor, its numbers must only be finite.
 */
export type Expected = (written: Written) => ArrayLike<number> | undefined;

/** The first number that is wrong in an update. */
export interface Difference extends Omit<Written, 'values'> {
  /** Position in the tensor, one index for each dimension. */
  readonly at: readonly number[];
  readonly got: number;
  /** NaN where any finite number would have done. */
  readonly expected: number;
  /** How many numbers of the tensor are wrong. */
  readonly wrong: number;
}

export interface Tolerance {
  atol: number;
  rtol: number;
}

/**
 * Runs the dispatches of one update one after the other and reads what each has written. That tells which kernel was the
 * first to go wrong, where the result of the whole update only tells that some kernel did.
 */
export class PlanDebugger {
  readonly #dispatches: readonly Dispatch[];

  private constructor(
    additions: readonly (Pick<Dispatch, 'addition' | 'replay'> & { gpu: Plan['gpu'] })[],
    /** The content of all buffers before the update. */
    private readonly memory: ReadonlyMap<GPUBuffer, Uint32Array<ArrayBuffer>>,
  ) {
    this.#dispatches = additions.map(({ addition, replay, gpu }) => {
      const plan = new Plan(gpu);
      plan.add(...addition);
      return { addition, replay, plan };
    });
  }

  /**
   * Records what a call such as `model.trainOnBatch(x, y)` would dispatch. Nothing is dispatched meanwhile, so that memory
   * stays as it is before the update, and the result of the call is meaningless.
   *
   * @param act makes one update of a model that has made none before, since its plans are recorded here too
   */
  static async record(act: () => Promise<unknown>): Promise<PlanDebugger> {
    const adding = vi.spyOn(Plan.prototype, 'add');
    const encoding = vi.spyOn(Plan.prototype, 'encode').mockImplementation(() => {});
    let additions;
    try {
      await act();
      additions = encoding.mock.calls.flatMap(([, replay], n) => {
        const plan = encoding.mock.contexts[n] as Plan;
        const own = adding.mock.calls.filter((_, index) => adding.mock.contexts[index] === plan);
        if (own.length < plan.length) throw new Error('PlanDebugger: the model has run before. Make it anew.');
        return own.map((addition) => ({ addition, replay, gpu: plan.gpu }));
      });
    } finally {
      adding.mockRestore();
      encoding.mockRestore();
    }
    const memory = new Map<GPUBuffer, Uint32Array<ArrayBuffer>>();
    for (const { addition, gpu } of additions) {
      for (const { buffer } of tensorsOf(addition).values()) {
        if (!memory.has(buffer)) memory.set(buffer, new Uint32Array(await gpu.readback.read(buffer, 0, buffer.size)));
      }
    }
    return new PlanDebugger(additions, memory);
  }

  /** How many dispatches the update has. */
  get length(): number {
    return this.#dispatches.length;
  }

  /** The names of the kernels, dispatch by dispatch. */
  get kernels(): string[] {
    return this.#dispatches.map(({ addition: [{ name }] }) => name);
  }

  /**
   * The same update with another WGSL text for one kernel, in every dispatch of it: a candidate for a kernel, or one that is
   * broken on purpose.
   *
   * @param change is given the kernel's own text and those of its preludes, one by one; at least one of them must change
   */
  withKernel(name: string, change: (wgsl: string) => string): PlanDebugger {
    const changed = new Map<KernelContract, KernelContract>();
    const changedOf = (kernel: KernelContract) => {
      const { source, preludes } = kernel;
      const other = changed.get(kernel) ?? { ...kernel, source: change(source), preludes: preludes?.map(change) };
      changed.set(kernel, other);
      return other;
    };
    const additions = this.#dispatches.map(({ addition: [kernel, ...rest], replay, plan: { gpu } }) => {
      const addition: PlanAddition = [kernel.name === name ? changedOf(kernel) : kernel, ...rest];
      return { addition, replay, gpu };
    });
    const texts = ({ source, preludes = [] }: KernelContract) => [source, ...preludes].join('\n');
    if (![...changed].some(([before, after]) => texts(before) !== texts(after))) {
      throw new Error(
        `PlanDebugger: nothing changes in ${name}. The kernels are ${[...new Set(this.kernels)].join(', ')}.`,
      );
    }
    return new PlanDebugger(additions, this.memory);
  }

  /** Restores memory as it was before the update, and runs the first `count` dispatches in one submit. */
  async run(count: number): Promise<void> {
    const dispatches = this.#dispatches.slice(0, count);
    await Promise.all(dispatches.map(({ plan }) => plan.optimized()));
    this.#restore();
    dispatches[0]?.plan.gpu.submit('plan debugger', (pass) => {
      for (const { plan, replay } of dispatches) plan.encode(pass, replay);
    });
  }

  /** What dispatch n writes, as it is in memory now. */
  async written(n: number): Promise<Written[]> {
    const { addition } = this.#dispatches[n];
    const [{ name: kernel, bindings }] = addition;
    const targets = [...tensorsOf(addition)].filter(([binding]) => bindings[binding] === 'read-write');
    return Promise.all(
      targets.map(async ([binding, tensor]) => {
        const { label, shape } = tensor;
        return { n, kernel, binding, tensor: label, shape, values: await tensor.read() };
      }),
    );
  }

  /** Runs the update dispatch by dispatch from its beginning, and gives what each has written right after it. */
  async *steps(): AsyncGenerator<Written[]> {
    await this.run(0);
    for (const [n, { plan, replay }] of this.#dispatches.entries()) {
      await plan.optimized();
      plan.gpu.submit('plan debugger', (pass) => plan.encode(pass, replay));
      yield await this.written(n);
    }
  }

  /** The first number of the update that is not what it should be. */
  async firstDifference(expected: Expected, tolerance: Tolerance): Promise<Difference | undefined> {
    for await (const all of this.steps()) {
      for (const written of all) {
        const difference = compare(written, expected(written), tolerance);
        if (difference) return difference;
      }
    }
    return undefined;
  }

  /** A line for each tensor that each dispatch writes, with the range of its numbers. */
  async table(): Promise<string> {
    const lines: string[] = [];
    for await (const all of this.steps()) lines.push(...all.map(summaryOf));
    return lines.join('\n');
  }

  #restore(): void {
    const [{ plan }] = this.#dispatches;
    for (const [buffer, words] of this.memory) plan.gpu.device.queue.writeBuffer(buffer, 0, words);
  }
}

/** `dispatch 7, lstm-backward: gates ("lstm gates" [3, 2, 12]) is wrong at [2, 0, 1]: …` */
export function describeDifference({ at, got, expected, wrong, ...written }: Difference): string {
  const size = written.shape.reduce((product, length) => product * length, 1);
  const wanted = Number.isNaN(expected) ? 'a finite number' : expected;
  const values = `got ${got}, expected ${wanted}; ${wrong} of ${size} numbers are wrong`;
  return `dispatch ${nameOf(written)} is wrong at [${at.join(', ')}]: ${values}`;
}

function tensorsOf([, bindings]: PlanAddition): Map<string, Tensor> {
  const all = Object.entries(bindings);
  return new Map(all.filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor));
}

function compare(
  { values, ...written }: Written,
  expected: ArrayLike<number> | undefined,
  { atol, rtol }: Tolerance,
): Difference | undefined {
  const { n, kernel, binding, shape } = written;
  if (expected !== undefined && expected.length !== values.length) {
    const lengths = `${values.length} numbers, and ${expected.length} are expected`;
    throw new Error(`PlanDebugger: dispatch ${n}, ${kernel}: ${binding} has ${lengths}.`);
  }
  const isWrong = (got: number, index: number) => {
    const wanted = expected?.[index] ?? NaN;
    if (Number.isNaN(wanted)) return expected === undefined && !Number.isFinite(got);
    return !(got === wanted || Math.abs(got - wanted) <= atol + rtol * Math.abs(wanted));
  };
  const first = values.findIndex(isWrong);
  if (first < 0) return undefined;
  const wrong = values.filter(isWrong).length;
  return { ...written, at: positionOf(first, shape), got: values[first], expected: expected?.[first] ?? NaN, wrong };
}

/** One index for each dimension. */
function positionOf(index: number, shape: readonly number[]): number[] {
  let rest = index;
  const position = shape.toReversed().map((length) => {
    const at = rest % length;
    rest = Math.floor(rest / length);
    return at;
  });
  return position.toReversed();
}

function summaryOf(written: Written): string {
  const finite = written.values.filter(Number.isFinite);
  const bound = (choose: (a: number, b: number) => number) => finite.reduce((a, b) => choose(a, b)).toPrecision(4);
  const range = finite.length > 0 ? ` ${bound(Math.min)} to ${bound(Math.max)}` : '';
  const others = written.values.length - finite.length;
  return `${nameOf(written)}${range}${others > 0 ? `, ${others} not finite` : ''}`;
}

function nameOf({ n, kernel, binding, tensor, shape }: Omit<Written, 'values'>): string {
  return `${n}, ${kernel}: ${binding} ("${tensor}" [${shape.join(', ')}])`;
}
