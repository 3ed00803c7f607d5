import type { rng } from '../harness/random.ts';
import type { Numbers } from './arrays.ts';
import { drawModel, type DrawnModel } from './drawn-model.ts';
import { behaviourOf, stackOf, type Behaviour } from './drawn-twin.ts';
import type { Samples } from './stack.ts';

type Random = ReturnType<typeof rng>;

/** Random samples for a model, their targets and the initial weights, all in float32. */
export interface DrawnNumbers extends Samples {
  x: Float32Array;
  y: Float32Array;
  /** The shape of the outputs, [B, T, F] or [B, F]. */
  outputShape: readonly number[];
  weights: Float32Array[];
}

/** A perturbation of about ten float32 roundings of a number of size 1. */
const JITTER = 1e-6;
const MAX_CHANGE = 1e-5;

/**
 * Draws a random model and numbers for it that are well conditioned, so that float32 can come close to float64: if the weights
 * change by some roundings, the results do not change by much more. Values at the kink of an activation or a loss, and values
 * that explode, are drawn again.
 */
export function drawCase(random: Random, draw = drawModel): { model: DrawnModel; numbers: DrawnNumbers } {
  for (;;) {
    const model = draw(random);
    const numbers = drawNumbers(random, model);
    // A kink may go unnoticed along a single line through the weights.
    if ([1, 2, 3].every(() => isSmooth(random, model, numbers))) return { model, numbers };
  }
}

/** Whether a small step of all weights along a line changes the results little. */
function isSmooth(random: Random, model: DrawnModel, numbers: DrawnNumbers): boolean {
  const directions = numbers.weights.map(({ length }) => random.array(length, JITTER));
  const [above, below] = [1, -1].map((sign) =>
    flat(behaviourOf(model, numbers, movedAlong(numbers.weights, directions, sign))),
  );
  return above.every((value, n) => Math.abs(value - below[n]) <= MAX_CHANGE * (1 + Math.abs(below[n])));
}

const flat = ({ prediction, loss, gradients, trained }: Behaviour) =>
  [prediction, [loss], ...gradients, ...trained].flatMap((part) => Array.from(part));

/** Weights moved by `distance` along a line through all of them. */
export function movedAlong(weights: readonly Numbers[], directions: readonly Numbers[], distance: number) {
  return weights.map((weight, n) => Float64Array.from(weight, (w, k) => w + distance * directions[n][k]));
}

/** Draws samples, targets and initial weights, however well the model is conditioned with them. */
export function drawNumbers(random: Random, model: DrawnModel): DrawnNumbers {
  const { rows, steps, features, lengths, loss } = model;
  const stack = stackOf(model);
  const shape = features === undefined ? [rows, steps] : [rows, steps, features];
  const [first] = model.layers;
  const positions = rows * steps;
  const x =
    first.kind === 'embedding'
      ? Float32Array.from({ length: positions }, () => random.integer(0, first.options.inputDim - 1))
      : random.array(positions * features!, 1);
  if (first.kind === 'masking') {
    for (let position = 0; position < positions; position++) {
      if (random.uniform(0, 1) < 0.4) x.fill(first.options.maskValue, position * features!, (position + 1) * features!);
    }
  }
  const mask = lengths && Array.from({ length: positions }, (_, n) => n % steps < lengths[Math.floor(n / steps)]);
  const weights = stack.weights.map(({ length }) => random.array(length, 0.5));
  stack.setWeights(weights);
  const { shape: outputShape } = stack.forward({ x, shape, mask });
  const outputs = outputShape.at(-1)!;
  const count = outputShape.slice(0, -1).reduce((product, length) => product * length, 1);
  return { x, shape, mask, weights, outputShape, y: targets(random, loss, count, outputs) };
}

function targets(random: Random, loss: DrawnModel['loss'], positions: number, outputs: number): Float32Array {
  switch (loss) {
    case 'binaryCrossentropy':
      return Float32Array.from({ length: positions * outputs }, () => random.integer(0, 1));
    case 'sparseCategoricalCrossentropy':
      return Float32Array.from({ length: positions }, () => random.integer(0, outputs - 1));
    case 'categoricalCrossentropy': {
      const classes = Array.from({ length: positions }, () => random.integer(0, outputs - 1));
      return Float32Array.from({ length: positions * outputs }, (_, n) =>
        n % outputs === classes[Math.floor(n / outputs)] ? 1 : 0,
      );
    }
    default:
      return random.array(positions * outputs, 1);
  }
}
