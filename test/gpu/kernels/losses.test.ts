import { describe, expect, test } from 'vitest';
import { binaryCrossentropy } from '../../../src/shaders/losses/binary-crossentropy.ts';
import { categoricalCrossentropy } from '../../../src/shaders/losses/categorical-crossentropy.ts';
import { regressionLoss } from '../../../src/shaders/losses/regression-loss.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { meanLoss, meanLossGradient } from '../../reference/losses.ts';
import {
  positionLosses,
  predictionOf,
  type PositionLoss,
  type PositionLossName,
} from '../../reference/position-losses.ts';
import { runKernel, unwritten } from '../run-kernel.ts';
import { close, constantsOf, frame, journal, noted, positions, setUp, weightings } from './figures.ts';
import type { Arrays, Random, Shape } from './figures.ts';

/** How far WGSL lets a logarithm of a number around 1 be off. */
const LOG_ERROR = 2 ** -21;

interface LossCase {
  draw: (random: Random) => number;
  constants: { FROM_LOGITS?: number; SMOOTHING?: number; SPARSE?: number; KIND?: number; DELTA?: number };
  prediction?: keyof typeof predictionOf;
}

const ofLogits = (random: Random) => 3 * random.normal();
const ofProbabilities = (random: Random) => random.uniform(0.01, 0.99);
const binary = (FROM_LOGITS: number, SMOOTHING: number): LossCase => ({
  draw: FROM_LOGITS ? ofLogits : ofProbabilities,
  constants: { FROM_LOGITS, SMOOTHING },
  prediction: FROM_LOGITS ? 'sigmoid' : undefined,
});
const categorical = (FROM_LOGITS: number, SPARSE: number, SMOOTHING: number): LossCase => ({
  draw: FROM_LOGITS ? ofLogits : ofProbabilities,
  constants: { FROM_LOGITS, SPARSE, SMOOTHING },
  prediction: FROM_LOGITS ? 'softmax' : undefined,
});
const regression = (KIND: number, DELTA = 0): LossCase => ({
  draw: (random) => 1.5 * random.normal(),
  constants: { KIND, DELTA },
});

const cases: Record<PositionLossName, LossCase> = {
  binaryCrossentropy: binary(0, 0),
  'binaryCrossentropy from logits': binary(1, 0),
  'binaryCrossentropy, smoothed': binary(0, 0.1),
  'binaryCrossentropy from logits, smoothed': binary(1, 0.1),
  categoricalCrossentropy: categorical(0, 0, 0),
  'categoricalCrossentropy from logits': categorical(1, 0, 0),
  'categoricalCrossentropy, smoothed': categorical(0, 0, 0.1),
  'categoricalCrossentropy from logits, smoothed': categorical(1, 0, 0.1),
  sparseCategoricalCrossentropy: categorical(0, 1, 0),
  'sparseCategoricalCrossentropy from logits': categorical(1, 1, 0),
  meanSquaredError: regression(0),
  meanAbsoluteError: regression(1),
  huber: regression(2, 1),
  'huber, delta 0.5': regression(2, 0.5),
  'huber, delta 2': regression(2, 2),
};

/** One loss of each kernel meets all shapes; how the others go through them is the same code. */
const THOROUGH: readonly string[] = ['binaryCrossentropy', 'categoricalCrossentropy', 'meanSquaredError'];

/** Runs the kernel of a loss. */
async function run(
  { constants }: Pick<LossCase, 'constants'>,
  shape: Shape,
  { output, target, weight }: Arrays,
  isWeighted: boolean,
): Promise<{ prediction?: Float32Array; gradient: Float32Array; journal: Float32Array }> {
  const { FROM_LOGITS = 0, SMOOTHING = 0, SPARSE, KIND, DELTA = 0 } = constants;
  const shared = { update: frame(shape), target_value: target, weights: weight, journal: journal() };
  const written = { gradient: unwritten(output.length) };
  const sizes = constantsOf(shape, isWeighted);
  if (KIND !== undefined) {
    return runKernel(regressionLoss, { ...shared, ...written, prediction: output }, { ...sizes, KIND, DELTA });
  }
  const bindings = { ...shared, ...written, output, prediction: unwritten(output.length) };
  if (SPARSE === undefined) return runKernel(binaryCrossentropy, bindings, { ...sizes, FROM_LOGITS, SMOOTHING });
  return runKernel(categoricalCrossentropy, bindings, { ...sizes, FROM_LOGITS, SMOOTHING, SPARSE });
}

