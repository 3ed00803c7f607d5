import { describe, expect, onTestFinished, test } from 'vitest';
import {
  dense,
  gru,
  lstm,
  masking,
  sequential,
  simpleRnn,
  type InspectedLayer,
  type LayerDefinition,
  type Stream,
} from '../../../../src/index.ts';
import { expectClose, expectSame } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import type { RecurrentSpec } from '../../../reference/cells.ts';
import { layerSteps, type TwinSteps } from '../../../reference/layer-steps.ts';
import { countDispatches, countGpuCalls } from '../../count-calls.ts';
import { gpu } from '../../gpu.ts';
import { expectSteps } from '../layers/expect-steps.ts';

const FEATURES = 3;
const UNITS = 5;
const MASKED = 9;
const close = { atol: 4e-6, rtol: 4e-6, reason: 'float32 against float64, some steps' };

type Draw = ReturnType<typeof rng>;

async function streaming(random: Draw, layers: readonly LayerDefinition[], slots = 4) {
  const model = await sequential(gpu, { inputShape: [null, FEATURES], slots, layers });
  onTestFinished(() => model.dispose());
  const weights = (await model.getWeights()).map((weight) => ({
    ...weight,
    data: random.array(weight.data.length, 0.5),
  }));
  model.setWeights(weights);
  return { model, weights: weights.map(({ data }) => data) };
}

const small = () => [lstm({ units: UNITS, stateful: true, returnSequences: true }), dense({ units: 1 })];
const zeros = (layer: InspectedLayer) => [...layer.h, ...(layer.c ?? [])].every((value) => value === 0);

type Options = { units: number; returnSequences: boolean; stateful: boolean };

const cells: [string, RecurrentSpec, (options: Options) => LayerDefinition][] = [
  ['lstm', { cell: 'lstm' }, lstm],
  ['gru', { cell: 'gru' }, gru],
  ['simpleRnn', { cell: 'simpleRnn' }, simpleRnn],
];

describe.each(cells)('%s:', (_name, spec, cell) => {
  test('states and the steps of the last push are those of twins, with masks, in stacks, across pushes', async () => {
    const random = rng(randomSeed());
    const options = { stateful: true, returnSequences: true };
    const { model, weights } = await streaming(random, [
      masking({ maskValue: MASKED }),
      cell({ units: UNITS, ...options }),
      cell({ units: 2, ...options }),
      dense({ units: 1 }),
    ]);
    const [stream, plain] = [model.openStream({ trace: true }), model.openStream()];
    let states: (readonly Float64Array[] | undefined)[] = [];
    for (const steps of [7, 1, 12]) {
      const mask = Array.from({ length: steps }, () => random.integer(0, 3) && 1);
      const x = random.array(steps * FEATURES, 1).map((value, n) => (mask[Math.floor(n / FEATURES)] ? value : MASKED));
      const outputs = await Promise.all([stream.push(x), plain.push(x)]);
      expectClose(outputs[0].data, outputs[1].data, { ...close, what: 'outputs, looked at and not' });
      const twins: TwinSteps[] = [];
      for (const [n, units] of [UNITS, 2].entries()) {
        const below = twins[n - 1];
        const shape = { batch: 1, steps, features: below ? UNITS : FEATURES, units };
        // The first output of a stream that is masked repeats the one before, which is h.
        twins[n] = layerSteps(spec, shape, weights.slice(3 * n, 3 * n + 3), below?.h ?? x, {
          mask,
          initial: states[n],
        });
      }
      states = twins.map(({ last }) => last);
      const [layers, untraced] = [await stream.inspect(), await plain.inspect()];
      expect(layers.map(({ name, type }) => [name, type])).toEqual([
        [spec.cell, spec.cell],
        [`${spec.cell}_1`, spec.cell],
      ]);
      layers.forEach(({ h, c, steps: ofPush, name }, n) => {
        const [lastH, lastC] = twins[n].last;
        expectClose(h, lastH, { ...close, what: `${name}, h` });
        expectClose(c ?? h, lastC ?? lastH, { ...close, what: `${name}, c` });
        expectSteps(ofPush!, twins[n], `${name}, ${steps} steps`);
        expect(ofPush!.h.shape).toEqual([steps, h.length]);
        expectClose(untraced[n].h, lastH, { ...close, what: 'h of the stream that is not looked at' });
      });
      expect(untraced.map((layer) => 'steps' in layer)).toEqual([false, false]);
    }
  });
});

