import * as ort from 'onnxruntime-web';
import { expect, test } from 'vitest';
import type { LayerContents, ModelContents } from '../../../src/formats/contents.ts';
import { readOnnx } from '../../../src/formats/onnx/read-graph.ts';
import { writeOnnx } from '../../../src/formats/onnx/write-graph.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { contentsOf } from '../../reference/drawn-contents.ts';
import { drawModel, type DrawnLayer, type DrawnModel } from '../../reference/drawn-model.ts';
import { drawNumbers, movedAlong } from '../../reference/drawn-numbers.ts';
import { stackOf } from '../../reference/drawn-twin.ts';
import { outputsOf } from './onnx-runtime.ts';
import { weightsOf } from './weights-of.ts';

type Random = ReturnType<typeof rng>;

/** Whether a graph can hold a layer: it has no masks. */
const isWritable = (layer: DrawnLayer) =>
  layer.kind !== 'masking' && !(layer.kind === 'embedding' && layer.options.maskZero);

type Accepts = (model: DrawnModel) => boolean;

/** A drawn model that a graph can hold, and whose outputs the twin gives as they are. */
function drawWritable(random: Random, accepts: Accepts): DrawnModel {
  for (;;) {
    const model = drawModel(random);
    const isPlain = ['meanSquaredError', 'meanAbsoluteError', 'huber'].includes(model.loss);
    if (isPlain && !model.lengths && model.layers.every(isWritable) && accepts(model)) return model;
  }
}

/** A perturbation of about ten float32 roundings of a number of size 1. */
const JITTER = 1e-6;

/**
 * Whether the outputs of every layer are small. Gates without an upper bound let states grow beyond what float32 holds, also where
 * a layer behind them bounds the outputs of the model.
 */
function staysSmall(model: DrawnModel, numbers: ReturnType<typeof drawNumbers>): boolean {
  return model.layers.every((_, last) => {
    const part = stackOf({ ...model, layers: model.layers.slice(0, last + 1) });
    part.setWeights(numbers.weights.slice(0, part.weights.length));
    return part.forward(numbers).values.every((value) => Math.abs(value) < 1e3);
  });
}

/** A model and numbers whose outputs change little if the weights do, so that float32 can come close to float64. */
function drawSmooth(random: Random, accepts: Accepts) {
  for (;;) {
    const model = drawWritable(random, accepts);
    const numbers = drawNumbers(random, model);
    const twin = stackOf(model);
    twin.setWeights(numbers.weights);
    const { values, shape } = twin.forward(numbers);
    const jitter = numbers.weights.map(({ length }) => random.array(length, JITTER));
    twin.setWeights(movedAlong(numbers.weights, jitter, 1));
    const moved = twin.forward(numbers).values;
    const isSmooth = moved.every((value, n) => Math.abs(value - values[n]) <= 1e-5 * (1 + Math.abs(values[n])));
    if (isSmooth && staysSmall(model, numbers)) return { model, numbers, expected: { values, shape } };
  }
}

async function written(contents: ModelContents): Promise<Uint8Array<ArrayBuffer>> {
  return [...(await writeOnnx('saveModel', contents, 'a.onnx')).values()][0];
}

/** Options that a graph does not hold. */
const UNTOLD = ['name', 'zeroOutputForMask', 'unitForgetBias', 'maskZero'];

/** A layer with the options that a graph can tell, without those that are false. */
function told({ type, options }: LayerContents): LayerContents {
  const kept = Object.entries(options).filter(([option, value]) => value !== false && !UNTOLD.includes(option));
  // Windows of one step are the same with any padding.
  const padding = options.kernelSize === 1 ? { padding: 'valid' } : {};
  const layer = options.layer ? { layer: told(options.layer as LayerContents) } : {};
  return { type, options: { ...Object.fromEntries(kept), ...padding, ...layer } };
}

const hasConvolution: Accepts = ({ layers }) =>
  layers.some((layer) => layer.kind === 'conv1d' && layer.options.kernelSize > 1);

test.each([
  ['models', 25, () => true],
  ['models with convolutions', 15, hasConvolution],
])(
  'ONNX Runtime computes of written random %s what the twins compute, and they are read as they were',
  async (...args) => {
    const [, count, accepts] = args;
    const random = rng(randomSeed());
    for (let n = 0; n < count; n++) {
      const { model, numbers, expected } = drawSmooth(random, accepts);
      const contents = contentsOf(model, numbers.weights, random.integer(0, 1) === 0 ? null : model.steps);
      const file = await written(contents);
      const x = model.features === undefined ? BigInt64Array.from(numbers.x, BigInt) : numbers.x;
      const type = model.features === undefined ? 'int64' : 'float32';
      const { output } = await outputsOf(file, { input: new ort.Tensor(type, x, numbers.shape) });
      expect(output.dims).toEqual(expected.shape);
      const what = JSON.stringify(model);
      expectClose(output.data as Float32Array, expected.values, { atol: 2e-5, rtol: 2e-5, what });

      const read = await readOnnx('written', file);
      expect(read.layers.map(told)).toEqual(contents.layers.map(told));
      expect(read.layers.map(({ options }) => options.name)).toEqual(
        contents.layers.map(({ options }) => options.name),
      );
      expect(read.inputShape).toEqual(contents.inputShape);
      expect(weightsOf(read)).toEqual(weightsOf(contents));
    }
  },
);
