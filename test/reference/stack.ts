import type { Numbers } from './arrays.ts';
import { positionLosses, type PositionLoss } from './position-losses.ts';
import type { Passing, TwinLayer } from './twin-layers.ts';

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** What a stack is given: x [B, T, F], [B, T] of indices or [B, F], and which steps of it count, [B, T]. */
export interface Samples {
  x: Numbers;
  shape: readonly number[];
  mask?: readonly boolean[];
}

/** One position of the output: its outputs, their target, and how much they count. */
interface Place {
  output: number[];
  target: number[];
  weight: number;
}

/** Layers one after the other under a loss, whose mean is taken over the places that count; default: squared error. */
export class Stack {
  constructor(
    private readonly layers: readonly TwinLayer[],
    private readonly positionLoss: PositionLoss = positionLosses.meanSquaredError,
  ) {}

  get weights(): Float64Array[] {
    return this.layers.flatMap((layer) => [...layer.weights]);
  }

  setWeights(weights: readonly Numbers[]): void {
    this.weights.forEach((weight, index) => weight.set(Array.from(weights[index])));
  }

  forward({ x, shape, mask }: Samples): Passing {
    if (x.length !== size(shape)) throw new Error(`${x.length} numbers do not have shape ${shape.join(' × ')}`);
    let passing: Passing = { shape, values: Float64Array.from(x), mask };
    for (const layer of this.layers) passing = layer.forward(passing);
    return passing;
  }

  /** @param y as many numbers as outputs, or the number of a class for each place */
  loss(samples: Samples, y: Numbers): number {
    return this.test(samples, y).loss;
  }

  /** The loss and the outputs of one forward pass. */
  test(samples: Samples, y: Numbers): { loss: number; values: Float64Array } {
    const passing = this.forward(samples);
    return { loss: this.#loss(this.#places(passing, y)), values: passing.values };
  }

  /** The loss, the outputs, and the gradients of the loss by the weights and by x, all of one forward pass. */
  gradients(samples: Samples, y: Numbers) {
    const passing = this.forward(samples);
    const weights: Float64Array[] = [];
    const places = this.#places(passing, y);
    let gradient: Float64Array = Float64Array.from(
      places.flatMap(({ output, target, weight }) => this.positionLoss.gradient(output, target).map((g) => weight * g)),
    );
    for (const layer of this.layers.toReversed()) {
      const back = layer.backward(gradient);
      weights.unshift(...back.weights);
      gradient = back.x;
    }
    return { loss: this.#loss(places), values: passing.values, weights, x: gradient };
  }

  #loss(places: readonly Place[]): number {
    return places.reduce(
      (sum, { output, target, weight }) => sum + weight * this.positionLoss.value(output, target),
      0,
    );
  }

  /** The outputs of each sample or step, their target, and how much they count. */
  #places({ shape, values, mask }: Passing, y: Numbers): Place[] {
    const outputs = shape.at(-1)!;
    const count = values.length / outputs;
    const targets = y.length / count;
    // Keras' apply_mask: the mean over all, made up for those that do not count.
    const valid = mask?.filter(Boolean).length ?? count;
    return Array.from({ length: count }, (_, place) => ({
      output: [...values.subarray(place * outputs, (place + 1) * outputs)],
      target: Array.from({ length: targets }, (_target, k) => y[place * targets + k]),
      weight: (mask?.[place] ?? true) ? 1 / valid : 0,
    }));
  }
}