test('it has its place among pushes, resets and forks that are not awaited', async () => {
  const random = rng(randomSeed());
  const { model } = await streaming(random, small());
  const stream = model.openStream({ trace: true });
  const [before] = await stream.inspect();
  expect(zeros(before)).toBe(true);
  expect(before.steps).toBeUndefined();
  const x = [random.array(FEATURES * 2, 1), random.array(FEATURES * 3, 1)];
  const calls = [stream.push(x[0]), stream.inspect(), stream.push(x[1]), stream.inspect()] as const;
  const fork = stream.fork();
  stream.reset();
  const [reset, forked] = [stream.inspect(), fork.inspect()];
  const again = [stream.push(x[0]), stream.inspect()] as const;
  const [first] = await calls[1];
  const [second] = await calls[3];
  expect([first.steps!.h.shape, second.steps!.h.shape]).toEqual([
    [2, UNITS],
    [3, UNITS],
  ]);
  expectSame(first.h, first.steps!.h.data.subarray(-UNITS), 'h behind the first push');
  expectSame(second.c!, second.steps!.c!.data.subarray(-UNITS), 'c behind the second push');
  expectSame((await forked)[0].h, second.h, 'h of the fork');
  expect((await forked)[0].steps).toBeUndefined();
  expect(zeros((await reset)[0])).toBe(true);
  expect((await reset)[0].steps).toBeUndefined();
  const [behind] = await again[1];
  expectSame(behind.h, first.h, 'h behind the same push, from zero');
  // Pushes that are joined, and cut into other parts than they were pushed in, have their own steps all the same.
  const joined = model.openStream({ trace: true });
  void joined.push(x[0]);
  void joined.push(x[1]);
  const [{ steps }] = await joined.inspect();
  expectClose(steps!.h.data, second.steps!.h.data, { ...close, what: 'h of the steps of a joined push' });
  expectClose(steps!.gates.o.data, second.steps!.gates.o.data, { ...close, what: 'o of the steps of a joined push' });
  await fork.push(x[0]);
  expect((await fork.inspect())[0].steps!.h.shape).toEqual([2, UNITS]);
});

test('looking into many streams takes one readback, also between their pushes', async () => {
  const random = rng(randomSeed());
  const { model } = await streaming(random, small(), 30);
  const streams = Array.from({ length: 30 }, () => model.openStream());
  const x = streams.map(() => random.array(FEATURES, 1));
  await model.pushAll(streams.map((stream, n) => [stream, x[n]]));
  const alone: InspectedLayer[] = [];
  for (const stream of streams) alone.push(...(await stream.inspect()));
  for (const stream of streams) stream.reset();
  const some = streams.filter((_, n) => n % 7 !== 3);
  const calls = countGpuCalls();
  const together = some.map((stream) => {
    void stream.push(x[streams.indexOf(stream)]);
    return stream.inspect();
  });
  const layers = (await Promise.all(together)).flat();
  expect(calls()).toMatchObject({ submit: 2, mapAsync: 2 });
  layers.forEach(({ h, c }, n) => {
    const { h: expected, c: expectedC } = alone[streams.indexOf(some[n])];
    expectClose(h, expected, { ...close, what: `h of stream ${n}` });
    expectClose(c!, expectedC!, { ...close, what: `c of stream ${n}` });
  });
  expect(zeros((await streams[3].inspect())[0])).toBe(true);
});

test('streams that are looked at and others go on side by side, in the slots of others that were closed too', async () => {
  const random = rng(randomSeed());
  const { model } = await streaming(random, small(), 3);
  const [one, other] = [model.openStream({ trace: true }), model.openStream()];
  const x = Array.from({ length: 3 }, () => random.array(FEATURES * 5, 1));
  const pushed = [one.push(x[0]), other.push(x[1])];
  one.close();
  // It gets the slot of the one that was closed, in the same go.
  const third = model.openStream();
  pushed.push(third.push(x[2]));
  const [layer] = await third.inspect();
  expect(layer.steps).toBeUndefined();
  const fresh = model.openStream();
  const outputs = await Promise.all(pushed);
  for (const [n, { data }] of outputs.entries()) {
    fresh.reset();
    expectClose(data, (await fresh.push(x[n])).data, { ...close, what: `outputs ${n}` });
  }
});

test('who does not look pays nothing: the same dispatches, and nothing made', async () => {
  const random = rng(randomSeed());
  const { model } = await streaming(random, small());
  const [looked, plain] = [model.openStream({ trace: true }), model.openStream()];
  const x = random.array(FEATURES * 4, 1);
  await plain.push(x);
  const push = (stream: Stream) => countDispatches(() => stream.push(x));
  const dispatches = await push(plain);
  await looked.push(x);
  const calls = countGpuCalls();
  expect(await push(plain)).toBe(dispatches);
  expect(calls()).toMatchObject({ createBuffer: 0, createBindGroup: 0, submit: 1, mapAsync: 1 });
  expect(await push(looked)).toBe(dispatches);
  expect(calls()).toMatchObject({ createBuffer: 0, createBindGroup: 0, submit: 2, mapAsync: 2 });
});

test('what is refused says so', async () => {
  const random = rng(randomSeed());
  const { model } = await streaming(random, small(), 1);
  expect(() => model.openStream({ gates: true } as object)).toThrow(/model.openStream: .*gates/);
  expect(() => model.openStream({ trace: 1 as unknown as boolean })).toThrow(/trace is 1/);
  const stream = model.openStream({ trace: true });
  await stream.push(random.array(FEATURES, 1));
  await expect(stream.push([1])).rejects.toThrow('stream.push');
  expect((await stream.inspect())[0].steps!.h.shape).toEqual([1, UNITS]);
  stream.close();
  await expect(stream.inspect()).rejects.toThrow('stream.inspect: this stream was closed');
  const other = model.openStream();
  await other.push(random.array(FEATURES, 1));
  const waiting = other.inspect();
  model.dispose();
  await expect(waiting).rejects.toThrow('disposed');
  await expect(other.inspect()).rejects.toThrow('disposed');
});
