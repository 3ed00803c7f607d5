import { describe, expect, onTestFinished, test } from 'vitest';
import { dense, embedding, lastStep, lstm, sequential, sgd, ShapeError, ValueError } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';
import { expectError } from '../builders/expect-error.ts';
import { array, weightsOf } from '../builders/make-model.ts';

async function build(inputDim = 5, outputDim = 2) {
  const layers = [embedding({ inputDim, outputDim }), lastStep(), dense({ units: 1 })];
  const model = await sequential(gpu, { inputShape: [3], layers, seed: 3 });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
  return model;
}

const good = [
  [0, 1, 2],
  [3, 4, 4],
];

describe('embedding', () => {
  test('begins with small uniform numbers', async () => {
    const layers = [embedding({ inputDim: 100, outputDim: 50 })];
    const model = await sequential(gpu, { inputShape: [3], layers });
    onTestFinished(() => model.dispose());
    const [{ name, shape, data }] = await model.getWeights();
    expect(name).toBe('embedding/embeddings');
    expect(shape).toEqual([100, 50]);
    const [least, greatest] = [Math.min(...data), Math.max(...data)];
    // 5000 numbers leave a gap of a hundredth of the range at an end once in 1e21.
    expect(least).toBeGreaterThanOrEqual(-0.05);
    expect(least).toBeLessThan(-0.049);
    expect(greatest).toBeLessThanOrEqual(0.05);
    expect(greatest).toBeGreaterThan(0.049);
  });

  test('begins as asked for', async () => {
    const layers = [embedding({ inputDim: 3, outputDim: 2, embeddingsInitializer: 'ones' })];
    const model = await sequential(gpu, { inputShape: [3], layers });
    onTestFinished(() => model.dispose());
    expect((await model.getWeights())[0].data).toEqual(new Float32Array(6).fill(1));
  });

  test.each([
    { wrong: 5, place: '[1, 2]' },
    { wrong: -1, place: '[1, 2]' },
    { wrong: 0.5, place: '[1, 2]' },
  ])('refuses the index $wrong, wherever it is given', async ({ wrong, place }) => {
    const model = await build();
    const bad = [good[0], [3, 4, wrong]];
    const y = [[0], [1]];
    const before = await model.getWeights();
    const message = `holds ${wrong} at ${place}, expected whole numbers from 0 to 4`;
    await expect(model.fit(bad, y)).rejects.toThrow(message);
    await expect(model.fit(good, y, { validationData: [bad, y] })).rejects.toThrow(message);
    await expect(model.trainOnBatch(bad, y)).rejects.toThrow(message);
    await expect(model.evaluate(bad, y)).rejects.toThrow(message);
    await expect(model.predict(bad)).rejects.toThrow(message);
    await expect((async () => model.predictOnBatch(bad))()).rejects.toThrow(message);
    expect(await model.getWeights()).toEqual(before);
    await expect(model.fit(good, y)).resolves.toBeDefined();
  });

  test.each([
    ['a small table', 5, 2],
    // So large that an invocation owns several columns, and not all owners as many.
    ['a large one', 3000, 5],
  ])('leaves the vectors of indices it did not see, of %s', async (_what, inputDim, outputDim) => {
    const model = await build(inputDim, outputDim);
    const [before] = await model.getWeights();
    await model.trainOnBatch([[0, 3, 1]], [[1]]);
    const [after] = await model.getWeights();
    const moved = Array.from(after.data.keys()).filter((n) => after.data[n] !== before.data[n]);
    // Only the last step is taken.
    expect(moved).toEqual(Array.from({ length: outputDim }, (_, column) => outputDim + column));
  });

  test('lengths of its sequences do what maskZero does', async () => {
    const random = rng(randomSeed());
    const lengths = [4, 1, 0, 3, 2];
    const x = lengths.flatMap((length) => [0, 1, 2, 3].map((step) => (step < length ? random.integer(1, 8) : 0)));
    const y = random.array(lengths.length * 4 * 2, 1);
    const data = [array(x, [lengths.length, 4]), array(y, [lengths.length, 4, 2])] as const;
    const make = async (maskZero: boolean) => {
      const layers = [
        embedding({ inputDim: 9, outputDim: 3, maskZero }),
        lstm({ units: 5, returnSequences: true }),
        dense({ units: 2 }),
      ];
      const model = await sequential(gpu, { inputShape: [null], layers, seed: 3 });
      onTestFinished(() => model.dispose());
      model.compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'meanSquaredError' });
      return model;
    };
    const [told, masked, ignorant] = [await make(false), await make(true), await make(false)];
    const options = { batchSize: 2, epochs: 2, shuffle: false } as const;
    const { history } = await told.fit(...data, { ...options, lengths });
    expect(history).toEqual((await masked.fit(...data, options)).history);
    expect(history).not.toEqual((await ignorant.fit(...data, options)).history);
    expect(await weightsOf(told)).toEqual(await weightsOf(masked));
    expect((await told.predictOnBatch(data[0], { lengths })).data).toEqual((await masked.predict(data[0])).data);
    await expectError(() => masked.predict(data[0], { lengths }), ValueError, ['embedding finds it out by itself']);
  });

  test('errors speak of its steps', async () => {
    const fixed = await build();
    await expectError(() => fixed.predict({ data: [3], shape: [1, 1] }), ShapeError, [
      'model.predict: x has shape [1, 1], expected [samples, timesteps = 3]',
      'inputShape: [null]',
    ]);
    const layers = [embedding({ inputDim: 5, outputDim: 2 })];
    const free = await sequential(gpu, { inputShape: [null], layers });
    onTestFinished(() => free.dispose());
    await expectError(() => free.predict([3, 1, 2]), ShapeError, ['For one sample, give shape [1, 3]']);
    expect(await fixed.predict([3, 1, 2])).toEqual(await fixed.predict([[3, 1, 2]]));
  });
});
