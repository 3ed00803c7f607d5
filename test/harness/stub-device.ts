import { onTestFinished, vi } from 'vitest';

/** What an adapter tells of itself: a card, and Chrome's software adapter. */
export const CARD = { vendor: 'nvidia', architecture: 'hopper' };
export const SWIFTSHADER = { vendor: 'google', architecture: 'swiftshader', subgroupMaxSize: 4 };

/** When the end of work is noticed: at once, every so many milliseconds, or, as in Firefox, upon a submit too. */
export type Notice = { everyMs: number; uponSubmit?: boolean };

interface Happening {
  at: number;
  act: () => void;
}

/**
 * Time that passes by timers and by work of a stub device alone, read by a clock of ticks. It stands in for
 * `performance.now` and `setTimeout` until the test ends.
 */
export class FakeTime {
  /** True milliseconds. */
  now = 0;
  #happenings: Happening[] = [];

  /** @param tick of the clock, in milliseconds; an infinite one stands still */
  constructor(tick: number) {
    // Reading a clock takes some time too.
    const read = () => (this.now += 5e-5) && (tick === Infinity ? 77 : Math.floor(this.now / tick) * tick);
    vi.stubGlobal('performance', { now: read });
    vi.stubGlobal('setTimeout', (act: () => void, ms = 0) => this.at(this.now + ms, act));
    vi.stubGlobal('clearTimeout', (timer: Happening) => {
      this.#happenings = this.#happenings.filter((happening) => happening !== timer);
    });
    onTestFinished(() => void vi.unstubAllGlobals());
  }

  at(at: number, act: () => void): Happening {
    const happening = { at, act };
    this.#happenings.push(happening);
    return happening;
  }

  /** Lets time pass until `work` is done. @throws if nothing is left to wait for */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => (isDone = true);
    work.then(end, end);
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone) return work;
      const next = this.#happenings.toSorted((a, b) => a.at - b.at)[0];
      if (!next) throw new Error('The work waits for something that will never happen.');
      this.#happenings.splice(this.#happenings.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      next.act();
    }
  }
}

export interface StubOptions {
  adapterInfo?: Partial<GPUAdapterInfo>;
  features?: readonly string[];
  time?: FakeTime;
  notice?: Notice;
  /** Milliseconds of a dispatch of the kernel with this label; it may differ from call to call. */
  costOf?: (pipeline: string) => number;
  /** Milliseconds that the page takes to encode a dispatch. */
  encodingMs?: number;
  /** The timestamps that are told of a pass which ran from and to these milliseconds. Default: in ticks of 100 µs, as Chrome's. */
  timestamps?: (begin: number, end: number) => readonly [bigint, bigint];
}

const inTicks = (ms: number) => BigInt(Math.floor(ms * 10)) * 100_000n;

const LIMITS = {
  maxBufferSize: 2 ** 31,
  maxStorageBufferBindingSize: 2 ** 31,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16_384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupsPerDimension: 65_535,
};

/** A device that computes nothing, and takes the time for it that a test wants. Buffers read as zeros. */
export function stubDevice({ time, notice = { everyMs: 0 }, costOf = () => 0, ...options }: StubOptions = {}) {
  const { encodingMs = 0, timestamps = (begin, end) => [inTicks(begin), inTicks(end)] } = options;
  vi.stubGlobal('GPUBufferUsage', { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 });
  vi.stubGlobal('GPUMapMode', { READ: 1 });
  vi.stubGlobal('GPUShaderStage', { COMPUTE: 4 });
  onTestFinished(() => void vi.unstubAllGlobals());
  const count = { dispatches: 0, submits: 0, emptySubmits: 0 };
  let busyUntil = 0;
  /** When the last submit that resolved timestamps began and ended. */
  let timed: BigUint64Array<ArrayBuffer> | undefined;
  let waiting: { done: number; resolve: () => void }[] = [];

  const look = () => {
    const now = time?.now ?? Infinity;
    for (const { done, resolve } of waiting) if (done <= now) resolve();
    waiting = waiting.filter(({ done }) => done > now);
  };
  const settled = () =>
    new Promise<undefined>((resolve) => {
      waiting.push({ done: busyUntil, resolve: () => resolve(undefined) });
      if (!time) return look();
      const { everyMs } = notice;
      const seen = everyMs > 0 ? (Math.floor(Math.max(time.now, busyUntil) / everyMs) + 1) * everyMs : busyUntil;
      time.at(seen, look);
    });
  const encoder = () => {
    let cost = 0;
    let current = '';
    let isTimed = false;
    return {
      beginComputePass: () => ({
        setPipeline: ({ label }: { label: string }) => (current = label),
        setBindGroup: () => {},
        dispatchWorkgroups: () => {
          count.dispatches++;
          cost += costOf(current);
          if (time) time.now += encodingMs;
        },
        end: () => {},
      }),
      copyBufferToBuffer: () => {},
      resolveQuerySet: () => (isTimed = true),
      finish: () => ({ cost, isTimed }),
    };
  };
  const device = {
    adapterInfo: options.adapterInfo,
    features: new Set(options.features),
    limits: LIMITS,
    lost: new Promise(() => {}),
    addEventListener: () => {},
    destroy: () => {},
    pushErrorScope: () => {},
    popErrorScope: () => Promise.resolve(null),
    createBuffer: ({ size }: { size: number }) => ({
      size,
      destroy: () => {},
      mapAsync: settled,
      getMappedRange: (_first: number, bytes: number) =>
        timed?.byteLength === bytes ? timed.buffer : new ArrayBuffer(bytes),
      unmap: () => {},
    }),
    createQuerySet: () => ({ destroy: () => {} }),
    createBindGroupLayout: () => ({}),
    createPipelineLayout: () => ({}),
    createBindGroup: () => ({}),
    createShaderModule: () => ({ getCompilationInfo: () => Promise.resolve({ messages: [] }) }),
    createComputePipelineAsync: ({ label }: { label: string }) => Promise.resolve({ label }),
    createCommandEncoder: encoder,
    queue: {
      writeBuffer: () => {},
      onSubmittedWorkDone: settled,
      submit: (buffers: readonly { cost: number; isTimed: boolean }[]) => {
        count.submits++;
        if (buffers.length === 0) count.emptySubmits++;
        const begin = Math.max(busyUntil, time?.now ?? 0);
        busyUntil = begin + buffers.reduce((sum, { cost }) => sum + cost, 0);
        if (buffers.some(({ isTimed }) => isTimed)) timed = new BigUint64Array(timestamps(begin, busyUntil));
        if (notice.uponSubmit) look();
      },
    },
  };
  return { device: device as unknown as GPUDevice, count };
}
