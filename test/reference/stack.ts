import type { Numbers } from './arrays.ts';
import { positionLosses, type PositionLoss } from './position-losses.ts';
import type { Passing, TwinLayer } from './twin-layers.ts';

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

/** The input of a stack: x [B, T, F], indices [B, T] or [B, F], and the mask of its steps, [B, T]. */
export interface Samples {
  x: Numbers;
  shape: readonly number[];
  mask?: readonly boolean[];
}

/** A position of the output, which is a sample or a step of a sample: its outputs, their target and their weight. */
interface Position {
  output: number[];
  target: number[];
  weight: number;
}

/** Layers one after the other, and a loss whose mean is taken over unmasked positions; default: squared error. */
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

  /** @param y as many numbers as outputs, or the number of a class for each position */
  loss(samples: Samples, y: Numbers): number {
    return this.test(samples, y).loss;
  }

  /** The loss and the outputs of one forward pass. */
  test(samples: Samples, y: Numbers): { loss: number; values: Float64Array } {
    const passing = this.forward(samples);
    return { loss: this.#loss(this.#positions(passing, y)), values: passing.values };
  }

  /** The loss and the outputs of a forward pass, and the gradients of the loss with respect to the weights and to x. */
  gradients(samples: Samples, y: Numbers) {
    const passing = this.forward(samples);
    const weights: Float64Array[] = [];
    const positions = this.#positions(passing, y);
    let gradient: Float64Array = Float64Array.from(
      positions.flatMap(({ output, target, weight }) =>
        this.positionLoss.gradient(output, target).map((g) => weight * g),
      ),
    );
    for (const layer of this.layers.toReversed()) {
      const back = layer.backward(gradient);
      weights.unshift(...back.weights);
      gradient = back.x;
    }
    return { loss: this.#loss(positions), values: passing.values, weights, x: gradient };
  }

  #loss(positions: readonly Position[]): number {
    return positions.reduce(
      (sum, { output, target, weight }) => sum + weight * this.positionLoss.value(output, target),
      0,
    );
  }

  /** The outputs at each position, their target and their weight. */
  #positions({ shape, values, mask }: Passing, y: Numbers): Position[] {
    const outputs = shape.at(-1)!;
    const count = values.length / outputs;
    const targets = y.length / count;
    // As Keras' apply_mask: the mean over unmasked positions.
    const valid = mask?.filter(Boolean).length ?? count;
    return Array.from({ length: count }, (_, position) => ({
      output: [...values.subarray(position * outputs, (position + 1) * outputs)],
      target: Array.from({ length: targets }, (_target, k) => y[position * targets + k]),
      weight: (mask?.[position] ?? true) ? 1 / valid : 0,
    }));
  }
}
