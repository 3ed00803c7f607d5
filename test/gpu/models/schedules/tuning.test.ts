import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { dense, lstm, requestGpu, sequential, sgd, type Gpu, type SequentialOptions } from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { countGpuCalls } from '../../count-calls.ts';
import { gpu as shared } from '../../gpu.ts';
import { array, weightsOf } from '../builders/make-model.ts';

// Just enough work to be worth measuring.
const [ROWS, STEPS, FEATURES, UNITS] = [8, 30, 3, 80];

/** Those of all tests so far: their kernels must not be collected, since a device compiles none twice that it still has. */
const opened: Gpu[] = [];
afterAll(() => void opened.splice(0));

/** A GPU that has measured nothing yet, on the device of the other tests unless it opens its own. */
async function openGpu(tuning: 'remembered' | 'session' | 'off', opensDevice = false): Promise<Gpu> {
  const gpu = await requestGpu({ tuning, device: opensDevice ? undefined : shared.device });
  opened.push(gpu);
  onTestFinished(() => gpu.dispose());
  return gpu;
}

/** Two layers that are alike, where others are tested with one: each candidate of each takes a moment to compile. */
const stack = () => [lstm({ units: UNITS, returnSequences: true }), lstm({ units: UNITS }), dense({ units: 1 })];

async function makeModel(gpu: Gpu, options: Partial<SequentialOptions> = {}) {
  const layers = [lstm({ units: UNITS }), dense({ units: 1 })];
  const shape = { inputShape: [STEPS, FEATURES], schedule: 'layered' } as const;
  const model = await sequential(gpu, { ...shape, layers, seed: 3, ...options });
  onTestFinished(() => model.dispose());
  model.compile({ optimizer: sgd(), loss: 'meanSquaredError' });
  return model;
}

function makeData() {
  const random = rng(randomSeed());
  const samples = 2 * ROWS + 1;
  return [
    array(random.array(samples * STEPS * FEATURES, 1), [samples, STEPS, FEATURES]),
    array(random.array(samples, 1), [samples, 1]),
  ] as const;
}

const fit = { batchSize: ROWS, shuffle: false } as const;

async function forgetResults(): Promise<void> {
  await new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase('lstm-webgpu');
    request.onsuccess = resolve;
    request.onerror = () => reject(request.error as Error);
  });
}

describe('the fastest candidate', () => {
  test('is measured when work is met for the first time, once for layers alike, and told by explain()', async () => {
    const gpu = await openGpu('session');
    const model = await makeModel(gpu, { layers: stack() });
    expect(model.explain()).toEqual([]);
    const data = makeData();
    await model.fit(...data, fit);
    const loops = model.explain().filter(({ part }) => part === 'time loop');
    const described = loops.map(({ mode, batchSize, steps, layer }) => ({ mode, batchSize, steps, layer }));
    expect(described).toEqual([
      { mode: 'train', batchSize: ROWS, steps: STEPS, layer: 'lstm' },
      { mode: 'train', batchSize: ROWS, steps: STEPS, layer: 'lstm_1' },
    ]);
    for (const { decision, why } of loops) {
      expect(why).toMatch(/^measured: (\w+, (8 rows|a row), \d+ threads( in quads)?: \d\S* ms(; )?){2,}$/);
      expect(why).toContain(decision);
    }

    const calls = countGpuCalls();
    await model.fit(...data, fit);
    expect(calls().createComputePipelineAsync).toBe(0);
    const twin = await makeModel(gpu, { layers: stack() });
    await twin.fit(...data, fit);
    expect(twin.explain()).toEqual(model.explain());
  });

  test('is remembered by the browser, for the next GPU of the same adapter', async () => {
    await forgetResults();
    const data = makeData();
    const first = await makeModel(await openGpu('remembered', true));
    await first.predict(data[0], { batchSize: ROWS });
    const second = await makeModel(await openGpu('remembered', true));
    await second.predict(data[0], { batchSize: ROWS });
    const decisions = (model: typeof first) =>
      model.explain().map(({ layer, part, decision }) => ({ layer, part, decision }));
    expect(decisions(second)).toEqual(decisions(first));
    const whys = second.explain().filter(({ part }) => part === 'time loop');
    expect(whys.map(({ why }) => why)).toEqual(['fastest when it was measured before']);
    await forgetResults();
  });

  test('is left to the rule where tuning is off, and where there is little to do', async () => {
    const data = makeData();
    const off = await makeModel(await openGpu('off'));
    await off.evaluate(...data, { batchSize: ROWS });
    const offs = off.explain().filter(({ part }) => part === 'time loop');
    expect(offs.map(({ why }) => why)).toEqual(['by rule: tuning is off']);

    const small = await makeModel(await openGpu('session'), { layers: [lstm({ units: 4 }), dense({ units: 1 })] });
    await small.predict(data[0], { batchSize: ROWS });
    expect(small.explain()[0].why).toBe('by rule: too little work to measure');
  });

  test('is known before the program has memory, and changes results by roundings alone', async () => {
    const data = makeData();
    const gpu = await openGpu('session');
    const [tuned, byRule] = [await makeModel(gpu), await makeModel(await openGpu('off'))];
    const { history: expectedHistory } = await byRule.fit(...data, fit);
    const create = vi.spyOn(gpu.device, 'createBuffer');
    const { history } = await tuned.fit(...data, fit);
    const close = { atol: 1e-5, rtol: 1e-5, reason: 'the same sums in another order, over three updates of 30 steps' };
    expectClose(history.loss, expectedHistory.loss, { ...close, what: 'loss' });
    const [actual, expected] = await Promise.all([weightsOf(tuned), weightsOf(byRule)]);
    actual.forEach((weight, n) => expectClose(weight, expected[n], { ...close, what: `weight ${n}` }));

    // Memory is taken once, after the candidates were measured.
    const labels = create.mock.calls.map(([{ label = '' }]) => label);
    const [measured, made] = ['benchmark', 'batch input'].map((start) =>
      labels.findIndex((label) => label.startsWith(start)),
    );
    expect(measured).toBeGreaterThanOrEqual(0);
    expect(made).toBeGreaterThan(measured);
    expect(labels.filter((label) => label === 'batch input')).toHaveLength(1);
  });

  test('is measured for a stack of layers too: one after the other, or together', async () => {
    const data = makeData();
    const model = await makeModel(await openGpu('session'), { layers: stack(), schedule: 'auto' });
    await model.fit(...data, fit);
    const [{ layer, why }] = model.explain().filter(({ part }) => part === 'time loops');
    expect(layer).toBe('lstm … lstm_1');
    expect(why).toMatch(/^measured: layer by layer: \d.* ms; wavefront: \d.* ms$/);
    const twin = await makeModel(await openGpu('off'), { layers: stack() });
    await twin.fit(...data, fit);
    const [actual, expected] = await Promise.all([weightsOf(model), weightsOf(twin)]);
    const close = { atol: 1e-5, rtol: 1e-5, reason: 'the same sums in another order, over three updates of 30 steps' };
    actual.forEach((weight, n) => expectClose(weight, expected[n], { ...close, what: `weight ${n}` }));
  });

  test('is not looked for during a fit: an evaluate in its callback takes what is known', async () => {
    const data = makeData();
    const model = await makeModel(await openGpu('session'));
    let seen: string[] = [];
    const look = async () => {
      await model.evaluate(...data, { batchSize: ROWS + 1 });
      seen = model.explain().flatMap(({ mode, part, why }) => (mode === 'test' && part === 'time loop' ? [why] : []));
    };
    await model.fit(...data, { ...fit, epochs: 2, callbacks: [{ onEpochEnd: look }] });
    expect(seen).toEqual(['by rule: not measured yet']);
  });
});

