import { expect, test } from 'vitest';
import type { ArrayContents, CompileContents, ModelContents } from '../../../src/formats/contents.ts';
import { readHdf5 } from '../../../src/formats/hdf5/hdf5.ts';
import { groupAt } from '../../../src/formats/hdf5/tree.ts';
import { readKeras, writeKeras } from '../../../src/formats/keras/keras-file.ts';
import { readLegacy, writeLegacy } from '../../../src/formats/keras/legacy-file.ts';
import { readZip } from '../../../src/formats/zip/zip.ts';

const MOMENTS = ['accumulatedGradient', 'momentum', 'velocity', 'velocityHat', 'averageGradient'] as const;
type Moment = (typeof MOMENTS)[number];

/** The number that fills a moment of a weight. */
const numberOf = (moment: Moment, weight: number) => 10 * (1 + MOMENTS.indexOf(moment)) + weight;

/** Three weights, of which the first two have one shape, so that no shape tells a wrong order. */
function contentsWith(name: string, options: CompileContents['optimizer']['options'], moments: readonly Moment[]) {
  const filled = (shape: number[], value: number): ArrayContents => ({
    name: '',
    shape,
    data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value),
  });
  const shapes = [[4, 4], [4, 4], [4]];
  const layer = { type: 'simpleRnn', options: { units: 4, name: 'cell' } };
  const contents: ModelContents = {
    inputShape: [3, 4],
    layers: [layer],
    weights: shapes.map((shape, n) => filled(shape, n)),
    compile: {
      optimizer: { name, options },
      loss: { name: 'meanSquaredError', options: {} },
      metrics: [],
      weightedMetrics: [],
    },
    optimizerState: {
      iterations: 12,
      ...(typeof options.learningRate === 'number' && { learningRate: options.learningRate }),
      moments: Object.fromEntries(
        moments.map((moment) => [moment, shapes.map((shape, n) => filled(shape, numberOf(moment, n)))]),
      ),
    },
  };
  return contents;
}

const only = (files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>) => [...files.values()][0];

/** The first number of each variable, in the order of their numbers. */
async function variablesOf(contents: ModelContents): Promise<number[]> {
  const archive = await readZip('test', only(await writeKeras('test', contents, 'a')));
  const root = await readHdf5('test', archive.get('model.weights.h5')!);
  const { arrays } = groupAt(root, ['optimizer', 'vars'])!;
  return Array.from({ length: arrays.size }, (_, n) => Number(arrays.get(String(n))!.data[0]));
}

const [first, both] = [{ learningRate: 0.5 }, { learningRate: 0.5, gradientAccumulationSteps: 3 }];
const schedule = { kind: 'exponentialDecay', options: { initialLearningRate: 0.5, decaySteps: 7, decayRate: 0.5 } };
const ACCUMULATED = [10, 11, 12];
const ADAM = [20, 30, 21, 31, 22, 32];

// In the order in which the classes of Keras create them: those of the base class, then their own. Of Adam momentum and velocity
// of a weight stand together; the moments of the others, and what amsgrad adds, come one kind after the other.
test.each<[string, CompileContents['optimizer']['options'], Moment[], number[]]>([
  ['sgd', first, [], []],
  ['sgd', { ...first, momentum: 0.9 }, ['momentum'], [20, 21, 22]],
  [
    'sgd',
    { ...both, momentum: 0.9, nesterov: true },
    ['accumulatedGradient', 'momentum'],
    [...ACCUMULATED, 20, 21, 22],
  ],
  ['rmsprop', first, ['velocity'], [30, 31, 32]],
  ['rmsprop', { ...first, momentum: 0.5 }, ['velocity', 'momentum'], [30, 31, 32, 20, 21, 22]],
  ['rmsprop', { ...first, centered: true }, ['velocity', 'averageGradient'], [30, 31, 32, 50, 51, 52]],
  [
    'rmsprop',
    { ...both, centered: true, momentum: 0.5 },
    ['accumulatedGradient', 'velocity', 'momentum', 'averageGradient'],
    [...ACCUMULATED, 30, 31, 32, 20, 21, 22, 50, 51, 52],
  ],
  ['adam', first, ['momentum', 'velocity'], ADAM],
  ['adam', { ...first, amsgrad: true }, ['momentum', 'velocity', 'velocityHat'], [...ADAM, 40, 41, 42]],
  ['adam', both, ['accumulatedGradient', 'momentum', 'velocity'], [...ACCUMULATED, ...ADAM]],
  ['adamw', { ...first, weightDecay: 0.01 }, ['momentum', 'velocity'], ADAM],
])('variables of %s with %j stand in the order of Keras', async (name, options, moments, expected) => {
  const contents = contentsWith(name, options, moments);
  expect(await variablesOf(contents)).toEqual([12, 0.5, ...expected]);
  // A schedule has no variable.
  const scheduled = contentsWith(name, { ...options, learningRate: schedule }, moments);
  expect(await variablesOf(scheduled)).toEqual([12, ...expected]);

  for (const each of [contents, scheduled]) {
    const keras = await readKeras('test', only(await writeKeras('test', each, 'a')));
    const legacy = await readLegacy('test', only(await writeLegacy('test', each, 'a')));
    for (const { optimizerState } of [keras, legacy]) {
      const read = moments.map((moment) => optimizerState!.moments[moment].map(({ data }) => data));
      expect(read).toEqual(moments.map((moment) => each.optimizerState!.moments[moment].map(({ data }) => data)));
      expect(optimizerState).toMatchObject({ iterations: 12 });
      expect(optimizerState!.learningRate).toBe(each.optimizerState!.learningRate);
    }
  }
});
