import { onTestFinished } from 'vitest';
import {
  binaryCrossentropy,
  categoricalCrossentropy,
  dense,
  huber,
  masking,
  sequential,
  sparseCategoricalCrossentropy,
  type CompileOptions,
  type DenseOptions,
} from '../../../../src/index.ts';
import { randomSeed, rng, SETTLED_SEED } from '../../../harness/random.ts';
import {
  positionLosses,
  predictionOf,
  type PositionLoss,
  type PositionLossName,
} from '../../../reference/position-losses.ts';
import { gpu } from '../../gpu.ts';
import { array } from './make-model.ts';

export const [SAMPLES, STEPS, FEATURES, UNITS] = [5, 4, 3, 3];

interface Case {
  loss: CompileOptions['loss'];
  activation?: 'sigmoid' | 'softmax';
  /** The twin, of the values before the activation or, with `behind`, of those behind it. */
  twin: PositionLossName;
  behind?: boolean;
  targets: 'bits' | 'shares' | 'classes' | 'numbers';
}

export const cases: Record<string, Case> = {
  'binary cross-entropy behind a sigmoid': {
    loss: 'binaryCrossentropy',
    activation: 'sigmoid',
    twin: 'binaryCrossentropy from logits',
    targets: 'bits',
  },
  'binary cross-entropy, clipped': {
    loss: binaryCrossentropy({ clipped: true }),
    activation: 'sigmoid',
    twin: 'binaryCrossentropy',
    behind: true,
    targets: 'bits',
  },
  'binary cross-entropy of logits, smoothed': {
    loss: binaryCrossentropy({ fromLogits: true, labelSmoothing: 0.1 }),
    twin: 'binaryCrossentropy from logits, smoothed',
    targets: 'bits',
  },
  'categorical cross-entropy behind a softmax': {
    loss: 'categoricalCrossentropy',
    activation: 'softmax',
    twin: 'categoricalCrossentropy from logits',
    targets: 'shares',
  },
  'categorical cross-entropy, clipped': {
    loss: categoricalCrossentropy({ clipped: true }),
    activation: 'softmax',
    twin: 'categoricalCrossentropy',
    behind: true,
    targets: 'shares',
  },
  'sparse categorical cross-entropy behind a softmax': {
    loss: 'sparseCategoricalCrossentropy',
    activation: 'softmax',
    twin: 'sparseCategoricalCrossentropy from logits',
    targets: 'classes',
  },
  'sparse categorical cross-entropy of logits': {
    loss: sparseCategoricalCrossentropy({ fromLogits: true }),
    twin: 'sparseCategoricalCrossentropy from logits',
    targets: 'classes',
  },
  'mean squared error behind a softmax': {
    loss: 'meanSquaredError',
    activation: 'softmax',
    twin: 'meanSquaredError',
    behind: true,
    targets: 'numbers',
  },
  'mean absolute error': { loss: 'meanAbsoluteError', twin: 'meanAbsoluteError', targets: 'numbers' },
  'Huber with delta 1': { loss: huber(), twin: 'huber', targets: 'numbers' },
  'Huber with delta 0.5': { loss: huber({ delta: 0.5 }), twin: 'huber, delta 0.5', targets: 'numbers' },
  'Huber with delta 2': { loss: huber({ delta: 2 }), twin: 'huber, delta 2', targets: 'numbers' },
};

export type Weighting = 'none' | 'a weight a sample' | 'a weight a step' | 'masked' | 'masked and weighted';
export const weightings: Weighting[] = [
  'none',
  'a weight a sample',
  'a weight a step',
  'masked',
  'masked and weighted',
];

/** A dense layer at every step, its data, its weights, and what its loss is in float64. */
export async function setUp(
  { activation, twin, behind, targets }: Case,
  weighting: Weighting,
  rules: Partial<DenseOptions> = {},
) {
  // Absolute values bend where they are right, and so do counts of right answers, of which two could be alike.
  const bends = twin === 'meanAbsoluteError' || targets === 'shares' || targets === 'classes';
  const random = rng(bends ? SETTLED_SEED : randomSeed());
  const isMasked = weighting.startsWith('masked');
  const model = await sequential(gpu, {
    inputShape: [STEPS, FEATURES],
    layers: [...(isMasked ? [masking({ maskValue: 0 })] : []), dense({ units: UNITS, activation, ...rules })],
  });
  onTestFinished(() => model.dispose());
  const places = SAMPLES * STEPS;
  const x = random.array(places * FEATURES, 1);
  // One step counts at the least.
  const mask = Array.from({ length: places }, (_, place) => (isMasked && place > 0 ? random.integer(0, 1) : 1));
  mask.forEach((valid, place) => valid || x.fill(0, place * FEATURES, (place + 1) * FEATURES));

  const row = (): number[] => {
    if (targets === 'classes') return [random.integer(0, UNITS - 1)];
    if (targets === 'bits') return Array.from({ length: UNITS }, () => random.integer(0, 1));
    const numbers = Array.from({ length: UNITS }, () => random.uniform(0, 1));
    const sum = numbers.reduce((total, value) => total + value, 0);
    return targets === 'shares' ? numbers.map((value) => Math.fround(value / sum)) : numbers.map(Math.fround);
  };
  const y = Array.from({ length: places }, row);

  const perSample = weighting === 'a weight a sample' || weighting === 'masked and weighted';
  const given = perSample
    ? random.array(SAMPLES, 1).map(Math.abs)
    : weighting === 'a weight a step'
      ? random.array(places, 1).map(Math.abs)
      : undefined;
  const sampleWeight = given && array(given, perSample ? [SAMPLES] : [SAMPLES, STEPS]);
  const weightOf = (place: number) => mask[place] * (given ? given[perSample ? Math.floor(place / STEPS) : place] : 1);
  const valid = mask.reduce((sum, value) => sum + value, 0);

  const weights = [random.array(FEATURES * UNITS, 1), random.array(UNITS, 1)];
  const [kernel, bias] = weights.map((data) => Float64Array.from(data));
  model.setWeights([array(weights[0], [FEATURES, UNITS]), array(weights[1], [UNITS])]);

  const loss: PositionLoss = positionLosses[twin];
  const outputs = (place: number): { z: number[]; p: number[] } => {
    const z = Array.from({ length: UNITS }, (_, unit) => {
      let sum = bias[unit];
      for (let k = 0; k < FEATURES; k++) sum += x[place * FEATURES + k] * kernel[k * UNITS + unit];
      return sum;
    });
    return { z, p: activation ? predictionOf[activation](z) : z };
  };
  const totalLoss = () => {
    let sum = 0;
    for (let place = 0; place < places; place++) {
      const { z, p } = outputs(place);
      sum += weightOf(place) * loss.value(behind ? p : z, y[place]);
    }
    return (sum / places) * (places / valid);
  };
  return {
    model,
    x: array(x, [SAMPLES, STEPS, FEATURES]),
    y,
    sampleWeight,
    kernel,
    bias,
    totalLoss,
    outputs,
    weightOf,
    mask,
  };
}

export const shapeOf = ({ targets }: Case) => (targets === 'classes' ? [SAMPLES, STEPS] : [SAMPLES, STEPS, UNITS]);
export const close = {
  atol: 3e-6,
  rtol: 1e-5,
  reason: 'float32 throughout, and differences of weights rounded to 1e-7',
};
