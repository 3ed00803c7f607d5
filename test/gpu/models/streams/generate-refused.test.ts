import { expect, onTestFinished, test } from 'vitest';
import { rebuildModel, snapshotModel } from '../../../../src/formats/index.ts';
import { dense, LimitError, lstm, sequential, sgd, simpleRnn, type GpuArray } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';

/** A model whose outputs can be its inputs, which lives as long as the test. */
async function streaming() {
  const layers = [lstm({ units: 4, stateful: true, returnSequences: true }), dense({ units: 2 })];
  const model = await sequential(gpu, { inputShape: [null, 2], slots: 4, batchSize: 1, seed: 7, layers });
  model.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
  onTestFinished(() => model.dispose());
  return model;
}

const feedback = true;

test('if one stream of generateAll has no output, none of them goes on', async () => {
  const model = await streaming();
  const [one, twin, fresh] = [model.openStream(), model.openStream(), model.openStream()];
  await Promise.all([one, twin].map((stream) => stream.push([0.5, -0.5])));
  const requests = [
    [one, 3, { feedback, from: [0.1, 0.2] }],
    [fresh, 3, { feedback }],
  ] as const;
  await expect(model.generateAll(requests)).rejects.toThrow(/requests\[1\]: nothing was pushed/);
  expect([one.steps, fresh.steps]).toEqual([1, 0]);
  const [actual, expected] = await Promise.all([one, twin].map((stream) => stream.generate(2, { feedback })));
  expect(actual.data).toEqual(expected.data);
  const twice = [
    [fresh, 2, { feedback, from: [1, 1] }],
    [fresh, 3, { feedback }],
  ] as const;
  expect((await model.generateAll(twice)).map(({ shape }) => shape)).toEqual([
    [2, 2],
    [3, 2],
  ]);
  expect(fresh.steps).toBe(6);
});

test('steps that are refused when their turn comes do not count', async () => {
  const model = await streaming();
  const stream = model.openStream({ trace: true });
  await stream.push([1, 2]);
  const evaluated = model.evaluate([[[1, 2]]], [[[1, 2]]]);
  const waiting = [stream.fork(), stream];
  waiting[0].reset();
  const refused = model.generateAll(waiting.map((each) => [each, 5, { feedback }] as const));
  await expect(refused).rejects.toThrow('nothing was pushed');
  await evaluated;
  expect(waiting.map(({ steps }) => steps)).toEqual([1, 1]);
  expect((await stream.inspect())[0].steps!.h.shape).toEqual([1, 4]);
});

test('a stream whose first push was refused still has no output to go on from, and neither has its fork', async () => {
  const model = await streaming();
  const stream = model.openStream();
  const buffer = gpu.device.createBuffer({ size: 8, usage: GPUBufferUsage.COPY_SRC });
  buffer.destroy();
  await expect(stream.push({ buffer, shape: [2] })).rejects.toThrow('buffer cannot be read');
  const fork = stream.fork();
  for (const each of [stream, fork]) {
    await expect(each.generate(3, { feedback })).rejects.toThrow('nothing was pushed');
    expect(each.steps).toBe(0);
  }
  await fork.push([1, 2]);
  expect((await fork.generate(3, { feedback })).shape).toEqual([3, 2]);
  stream.close();
  const other = model.openStream();
  await other.push([1, 2]);
  expect((await other.generate(3, { feedback })).shape).toEqual([3, 2]);
});

test('a buffer is no chunk that can be pushed first', async () => {
  const stream = (await streaming()).openStream();
  const buffer = gpu.device.createBuffer({ size: 8, usage: GPUBufferUsage.COPY_SRC });
  onTestFinished(() => buffer.destroy());
  const from = { buffer, shape: [2] } as GpuArray as unknown as number[];
  await expect(stream.generate(3, { feedback, from })).rejects.toThrow('from is a buffer, expected an array');
  expect(stream.steps).toBe(0);
});

test.each([1e12, 2 ** 32, 2 ** 31, 2 ** 28 + 1])(
  'more results than one call can return are refused: %d steps',
  async (steps) => {
    const model = await streaming();
    const stream = model.openStream();
    const from = [1, 2];
    for (const generated of [
      stream.generate(steps, { feedback, from }),
      model.generateAll([[stream, steps, { feedback, from }]]),
    ]) {
      await expect(generated).rejects.toThrow(LimitError);
      await expect(generated).rejects.toThrow(
        /steps is \d+, expected at most 268435456, whose results, of 8 bytes a step/,
      );
    }
    expect(stream.steps).toBe(0);
    expect((await stream.save()).states.every(({ data }) => data.every((value) => value === 0))).toBe(true);
  },
);

// Inside a workgroup, and layer by layer.
test.each(['auto', 'layered'] as const)(
  'steps that a signal leaves out do not count once the promise has been rejected, %s',
  async (schedule) => {
    // h counts the steps, since it grows by one with each.
    const model = await sequential(gpu, {
      inputShape: [null, 1],
      slots: 2,
      batchSize: 1,
      schedule,
      layers: [simpleRnn({ units: 1, activation: 'linear', stateful: true, returnSequences: true })],
      weights: [{ data: [0], shape: [1, 1] }, { data: [1], shape: [1, 1] }, [1]],
    });
    onTestFinished(() => model.dispose());
    const stream = model.openStream();
    await stream.push(0);
    const saved = await snapshotModel(model);
    const STEPS = 1_000_000;
    const aborted = async (delay: (abort: () => void) => unknown, from?: number) => {
      const controller = new AbortController();
      const generated = stream.generate(STEPS, { feedback, from, signal: controller.signal });
      delay(() => controller.abort(new Error('enough')));
      await expect(generated).rejects.toThrow('enough');
      return [stream.steps, (await stream.save()).states[0].data[0]];
    };
    // Under way, at once, and behind an evaluation that has the turn.
    const [steps, made] = await aborted((abort) => setTimeout(abort, 60), 0);
    expect(steps).toBe(made);
    expect(steps).toBeLessThan(STEPS);
    expect(await aborted((abort) => abort())).toEqual([made, made]);
    const evaluated = model.predict([[[1]]]);
    expect(await aborted((abort) => abort(), 0)).toEqual([made + 1, made + 1]);
    await evaluated;
    expect((await stream.save()).steps).toBe(made + 1);
    const { model: again, notSaved } = await rebuildModel(gpu, saved, { lost: model });
    onTestFinished(() => again.dispose());
    expect(notSaved!.streams).toMatchObject([{ steps: made }]);
  },
);
