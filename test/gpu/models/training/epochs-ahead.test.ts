import { describe, expect, test, vi } from 'vitest';
import type { Callback, FitOptions } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { countGpuCalls } from '../../count-calls.ts';
import { lstmAndHead, makeModel, makeSamples, weightsOf, type ModelSpec } from '../builders/make-model.ts';

const INPUT = [3, 2] as const;
const stateless: ModelSpec = { inputShape: INPUT, layers: lstmAndHead(4, false) };
const stateful: ModelSpec = { inputShape: INPUT, layers: lstmAndHead(4, true), batchSize: 2 };
const adam = { kind: 'adam', learningRate: 0.02 } as const;
const data = (count = 8) => makeSamples(rng(randomSeed()), { inputShape: INPUT }, count);

describe('epochs that nobody looks at', () => {
  const cases: [what: string, spec: ModelSpec, options: FitOptions, isValidated?: boolean][] = [
    ['shuffled, layer by layer', stateless, { batchSize: 3 }],
    ['shuffled, in one workgroup', { ...stateless, optimizer: adam }, { batchSize: 3 }],
    ['with resets and validation', { ...stateful, optimizer: adam }, { resetStates: 'epoch' }, true],
    ['with states that validation carries on', stateful, { validationStates: 'carry' }, true],
  ];
  test.each(cases)('give the same history, weights and states as if each were looked at: %s', async (...args) => {
    const [, spec, options, isValidated = false] = args;
    const { x, y } = data();
    const validation = data(5);
    const validationData = isValidated ? ([validation.x, validation.y] as const) : undefined;
    const results = await Promise.all(
      [[], [{ onEpochEnd() {} }] satisfies Callback[]].map(async (callbacks) => {
        const model = await makeModel(spec);
        const { epoch, history } = await model.fit(x, y, { ...options, validationData, epochs: 12, callbacks });
        const states = spec.batchSize === undefined ? [] : await model.getStates();
        return { epoch, history, weights: await weightsOf(model), states };
      }),
    );
    expect(results[0].epoch).toEqual(Array.from({ length: 12 }, (_, epoch) => epoch));
    expect(results[0]).toEqual(results[1]);
  });

  test.each([{}, { onProgress: () => {} }, { callbacks: [{ onEpochBegin() {}, onBatchEnd() {} }] }])(
    'share submits and readbacks, with %o',
    async (options: FitOptions) => {
      const [EPOCHS, SAMPLES] = [400, 8];
      const model = await makeModel({ ...stateless, optimizer: adam });
      const { x, y } = data(SAMPLES);
      await model.fit(x, y, { batchSize: 1, ...options });
      const calls = countGpuCalls();
      await model.fit(x, y, { batchSize: 1, epochs: EPOCHS, ...options });
      const { mapAsync, submit } = calls();
      // Submits take about 30 ms and readbacks come a few times a second: on a slow machine both become more.
      expect(mapAsync).toBeLessThan(EPOCHS / 20);
      expect(submit).toBeLessThan((EPOCHS * SAMPLES) / 16);
    },
  );

  test('are read before the journal overwrites their updates', async () => {
    const [EPOCHS, SAMPLES] = [4200, 8];
    const model = await makeModel({ ...stateless, optimizer: { kind: 'adam', learningRate: 0 } });
    const { x, y } = data(SAMPLES);
    const options = { batchSize: 1, shuffle: false };
    const once = await model.fit(x, y, options);
    // No time passes, so that no report of progress is due.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now());
    const calls = countGpuCalls();
    const { epoch, history } = await model.fit(x, y, { ...options, epochs: EPOCHS });
    expect(epoch).toEqual(Array.from({ length: EPOCHS }, (_, index) => index));
    // Without learning, the means of all epochs are the same.
    expect(history.loss).toEqual(Array(EPOCHS).fill(once.history.loss[0]));
    // The journal has room for fewer updates than these, and is read whenever half of it is full.
    expect(calls().mapAsync).toBeGreaterThan(1);
    expect(calls().mapAsync).toBeLessThan(6);
  });

  test('end soon after stopTraining is set from outside', async () => {
    const model = await makeModel({ ...stateless, optimizer: adam });
    const { x, y } = data();
    const EPOCHS = 10_000_000;
    const onTrainBegin = () => void setTimeout(() => (model.stopTraining = true), 100);
    const { epoch, history } = await model.fit(x, y, { batchSize: 2, epochs: EPOCHS, callbacks: [{ onTrainBegin }] });
    expect(epoch.length).toBeGreaterThan(0);
    expect(epoch.length).toBeLessThan(EPOCHS);
    expect(history.loss).toHaveLength(epoch.length);
    expect(history.loss.every(Number.isFinite)).toBe(true);
  });
});
