import type { Numbers } from '../../../../reference/arrays.ts';
import { sgd } from '../../../../reference/optimizers.ts';
import { Stack } from '../../../../reference/stack.ts';
import type { Passing } from '../../../../reference/twin-layers.ts';
import type { NetworkKind, PlainLayer } from './network-kinds.ts';

/** What the layers carry from step to step: the states of each, [H] each. */
type LayerStates = Float64Array[][];

/** A stream at one moment. */
export interface PlainState {
  layers: LayerStates;
  /** Its last output and its last input. Absent if nothing was pushed since it was opened or reset. */
  last?: { output: number[]; input: number[] };
  steps: number;
  resets: number;
  /** The states of each layer behind each step of the last push, if nothing was generated since. */
  traced?: LayerStates[];
}

/** The same state, which goes on by itself. */
export function copyOf({ layers, steps, resets, last }: PlainState): PlainState {
  return { layers: copyOfStates(layers), steps, resets, last };
}

function copyOfStates(layers: LayerStates): LayerStates {
  return layers.map((states) => states.map((state) => state.slice()));
}

/** The rate of the optimizer of all models here. */
export const LEARNING_RATE = 0.05;

/** A model in float64 that does everything at once and in order, one step of one stream after the other. */
export class PlainModel {
  readonly layers: readonly PlainLayer[];
  readonly #stack: Stack;
  readonly #optimizer = sgd({ learningRate: LEARNING_RATE });
  /** The states that the rows of a batch have. */
  #rows: LayerStates;

  constructor(
    readonly kind: NetworkKind,
    readonly batchSize: number,
  ) {
    this.layers = kind.plain();
    this.#stack = new Stack(this.layers.map(({ twin }) => twin));
    this.#rows = this.#zeros(batchSize);
  }

  get weights(): Float64Array[] {
    return this.#stack.weights;
  }

  setWeights(weights: readonly Numbers[]): void {
    this.#stack.setWeights(weights);
  }

  /** The state of a stream that nothing was pushed into. */
  zero(): PlainState {
    return { layers: this.#zeros(1), steps: 0, resets: 0 };
  }

  /** Lets a stream start from zero. */
  reset(state: PlainState): void {
    Object.assign(state, { layers: this.#zeros(1), resets: state.resets + 1, last: undefined, traced: undefined });
  }

  /** The numbers of a snapshot: the states of the layers, the last output, and the last input where a window can be shifted. */
  snapshotOf({ layers, last }: PlainState): Numbers[] {
    const { outputs, features } = this.kind;
    const { output = new Float64Array(outputs), input = new Float64Array(features) } = last ?? {};
    return [...layers.flat(), output, ...(this.kind.feedback === 'shift' ? [input] : [])];
  }

  /** Goes on with a stream. @returns the outputs of each step, or of the last one if the model gives no sequences */
  push(state: PlainState, x: Numbers, steps: number): number[] {
    const { features, givesSequences } = this.kind;
    state.traced = [];
    const outputs = Array.from({ length: steps }, (_, t) => {
      const input = Array.from({ length: features }, (_feature, k) => x[t * features + k]);
      const output = this.#step(state.layers, input);
      state.last = { output, input };
      state.traced!.push(copyOfStates(state.layers));
      return output;
    });
    state.steps += steps;
    return givesSequences ? outputs.flat() : outputs.at(-1)!;
  }

  /** Lets a stream feed itself. @param inputOf the next input, of what was last. @returns the outputs that it has used */
  generate(state: PlainState, steps: number, inputOf: (last: NonNullable<PlainState['last']>, n: number) => number[]) {
    const used = Array.from({ length: steps }, (_, n) => {
      const last = state.last!;
      this.push(state, inputOf(last, n), 1);
      return last.output;
    });
    state.traced = undefined;
    return used;
  }

  /** @param x [samples, steps, features] */
  predict(x: Numbers, samples: number): number[] {
    return this.#inBatches(x, samples).flatMap((batch) => this.#onRows(() => [...this.#stack.forward(batch).values]));
  }

  /** @returns the loss of each batch */
  evaluate(x: Numbers, y: Numbers, samples: number): number[] {
    const size = y.length / samples;
    return this.#inBatches(x, samples).map((batch, n) =>
      this.#onRows(() => this.#stack.loss(batch, partOf(y, n * this.batchSize * size, batch.shape[0] * size))),
    );
  }

  /** An update for one batch. @returns its loss before that */
  train(x: Numbers, y: Numbers, samples: number): number {
    const [batch] = this.#inBatches(x, samples);
    return this.#onRows(() => {
      const { loss, weights } = this.#stack.gradients(batch, y);
      this.#optimizer.step(this.#stack.weights, weights);
      return loss;
    });
  }

  resetRows(rows: readonly number[]): void {
    for (const state of this.#rows.flat()) {
      const size = state.length / this.batchSize;
      for (const row of rows) state.fill(0, row * size, (row + 1) * size);
    }
  }

  /** The states of the rows of a batch, layer by layer. */
  get rowStates(): Float64Array[] {
    return this.#rows.flatMap((states, n) => (this.layers[n].isRecurrent ? states : []));
  }

  /** Takes the states of the rows from another plain model. */
  takeRows(states: readonly Float64Array[]): void {
    this.rowStates.forEach((state, n) => state.set(states[n]));
  }

  #zeros(rows: number): LayerStates {
    return this.layers.map(({ stateSizes }) => stateSizes.map((size) => new Float64Array(rows * size)));
  }

  #step(states: LayerStates, x: readonly number[]): number[] {
    let passing: Passing = { shape: this.kind.isIndices ? [1, 1] : [1, 1, x.length], values: Float64Array.from(x) };
    this.layers.forEach((layer, n) => {
      passing = layer.step(passing, states[n]);
    });
    return [...passing.values];
  }

  #inBatches(x: Numbers, samples: number) {
    const { features, isIndices } = this.kind;
    const size = x.length / samples;
    return Array.from({ length: Math.ceil(samples / this.batchSize) }, (_, n) => {
      const first = n * this.batchSize;
      const rows = Math.min(this.batchSize, samples - first);
      const shape = isIndices ? [rows, size] : [rows, size / features, features];
      return { x: partOf(x, first * size, rows * size), shape };
    });
  }

  /** Lets layers go on from the states of the rows. */
  #onRows<T>(work: () => T): T {
    this.layers.forEach(({ twin, isRecurrent }, n) => {
      // It goes on from these arrays and writes to them.
      if (isRecurrent) twin.states = this.#rows[n];
    });
    return work();
  }
}

function partOf(data: Numbers, first: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, n) => data[first + n]);
}
