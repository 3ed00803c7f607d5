import type { ActivationName, GateName } from './activations.ts';
import { denseBackward, denseForward } from './dense.ts';
import { recurrent } from './recurrent.ts';

export interface LstmSpec {
  kind: 'lstm';
  units: number;
  returnSequences?: boolean;
  stateful?: boolean;
  recurrentActivation?: GateName;
}

export interface DenseSpec {
  kind: 'dense';
  units: number;
  activation?: ActivationName;
}

export type LayerSpec = LstmSpec | DenseSpec;

/** What a batch is shaped like where it enters a layer; `steps` is absent once an LSTM has kept its last step only. */
export interface Extent {
  batch: number;
  steps?: number;
}

/** A layer that remembers its last forward pass, as the backward pass after it needs. */
export interface ReferenceLayer {
  /** In Keras' order. */
  readonly weights: readonly Float64Array[];
  readonly features: { in: number; out: number };
  /** Extent of the output. */
  after(extent: Extent): Extent;
  forward(x: Float64Array, extent: Extent): Float64Array;
  backward(outputGradient: Float64Array): { x: Float64Array; weights: Float64Array[] };
}

/** An LSTM with a state for each slot; row b of a batch continues slot b if it is stateful. */
export class ReferenceLstm implements ReferenceLayer {
  readonly weights: readonly Float64Array[];
  readonly features: { in: number; out: number };
  readonly states: { h: Float64Array; c: Float64Array };
  #backward?: ReferenceLayer['backward'];

  constructor(
    private readonly spec: LstmSpec,
    features: number,
    slots: number,
  ) {
    const { units } = spec;
    this.features = { in: features, out: units };
    this.weights = [features * 4 * units, units * 4 * units, 4 * units].map((size) => new Float64Array(size));
    this.states = { h: new Float64Array(slots * units), c: new Float64Array(slots * units) };
  }

  after(extent: Extent): Extent {
    return this.spec.returnSequences ? extent : { batch: extent.batch };
  }

  forward(x: Float64Array, { batch, steps = 1 }: Extent): Float64Array {
    const { units, returnSequences, stateful, recurrentActivation } = this.spec;
    const shape = { batch, steps, features: this.features.in, units };
    const [kernel, recurrentKernel, bias] = this.weights;
    const own = [this.states.h, this.states.c];
    const initial = stateful ? own.map((state) => state.slice(0, batch * units)) : undefined;
    const run = recurrent({ cell: 'lstm', recurrentActivation }, shape, { kernel, recurrentKernel, bias }, x, {
      initial,
    });

    if (stateful) own.forEach((state, n) => state.set(run.last[n]));
    this.#backward = (gradient) => {
      const gradients = returnSequences ? run.backward(gradient) : run.backward([], [gradient]);
      return { x: gradients.x, weights: [gradients.kernel, gradients.recurrentKernel, gradients.bias] };
    };
    return returnSequences ? run.output : run.last[0];
  }

  backward(outputGradient: Float64Array) {
    if (!this.#backward) throw new Error('backward comes after forward');
    return this.#backward(outputGradient);
  }

  reset(slots: readonly number[]): void {
    const { units } = this.spec;
    for (const slot of slots) {
      this.states.h.fill(0, slot * units, (slot + 1) * units);
      this.states.c.fill(0, slot * units, (slot + 1) * units);
    }
  }
}

/** A dense layer, applied at every step of a sequence. */
export class ReferenceDense implements ReferenceLayer {
  readonly weights: readonly Float64Array[];
  readonly features: { in: number; out: number };
  #backward?: ReferenceLayer['backward'];

  constructor(
    private readonly spec: DenseSpec,
    features: number,
  ) {
    this.features = { in: features, out: spec.units };
    this.weights = [new Float64Array(features * spec.units), new Float64Array(spec.units)];
  }

  after(extent: Extent): Extent {
    return extent;
  }

  forward(x: Float64Array, { batch, steps = 1 }: Extent): Float64Array {
    const { units, activation = 'linear' } = this.spec;
    const shape = { rows: batch * steps, features: this.features.in, units };
    const [kernel, bias] = this.weights;
    const { z, y } = denseForward(shape, { kernel, bias }, x, activation);
    this.#backward = (gradient) => {
      const gradients = denseBackward(shape, { kernel, bias }, x, z, gradient, activation);
      return { x: gradients.x, weights: [gradients.kernel, gradients.bias] };
    };
    return y;
  }

  backward(outputGradient: Float64Array) {
    if (!this.#backward) throw new Error('backward comes after forward');
    return this.#backward(outputGradient);
  }
}
