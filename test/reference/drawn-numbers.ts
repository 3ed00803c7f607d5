import type { rng } from '../harness/random.ts';
import type { Numbers } from './arrays.ts';
import { drawModel, type DrawnModel } from './drawn-model.ts';
import { behaviourOf, stackOf, type Behaviour } from './drawn-twin.ts';
import type { Samples } from './stack.ts';

type Random = ReturnType<typeof rng>;

/** Random samples for a model, their targets and the weights to begin with; numbers are float32. */
export interface DrawnNumbers extends Samples {
  x: Float32Array;
  y: Float32Array;
  /** Of the outputs, [B, T, F] or [B, F]. */
  outputShape: readonly number[];
  weights: Float32Array[];
}

/** Some ten roundings of a number of size 1. */
const JITTER = 1e-6;
const MOST_CHANGE = 1e-5;

/**
 * A random model and numbers for it of which float32 can be expected to come close: a change of the weights by some
 * roundings does not change by much more what the model does. Values at the kink of an activation or a loss, and those
 * that explode, are drawn again.
 */
export function drawCase(random: Random, draw = drawModel): { model: DrawnModel; numbers: DrawnNumbers } {
  for (;;) {
    const model = draw(random);
    const numbers = drawNumbers(random, model);
    // A single line through the weights may by chance run alongside a kink.
    if ([1, 2, 3].every(() => isSmooth(random, model, numbers))) return { model, numbers };
  }
}

/** Whether a small step along a line through all weights changes little. */
function isSmooth(random: Random, model: DrawnModel, numbers: DrawnNumbers): boolean {
  const directions = numbers.weights.map(({ length }) => random.array(length, JITTER));
  const [above, below] = [1, -1].map((sign) =>
    flat(behaviourOf(model, numbers, movedAlong(numbers.weights, directions, sign))),
  );
  return above.every((value, n) => Math.abs(value - below[n]) <= MOST_CHANGE * (1 + Math.abs(below[n])));
}

const flat = ({ prediction, loss, gradients, trained }: Behaviour) =>
  [prediction, [loss], ...gradients, ...trained].flatMap((part) => Array.from(part));

/** Weights moved by `distance` along a line through all of them. */
export function movedAlong(weights: readonly Numbers[], directions: readonly Numbers[], distance: number) {
  return weights.map((weight, n) => Float64Array.from(weight, (w, k) => w + distance * directions[n][k]));
}

function drawNumbers(random: Random, model: DrawnModel): DrawnNumbers {
  const { rows, steps, features, lengths, loss } = model;
  const stack = stackOf(model);
  const shape = features === undefined ? [rows, steps] : [rows, steps, features];
  const [first] = model.layers;
  const places = rows * steps;
  const x =
    first.kind === 'embedding'
      ? Float32Array.from({ length: places }, () => random.integer(0, first.options.inputDim - 1))
      : random.array(places * features!, 1);
  if (first.kind === 'masking') {
    for (let place = 0; place < places; place++) {
      if (random.uniform(0, 1) < 0.4) x.fill(first.options.maskValue, place * features!, (place + 1) * features!);
    }
  }
  const mask = lengths && Array.from({ length: places }, (_, n) => n % steps < lengths[Math.floor(n / steps)]);
  const weights = stack.weights.map(({ length }) => random.array(length, 0.5));
  stack.setWeights(weights);
  const { shape: outputShape } = stack.forward({ x, shape, mask });
  const outputs = outputShape.at(-1)!;
  const count = outputShape.slice(0, -1).reduce((product, length) => product * length, 1);
  return { x, shape, mask, weights, outputShape, y: targets(random, loss, count, outputs) };
}

function targets(random: Random, loss: DrawnModel['loss'], places: number, outputs: number): Float32Array {
  switch (loss) {
    case 'binaryCrossentropy':
      return Float32Array.from({ length: places * outputs }, () => random.integer(0, 1));
    case 'sparseCategoricalCrossentropy':
      return Float32Array.from({ length: places }, () => random.integer(0, outputs - 1));
    case 'categoricalCrossentropy': {
      const classes = Array.from({ length: places }, () => random.integer(0, outputs - 1));
      return Float32Array.from({ length: places * outputs }, (_, n) =>
        n % outputs === classes[Math.floor(n / outputs)] ? 1 : 0,
      );
    }
    default:
      return random.array(places * outputs, 1);
  }
}
