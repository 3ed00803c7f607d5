import { describe, expect, onTestFinished, test } from 'vitest';
import { dense, embedding, lastStep, sequential, sgd } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';

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
});
