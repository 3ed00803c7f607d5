import type { ArrayContents, LayerContents, ModelContents, ScheduleContents } from '../../../src/formats/contents.ts';
import { outputShape } from '../../../src/formats/keras/config/shapes.ts';
import { weightParts } from '../../../src/formats/weight-parts.ts';
import type { SampleShape } from '../../../src/index.ts';
import type { rng } from '../../harness/random.ts';

type Random = ReturnType<typeof rng>;

const pick = <T>(random: Random, values: readonly T[]): T => values[random.integer(0, values.length - 1)];

/** Random contents of a model that Keras can hold, with what it was compiled with and the state of its optimizer. */
export function drawContents(random: Random): ModelContents {
  const first = drawFirst(random);
  const inputShape: SampleShape = first[0]?.type === 'embedding' ? [6] : [6, 3];
  const layers = [...first, ...drawOthers(random)].map(({ type, options }, n) => ({
    type,
    options: { ...options, name: `l${n}` },
  }));
  let shape = inputShape;
  const weights = layers.flatMap((layer) => {
    const parts = weightParts(layer, shape.at(-1)!);
    shape = outputShape(layer, shape);
    return parts.map((part) => drawArray(random, part.shape));
  });
  const optimizer = drawOptimizer(random);
  const moments = momentsOf(optimizer).map((name) => {
    const isStored =
      name !== 'momentum' || optimizer.options.momentum !== undefined || optimizer.name.startsWith('adam');
    return [name, weights.map((w) => (isStored ? drawArray(random, w.shape) : { ...w, data: w.data.map(() => 0) }))];
  });
  return {
    inputShape,
    batchSize: 2,
    slots: { initial: 3, max: 9 },
    layers,
    weights,
    compile: { optimizer, loss: { name: 'meanSquaredError', options: {} }, metrics: ['mae'], weightedMetrics: [] },
    optimizerState: {
      iterations: random.integer(1, 1_000_000),
      ...(typeof optimizer.options.learningRate === 'number' && { learningRate: optimizer.options.learningRate }),
      moments: Object.fromEntries(moments),
    },
    randomState: { shuffle: [1, 2, 3, random.integer(0, 1000)], dropout: [5, 6, 7, 2 ** 32 - 1] },
    states: [{ name: 'l0/h', shape: [2, 4], data: drawArray(random, [2, 4]).data }],
    position: { epoch: 3, batch: 5 },
  };
}

function drawArray(random: Random, shape: readonly number[]): ArrayContents {
  const size = shape.reduce((product, length) => product * length, 1);
  return { name: '', shape, data: Float32Array.from({ length: size }, () => random.integer(-1e6, 1e6) / 1e6) };
}

/** A layer that a model can begin with, or none. */
function drawFirst(random: Random): LayerContents[] {
  return pick<LayerContents[]>(random, [
    [],
    [{ type: 'masking', options: {} }],
    [{ type: 'conv1d', options: { filters: 3, kernelSize: 2 } }],
    [{ type: 'dense', options: { units: 4, activation: 'relu' } }],
    [{ type: 'embedding', options: { inputDim: 5, outputDim: 2, maskZero: true } }],
  ]);
}

function drawOthers(random: Random): LayerContents[] {
  const recurrent = (options: object): LayerContents => ({
    type: pick(random, ['lstm', 'gru', 'simpleRnn']),
    options: { units: random.integer(1, 4), ...options, ...pick(random, [{}, { useBias: false }, { dropout: 0.25 }]) },
  });
  const sequence = { returnSequences: true };
  const middle = pick<LayerContents[]>(random, [
    [recurrent(sequence)],
    [{ type: 'bidirectional', options: { layer: recurrent(sequence) } }],
    [{ type: 'bidirectional', options: { mergeMode: 'sum', layer: recurrent(sequence) } }],
    [{ type: 'gru', options: { units: 2, resetAfter: false, ...sequence } }],
    [{ type: 'dropout', options: { rate: 0.5, seed: 7 } }],
  ]);
  const last = pick<LayerContents[]>(random, [
    [recurrent({ stateful: true })],
    [recurrent(sequence), { type: 'lastStep', options: {} }],
    [recurrent({ goBackwards: true })],
  ]);
  return [...middle, ...last, { type: 'dense', options: { units: 1, activation: 'sigmoid' } }];
}

/** A rate, or a schedule of rates. */
function drawRate(random: Random): number | ScheduleContents {
  const rate = random.integer(1, 1_000_000) / 1e8;
  return pick<number | ScheduleContents>(random, [
    rate,
    rate,
    {
      kind: 'exponentialDecay',
      options: { initialLearningRate: rate, decaySteps: 7, decayRate: 0.5, staircase: true },
    },
    { kind: 'cosineDecay', options: { initialLearningRate: rate, decaySteps: 9, warmupTarget: 0.5, warmupSteps: 3 } },
    { kind: 'piecewiseConstantDecay', options: { boundaries: [3, 7], values: [0.5, rate, 0.125] } },
  ]);
}

function drawOptimizer(random: Random): NonNullable<ModelContents['compile']>['optimizer'] {
  const learningRate = drawRate(random);
  const own = pick<{ name: string; options: Record<string, unknown> }>(random, [
    { name: 'adam', options: {} },
    { name: 'adam', options: { amsgrad: true, gradientAccumulationSteps: 3 } },
    { name: 'adamw', options: { weightDecay: 0.01 } },
    { name: 'rmsprop', options: {} },
    { name: 'rmsprop', options: { momentum: 0.5, centered: true } },
    { name: 'sgd', options: {} },
    { name: 'sgd', options: { momentum: 0.9, nesterov: true } },
  ]);
  return { name: own.name, options: { ...own.options, learningRate } };
}

function momentsOf({ name, options }: { name: string; options: Record<string, unknown> }): string[] {
  const accumulated = options.gradientAccumulationSteps ? ['accumulatedGradient'] : [];
  if (name === 'sgd') return ['momentum', ...accumulated];
  if (name === 'rmsprop') return ['velocity', 'momentum', ...(options.centered ? ['averageGradient'] : [])];
  return ['momentum', 'velocity', ...(options.amsgrad ? ['velocityHat'] : []), ...accumulated];
}
