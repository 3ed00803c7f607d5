import { activations } from './activations.ts';
import { huber, losses, type Loss } from './losses.ts';

/** A loss of all outputs at one position, which is a sample or a step of a sample, and its gradient. */
export interface PositionLoss {
  /** The target has as many numbers as there are outputs, or with `sparse` is the number of a class. */
  value(output: readonly number[], target: readonly number[]): number;
  gradient(output: readonly number[], target: readonly number[]): number[];
  sparse?: boolean;
}

const LOWEST = Math.fround(1e-7);
const HIGHEST = Math.fround(1 - 1e-7);
const clip = (p: number): number => Math.min(Math.max(p, LOWEST), HIGHEST);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The mean of a loss over the outputs. */
export function meanOf(loss: Loss): PositionLoss {
  return {
    value: (output, target) => sum(output.map((value, k) => loss.value(value, target[k]))) / output.length,
    gradient: (output, target) => output.map((value, k) => loss.derivative(value, target[k]) / output.length),
  };
}

/** The same loss with label smoothing. */
export function smoothed(loss: PositionLoss, part: number, middle: (outputs: number) => number): PositionLoss {
  const smooth = (target: readonly number[]) => target.map((y) => y * (1 - part) + part * middle(target.length));
  return {
    value: (output, target) => loss.value(output, smooth(target)),
    gradient: (output, target) => loss.gradient(output, smooth(target)),
  };
}

const softmax = (z: readonly number[]): number[] => {
  const top = Math.max(...z);
  const powers = z.map((value) => Math.exp(value - top));
  return powers.map((value) => value / sum(powers));
};

/** Categorical cross-entropy, -sum of y log p. */
export const ofLogits: PositionLoss = {
  value(z, y) {
    const top = Math.max(...z);
    const logSum = top + Math.log(sum(z.map((value) => Math.exp(value - top))));
    return sum(z.map((value, k) => y[k] * (logSum - value)));
  },
  gradient: (z, y) => softmax(z).map((p, k) => p * sum(y) - y[k]),
};

/** Cross-entropy of predictions that are normalized, then clipped. */
export const ofShares: PositionLoss = {
  value: (p, y) => -sum(p.map((value, k) => y[k] * Math.log(clip(value / sum(p))))),
  gradient(p, y) {
    const total = sum(p);
    const shares = p.map((value) => value / total);
    const derivatives = shares.map((share, k) => (clip(share) === share ? -y[k] / share : 0));
    const through = sum(derivatives.map((derivative, k) => derivative * shares[k]));
    return derivatives.map((derivative) => (derivative - through) / total);
  },
};

/** Cross-entropy of predictions that are clipped, then normalized. */
const ofClippedShares: PositionLoss = {
  value: (p, y) => -sum(p.map((value, k) => y[k] * Math.log(clip(value) / sum(p.map(clip))))),
  gradient(p, y) {
    const total = sum(p.map(clip));
    return p.map((value, k) => (clip(value) === value ? sum(y) / total - y[k] / value : 0));
  },
};

/** The same loss for targets that are class numbers. */
function sparse(loss: PositionLoss): PositionLoss {
  const oneHot = (output: readonly number[], [label]: readonly number[]) => output.map((_, k) => Number(k === label));
  return {
    value: (output, target) => loss.value(output, oneHot(output, target)),
    gradient: (output, target) => loss.gradient(output, oneHot(output, target)),
    sparse: true,
  };
}

const binary = meanOf(losses.binaryCrossentropy);
const binaryFromLogits = meanOf(losses.binaryCrossentropyFromLogits);
const half = () => 0.5;
const evenly = (outputs: number) => 1 / outputs;

export const positionLosses = {
  binaryCrossentropy: binary,
  'binaryCrossentropy from logits': binaryFromLogits,
  'binaryCrossentropy, smoothed': smoothed(binary, 0.1, half),
  'binaryCrossentropy from logits, smoothed': smoothed(binaryFromLogits, 0.1, half),
  categoricalCrossentropy: ofShares,
  'categoricalCrossentropy from logits': ofLogits,
  'categoricalCrossentropy, smoothed': smoothed(ofShares, 0.1, evenly),
  'categoricalCrossentropy from logits, smoothed': smoothed(ofLogits, 0.1, evenly),
  sparseCategoricalCrossentropy: sparse(ofClippedShares),
  'sparseCategoricalCrossentropy from logits': sparse(ofLogits),
  meanSquaredError: meanOf(losses.meanSquaredError),
  meanAbsoluteError: meanOf(losses.meanAbsoluteError),
  huber: meanOf(losses.huber),
  'huber, delta 0.5': meanOf(huber(0.5)),
  'huber, delta 2': meanOf(huber(2)),
} satisfies Record<string, PositionLoss>;

export type PositionLossName = keyof typeof positionLosses;

/** The predictions of a model, from the logits that its loss is computed from. */
export const predictionOf = {
  sigmoid: (z: readonly number[]) => z.map(activations.sigmoid.value),
  softmax,
};
