import { expect, test } from 'vitest';
import { requestGpu, sequential, trainMany, LstmWebGpuError, adam, lstm } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';
import { anything, ramp } from '../builders/expect-error.ts';
import { lstmAndHead, makeModel } from '../builders/make-model.ts';

const LARGE = 100_000;
const values: [what: string, value: unknown][] = [
  ['a typed array', new Float32Array(LARGE).fill(0.123456)],
  ['a plain array', Array.from({ length: LARGE }, (_, n) => n / 7)],
  ['texts', Array.from({ length: LARGE }, () => 'long'.repeat(9))],
  ['rows', Array.from({ length: LARGE }, (_, n) => [n, n])],
  ['typed rows', Array.from({ length: LARGE / 100 }, () => new Float64Array(100).fill(0.3))],
  ['data without a shape', { data: new Float32Array(LARGE) }],
  ['a long shape', { data: new Float32Array(LARGE), shape: new Float32Array(LARGE).fill(1) }],
  ['a long shape of fractions', { data: new Float32Array(LARGE), shape: new Float32Array(LARGE).fill(0.5) }],
  ['a long text', 'x'.repeat(LARGE)],
  ['an object of many names', Object.fromEntries(Array.from({ length: LARGE }, (_, n) => [`name ${n}`, n]))],
  ['a long name', { ['n'.repeat(LARGE)]: 1 }],
];

test.each(values)('no message lists the contents of %s', async (_what, value) => {
  const model = await makeModel({ inputShape: [3, 2], batchSize: 2, layers: lstmAndHead(2, true) });
  const [x, y] = [ramp(2, 3, 2), ramp(2, 1)];
  const given = anything(value);
  const options = ['batchSize', 'epochs', 'shuffle', 'lengths', 'sampleWeight', 'classWeight', 'initialState'];
  const others = ['validationData', 'validationLengths', 'validationStates', 'resetStates', 'truncate', 'callbacks'];
  const calls: (() => unknown)[] = [
    () => model.fit(given, y),
    () => model.fit(x, given),
    () => model.fit(x, y, given),
    () => model.predict(given),
    () => model.predictOnBatch(given),
    () => model.trainOnBatch(given, y),
    () => model.resetStates(given),
    () => model.setWeights(given),
    () => model.setWeights([given, given, given, given, given] as never),
    () => model.setStates(given),
    () => model.setStates([given, given] as never),
    () => model.getStates(given),
    () => model.compile(given),
    () => model.compile({ optimizer: adam(), loss: given }),
    () => model.compile({ optimizer: adam(), loss: 'mse', metrics: [given] }),
    () => trainMany(given, x, y),
    () => trainMany([model], x, y, { callbacks: given }),
    () => sequential(gpu, given),
    () => sequential(gpu, { inputShape: given, layers: [lstm({ units: 1 })] }),
    () => sequential(gpu, { inputShape: [3, 2], layers: given }),
    () => requestGpu(given),
    () => lstm(given),
    () => lstm({ units: given }),
    () => lstm({ units: 1, kernelInitializer: given }),
    ...[...options, ...others].map((name) => () => model.fit(x, y, { [name]: given })),
  ];
  const errors: unknown[] = [];
  for (const call of calls) {
    try {
      await call();
    } catch (error) {
      errors.push(error);
    }
  }
  expect(errors.length).toBeGreaterThan(calls.length - 8);
  expect(errors.filter((error) => !(error instanceof LstmWebGpuError))).toEqual([]);
  const messages = errors.map((error) => (error as Error).message);
  expect(messages.filter(({ length }) => length > 600).map((message) => message.slice(0, 600))).toEqual([]);
});
