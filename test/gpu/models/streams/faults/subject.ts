import type {
  GpuOutput,
  Model,
  SlotsOptions,
  Stream,
  StreamSnapshot,
  Weight,
  WeightInput,
} from '../../../../../src/index.ts';
import type { ModelSnapshot } from '../../../../../src/formats/index.ts';
import type { NetworkKind } from './network-kinds.ts';
import { PlainModel, type PlainState } from './plain-model.ts';
import { TrainingReplay } from './training-replay.ts';

export type ErrorClass = new (message: string) => Error;

/** An open stream, and its state in the plain model. */
export interface OpenStream {
  readonly stream: Stream;
  /** Whether its steps are looked at. */
  readonly isTraced: boolean;
  state: PlainState;
  /** Whether a push into it failed with the end of the model, so that none behind it may succeed. */
  isBroken: boolean;
  /** Whether a push into it was refused by the device, which may have been its first. */
  wasRefused?: boolean;
  /** How many more steps it may have than its state, since steps ended early in one of several states that are alike. */
  uncertainSteps?: number;
  /** A number that is the larger the later it was used; absent if its last use may have been refused. */
  lastUse?: number;
}

/** A snapshot that was asked for, and what the plain model knows of it. */
export interface Kept {
  /** Present once it has arrived. */
  snapshot?: StreamSnapshot;
  /** The state at that moment; present once the plain model has come so far. */
  state?: PlainState;
  /** The weights of that moment as a text, if they were known. */
  weights?: string;
  /** How many calls had changed the weights, if none was under way. */
  changes?: number;
}

/** A whole model that was taken down, and what the plain model was then. */
export interface Taken {
  saved?: ModelSnapshot;
  plain?: { weights: Float64Array[]; rows: Float64Array[]; streams: Map<string, PlainState> };
}

/** What a model of a run is like. */
export interface SubjectOptions {
  /** The number of its kind of network. */
  kind: number;
  slots: number;
  /** For how many of them there is memory at first. */
  initial: number;
  /** Whether full slots evict the stream that was not used for longest. */
  evicts: boolean;
  batchSize: number;
  seed: number;
}

interface Eviction {
  stream: Stream;
  arrive: (saved: StreamSnapshot) => void;
  fail: (error: Error) => void;
}

/** The most snapshots that a model keeps, of which the oldest go. */
const MOST_KEPT = 12;

/** A model under test with its plain model, and what is known of both at the moment of a call. */
export class Subject {
  readonly plain: PlainModel;
  readonly training: TrainingReplay;
  readonly open: OpenStream[] = [];
  readonly closed: Stream[] = [];
  readonly kept: Kept[] = [];
  /** Outputs that are still on the GPU, and their numbers. */
  readonly held: { output: GpuOutput; data: Float32Array }[] = [];
  taken?: Taken;
  /** Runs of `fit` that have not ended. */
  fits = 0;
  /** Whether one of them may end before its last update. */
  isFitOpen = false;
  /** Runs of `evaluate` with asynchronous callbacks that have not ended: calls meanwhile may be refused. */
  callbacks = 0;
  /** How many calls may have changed the weights. */
  changes = 0;
  /** Whether it was trained since its weights were last read. */
  isTrained = false;
  /** The error of all calls, once it was disposed or its device is lost. */
  ended?: ErrorClass;
  /** The errors of all its ends. */
  readonly #ends: ErrorClass[] = [];
  /** Whether the end has begun, but calls need not know of it yet. */
  isEnding = false;
  /** How many calls there were since the end. */
  callsSinceEnd = 0;
  readonly #shapes: readonly (readonly number[])[];
  #uses = 0;
  readonly #evictions: Eviction[] = [];

  constructor(
    readonly model: Model,
    readonly kind: NetworkKind,
    readonly options: SubjectOptions,
    weights: readonly Weight[],
  ) {
    this.plain = new PlainModel(kind, options.batchSize);
    this.plain.setWeights(weights.map(({ data }) => data));
    this.training = new TrainingReplay(this.plain);
    this.#shapes = weights.map(({ shape }) => shape);
  }

  get capacity(): number {
    return this.options.slots;
  }

  get batchSize(): number {
    return this.options.batchSize;
  }

  /** Whether it is known which weights it has, and that no call of a stream may be refused. */
  get isQuiet(): boolean {
    return this.fits === 0 && this.callbacks === 0 && !this.ended;
  }

  /** Weights with the shapes that they have in this model. */
  shaped(weights: readonly Float32Array[]): WeightInput[] {
    return weights.map((data, n) => ({ data, shape: this.#shapes[n] }));
  }

  /** Notes that a stream was used, which may have been refused while a callback has not returned. */
  use(stream: OpenStream, isSure = true): void {
    stream.lastUse = isSure && this.callbacks === 0 ? this.#uses : undefined;
    this.#uses++;
  }

  add(stream: Stream, isTraced = false): OpenStream {
    const opened: OpenStream = { stream, isTraced, state: this.plain.zero(), isBroken: false };
    this.open.push(opened);
    this.use(opened);
    return opened;
  }

  remove(stream: OpenStream): void {
    this.open.splice(this.open.indexOf(stream), 1);
    this.closed.push(stream.stream);
  }

  keep(): Kept {
    // The plain model has the weights to the bit only if they were read since the last training.
    const kept: Kept = this.isQuiet && !this.isTrained ? { changes: this.changes } : {};
    this.kept.push(kept);
    if (this.kept.length > MOST_KEPT) this.kept.shift();
    return kept;
  }

  /** Waits for the snapshot of a stream that is evicted. */
  evict(stream: Stream): Promise<StreamSnapshot> {
    return new Promise((arrive, fail) => {
      this.#evictions.push({ stream, arrive, fail });
    });
  }

  /** Takes the snapshot of an evicted stream. They have to arrive in the order of the evictions. */
  onEvict(saved: StreamSnapshot, stream: Stream): void {
    const eviction = this.#evictions.shift();
    if (eviction?.stream === stream) return eviction.arrive(saved);
    eviction?.fail(new Error(`onEvict was called with ${stream.name}, expected ${eviction.stream.name}`));
  }

  /** Whether a call that was under way may fail so: with a model that was disposed, its device may be lost besides. */
  isEnd(error: unknown): boolean {
    return this.#ends.some((end) => error instanceof end);
  }

  end(error: ErrorClass, isEnding = false): void {
    this.ended ??= error;
    this.#ends.push(error);
    this.isEnding = isEnding;
    for (const { fail } of this.#evictions.splice(0)) fail(new this.ended('it ended before the snapshot arrived'));
  }
}

/** Makes a subject whose model tells it of evictions. */
export async function makeWith(
  { slots: max, initial, evicts }: SubjectOptions,
  make: (slots: SlotsOptions) => Promise<Subject>,
): Promise<Subject> {
  const onEvict: SlotsOptions['onEvict'] = (saved, stream) => subject.onEvict(saved, stream);
  const subject = await make({ initial: Math.min(initial, max), max, ...(evicts && { onEvict }) });
  return subject;
}