describe('a clock that cannot time anything leaves results as they are', () => {
  /** Replaces `performance.now` until the test ends. */
  function setClock(read: (real: number) => number): void {
    const now = performance.now.bind(performance);
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => read(now()));
    onTestFinished(() => spy.mockRestore());
  }
  const TICK = 1000 / 60;

  test.each([
    ['stands still', () => 1234],
    ['moves in ticks of 16.67 ms', (real: number) => Math.floor(real / TICK) * TICK],
  ])('one that %s', async (_how, read) => {
    const [x] = makeData();
    const byRule = await makeModel(await openGpu('off'));
    const expected = await byRule.predict(x, { batchSize: ROWS });
    setClock(read);
    const model = await makeModel(await openGpu('session'));
    const { data } = await model.predict(x, { batchSize: ROWS });
    const close = { atol: 1e-5, rtol: 1e-5, reason: 'the same sums in another order, over 30 steps' };
    expectClose(data, expected.data, { ...close, what: 'outputs' });
  });

  test('by one that stands still nothing is timed, and nothing remembered', async () => {
    await forgetResults();
    setClock(() => 1234);
    const data = makeData();
    const model = await makeModel(await openGpu('remembered'));
    await model.predict(data[0], { batchSize: ROWS });
    const whys = model.explain().flatMap(({ part, why }) => (part === 'time loop' ? [why] : []));
    expect(whys).toEqual(['by rule: the clock is too coarse to measure']);
    const next = await makeModel(await openGpu('remembered'));
    await next.predictOnBatch(array(data[0].data.slice(0, ROWS * STEPS * FEATURES), [ROWS, STEPS, FEATURES]));
    const known = next.explain().flatMap(({ part, why }) => (part === 'time loop' ? [why] : []));
    expect(known).toEqual(['by rule: not measured yet']);
    await forgetResults();
  });
});

test('storage that never answers holds requestGpu up for a second at the most, and no predict', async () => {
  const open = vi.spyOn(indexedDB, 'open').mockImplementation(() => ({}) as IDBOpenDBRequest);
  onTestFinished(() => open.mockRestore());
  const start = performance.now();
  const gpu = await openGpu('remembered');
  expect(performance.now() - start).toBeLessThan(2500);
  const model = await makeModel(gpu);
  expect((await model.predict(makeData()[0], { batchSize: ROWS })).shape[1]).toBe(1);
  expect(open).toHaveBeenCalled();
});

test('an unknown kind of tuning is refused', async () => {
  await expect(requestGpu({ tuning: 'always' as 'off' })).rejects.toThrow(
    'requestGpu: tuning is "always", expected one of "remembered", "session", "off".',
  );
});
