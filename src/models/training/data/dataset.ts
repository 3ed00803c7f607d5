import type { Gpu } from '../../../runtime/gpu.ts';
import { elementCount, type Shape } from '../../../runtime/shape.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import { Tensor } from '../../../runtime/tensor.ts';
import type { Demands, Program, Run } from '../../execution/program.ts';
import { Acceptance } from '../engine/acceptance.ts';

/** Shapes of one sample in each of the arrays of a data set; absent for arrays that it does not have. */
export interface SampleShapes {
  input: Shape;
  target?: Shape;
  /** Sample weights: one number a sample or a step. */
  weight?: Shape;
  /** The mask has one number a step. */
  mask?: Shape;
  /** Resets within samples have one number a step. */
  resets?: Shape;
  /** States that a sample starts from. */
  states?: readonly { name: string; size: number }[];
  /** A prediction that is read back. */
  result?: Shape;
  /** States that are read back after the last step. */
  finalStates?: readonly { name: string; size: number }[];
}

/** Some samples, one behind the other. */
export interface SampleData {
  x: Float32Array<ArrayBuffer>;
  y?: Float32Array<ArrayBuffer>;
  weights?: Float32Array<ArrayBuffer>;
  mask?: Float32Array<ArrayBuffer>;
  resets?: Float32Array<ArrayBuffer>;
  states?: readonly Float32Array<ArrayBuffer>[];
}

/** What a program must know of to run on samples like these. */
export function demandsOf({ weight, mask, resets, states }: SampleShapes): Demands {
  return {
    isWeighted: weight !== undefined,
    isMasked: mask !== undefined,
    isReset: resets !== undefined,
    initialStates: states?.map(({ name }) => name),
  };
}

/** A data set on its way through a program. */
export interface Feed {
  readonly dataset: Pick<Dataset, 'byteLength' | 'capacity' | 'write' | 'dispose'>;
  readonly program: Program;
  readonly run: Run;
  /** The slots it has of its own, if any. */
  readonly slots?: StateSlots;
  /** Tells a run whether the device accepted its updates; single calls learn that from their own reading or report. */
  readonly acceptance?: Acceptance;
}

/** A data set of a run on its way through a program. */
export interface RunFeed extends Feed {
  readonly dataset: Dataset;
  readonly acceptance: Acceptance;
}

/** Samples on the GPU. */
export class Dataset {
  /** Predictions, one a sample. */
  readonly results?: Tensor;
  /** States after the last step, by name. */
  readonly finalStates: ReadonlyMap<string, Tensor> = new Map();
  readonly #x: Tensor;
  readonly #y?: Tensor;
  readonly #weights?: Tensor;
  readonly #mask?: Tensor;
  readonly #resets?: Tensor;
  readonly #states: ReadonlyMap<string, Tensor> = new Map();
  readonly #tensors: Tensor[] = [];

  /**
   * @param capacity how many samples it holds
   * @param accepted settles when the device has accepted its memory
   * @throws LimitError if they are more than the device can hold; then nothing is kept
   */
  constructor(
    private readonly gpu: Gpu,
    readonly capacity: number,
    private readonly shapes: SampleShapes,
    private readonly accepted?: Promise<void>,
  ) {
    const { input, target, weight, mask, resets, states = [], result, finalStates = [] } = shapes;
    const named = (label: string, list: NonNullable<SampleShapes['states']>) =>
      new Map(list.map(({ name, size }) => [name, this.#tensor(`${label} ${name}`, [size])]));
    try {
      this.#x = this.#tensor('samples', input);
      if (target) this.#y = this.#tensor('targets', target);
      if (weight) this.#weights = this.#tensor('sample weights', weight);
      if (mask) this.#mask = this.#tensor('masks', mask);
      if (resets) this.#resets = this.#tensor('resets', resets);
      this.#states = named('initial', states);
      this.finalStates = named('final', finalStates);
      if (result) this.results = this.#tensor('results', result);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /**
   * Uploads samples.
   *
   * @throws LimitError if they are more than the device can hold
   */
  static of(gpu: Gpu, where: string, capacity: number, shapes: SampleShapes, data: SampleData): Dataset {
    const upload = (accepted: Promise<void>) => {
      const dataset = new Dataset(gpu, capacity, shapes, accepted);
      dataset.write(0, data);
      return dataset;
    };
    return gpu.watch(`${where}: ${capacity} samples`, upload).result;
  }

  /** Writes samples from number `first` on; takes effect before what is submitted next. */
  write(first: number, { x, y, weights, mask, resets, states }: SampleData): void {
    const { input, target, weight, mask: maskShape, resets: resetsShape } = this.shapes;
    this.#x.write(x, first * elementCount(input));
    if (y && target) this.#y?.write(y, first * elementCount(target));
    if (weights && weight) this.#weights?.write(weights, first * elementCount(weight));
    if (mask && maskShape) this.#mask?.write(mask, first * elementCount(maskShape));
    if (resets && resetsShape) this.#resets?.write(resets, first * elementCount(resetsShape));
    [...this.#states.values()].forEach((tensor, index) => tensor.write(states![index], first * tensor.shape[1]));
  }

  /** What a program must know of to run on it. */
  get demands(): Demands {
    return demandsOf(this.shapes);
  }

  /**
   * Prepares a program to run on these samples, or on stretches of their steps if it has fewer.
   *
   * @param slots of the run's own; default: those of the network
   */
  feed(program: Program, slots?: StateSlots): RunFeed {
    const samples = {
      x: this.#x,
      y: this.#y,
      weights: this.#weights,
      mask: this.#mask,
      resets: this.#resets,
      states: this.#states,
      results: this.results,
      finalStates: this.finalStates,
    };
    const what = `A batch of ${program.rows} samples with ${program.steps} steps`;
    const { result: run, accepted } = this.gpu.watch(what, () => program.attach(samples, slots));
    const ready = Promise.all([this.accepted, program.accepted, accepted, run.ready]);
    // Whoever sends updates awaits `ready`; a failure before that must not count as unhandled.
    ready.catch(() => {});
    return { dataset: this, program, run: { ...run, ready }, slots, acceptance: new Acceptance() };
  }

  /** Bytes on the device. */
  get byteLength(): number {
    return this.#tensors.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  dispose(): void {
    for (const tensor of this.#tensors) tensor.dispose();
  }

  #tensor(label: string, sample: Shape): Tensor {
    const tensor = Tensor.create(this.gpu, label, [this.capacity, ...sample]);
    this.#tensors.push(tensor);
    return tensor;
  }
}