describe.each(Object.entries(cases))('%s', (name, lossCase) => {
  const loss: PositionLoss = positionLosses[name as PositionLossName];
  describe.each(weightings)('weighted: $isWeighted', ({ isWeighted, over }) => {
    test.each(THOROUGH.includes(name) ? over : over.slice(-2))(
      '$steps steps, $filled of $rows rows, $features features, $threads threads',
      async (shape) => {
        const { steps, features, filled } = shape;
        const arrays = setUp(shape, lossCase.draw, loss.sparse ?? false, isWeighted);
        const result = await run(lossCase, shape, arrays, isWeighted);
        const outputs = positions(arrays.output, features);
        const targets = positions(arrays.target, loss.sparse ? 1 : features);
        const { weights } = arrays;

        // The journal takes the sum over samples, so that means over many batches weigh each sample alike.
        const values = outputs.map((output, n) => (weights[n] === 0 ? 0 : weights[n] * loss.value(output, targets[n])));
        const total = values.reduce((sum, value) => sum + value, 0) / steps;
        expectClose(noted(result.journal, 1), [total], {
          ...close,
          atol: 1e-6 + 2 * filled * LOG_ERROR,
          reason: 'one logarithm, 2^-21 off at most, in each loss, and weights up to 4',
          what: 'sum of losses',
        });
        const gradient = outputs.flatMap((output, n) =>
          weights[n] === 0
            ? output.map(() => 0)
            : loss.gradient(output, targets[n]).map((derivative) => (weights[n] * derivative) / (steps * filled)),
        );
        expectClose(result.gradient, gradient, { ...close, what: 'gradient' });

        const places = outputs.flatMap((_, n) => (Number.isNaN(arrays.output[n * features]) ? [] : [n]));
        const { prediction } = lossCase;
        const predicted = positions(result.prediction ?? arrays.output, features);
        expectClose(
          places.flatMap((n) => predicted[n]),
          places.flatMap((n) => (prediction ? predictionOf[prediction](outputs[n]) : outputs[n])),
          { ...close, what: 'prediction' },
        );
      },
    );
  });
});

describe('binary cross-entropy at the ends', () => {
  const shape: Shape = { steps: 1, rows: 1, features: 1, filled: 1, threads: 1 };
  const of = (FROM_LOGITS: number, output: number, target: number) =>
    run(
      { constants: { FROM_LOGITS } },
      shape,
      { output: Float32Array.of(output), target: Float32Array.of(target), weight: Float32Array.of(NaN) },
      false,
    );

  test.each([
    [100, 0],
    [100, 1],
    [-100, 0],
    [-100, 1],
    [40, 1],
    [-20, 0],
    [-1e-6, 1],
    [0, 0],
  ])('of logit %f and target %i', async (z, y) => {
    const { journal: written, gradient } = await of(1, z, y);
    const loss = meanLoss('binaryCrossentropyFromLogits', [z], [y]);
    const precise = { rtol: 5e-6, reason: 'small losses keep their digits: log(1 + x) is a series there' };
    expectClose(noted(written, 1), [loss], { ...precise, atol: loss < 0.01 ? 1e-13 : LOG_ERROR, what: 'loss' });
    const derivative = meanLossGradient('binaryCrossentropyFromLogits', [z], [y]);
    expectClose(gradient, derivative, {
      atol: 6e-8,
      rtol: 5e-6,
      what: 'gradient',
      reason: 'p - 1 keeps the rounding of p',
    });
  });

  test.each([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [1e-8, 1],
  ])('of probability %f, which is clipped, and target %i', async (p, y) => {
    const { journal: written, gradient } = await of(0, p, y);
    const expected = meanLoss('binaryCrossentropy', [p], [y]);
    expectClose(noted(written, 1), [expected], { ...close, atol: 1e-6 + LOG_ERROR, what: 'loss' });
    expect([...gradient]).toEqual([0]);
  });
});

test.each([0, 1])(
  'categorical cross-entropy of far-off logits and of clipped probabilities, sparse %i',
  async (SPARSE) => {
    const shape: Shape = { steps: 1, rows: 1, features: 3, filled: 1, threads: 1 };
    const target = Float32Array.from(SPARSE ? [2] : [0, 0, 1]);
    const weight = Float32Array.of(NaN);
    for (const [FROM_LOGITS, output] of [
      [1, [200, -100, -200]],
      [0, [1, 0, 0]],
    ] as const) {
      const constants = { FROM_LOGITS, SPARSE, SMOOTHING: 0 };
      const arrays = { output: Float32Array.from(output), target, weight };
      const { journal: written, gradient } = await run({ constants }, shape, arrays, false);
      const twin =
        `${SPARSE ? 'sparseCategorical' : 'categorical'}Crossentropy${FROM_LOGITS ? ' from logits' : ''}` as const;
      const loss: PositionLoss = positionLosses[twin];
      expectClose(noted(written, 1), [loss.value([...output], [...target])], { ...close, what: 'loss' });
      expectClose(gradient, loss.gradient([...output], [...target]), { ...close, what: 'gradient' });
    }
  },
);
