import { expect, onTestFinished, test, vi } from 'vitest';
import {
  adam,
  dense,
  LimitError,
  lstm,
  sequential,
  SlotsFullError,
  trainMany,
  type Model,
  type SlotsOptions,
  type Stream,
} from '../../../../src/index.ts';
import { watchBuffers } from '../../../../bench/memory/buffers.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';

const FEATURES = 2;
const layers = [lstm({ units: 4, stateful: true, returnSequences: true }), dense({ units: 1 })];

async function streaming(slots: number | SlotsOptions): Promise<Model> {
  const model = await sequential(gpu, { inputShape: [null, FEATURES], slots, seed: 3, layers });
  onTestFinished(() => model.dispose());
  return model;
}

const draw = () => rng(randomSeed());
const numbersOf = (outputs: readonly { data: Float32Array }[]) => outputs.map(({ data }) => Array.from(data));

/** Lets the device have no memory for the next thing that is made under watch. */
function refuseNext(): void {
  const pop = gpu.device.popErrorScope.bind(gpu.device);
  const noMemory = Object.create(GPUOutOfMemoryError.prototype, { message: { value: 'no room' } }) as GPUError;
  const pops = vi.spyOn(gpu.device, 'popErrorScope');
  onTestFinished(() => pops.mockRestore());
  // The second scope that is popped of each pair is that of memory.
  pops.mockImplementationOnce(pop).mockImplementationOnce(() => pop().then(() => noMemory));
}

test('pushes, resets, forks and closed streams that are not awaited give the same bits while slots become more', async () => {
  const random = draw();
  const [growing, fixed] = [await streaming({ initial: 1, max: 14 }), await streaming(14)];
  /** The same stream of both models. */
  const open: [Stream, Stream][] = [];
  const outputs: Promise<{ data: Float32Array }>[][] = [[], []];
  for (let n = 0; n < 150; n++) {
    const what = random.uniform(0, 1);
    const pair = open[random.integer(0, Math.max(0, open.length - 1))];
    if (open.length < 14 && (what < 0.2 || !pair)) open.push([growing.openStream(), fixed.openStream()]);
    else if (open.length < 14 && what < 0.3) open.push([pair[0].fork(), pair[1].fork()]);
    else if (what < 0.35) for (const stream of pair) stream.reset();
    else if (what < 0.4) for (const stream of open.splice(open.indexOf(pair), 1)[0]) stream.close();
    else {
      const chunk = random.array(FEATURES * random.integer(1, 2), 1);
      pair.forEach((stream, model) => outputs[model].push(stream.push(chunk)));
    }
    if (what > 0.95) await outputs[0].at(-1);
  }
  const [grown, expected] = await Promise.all(outputs.map((pushes) => Promise.all(pushes)));
  expect(expected.length).toBeGreaterThan(50);
  expect(numbersOf(grown)).toEqual(numbersOf(expected));
});

test('memory doubles up to the most, where openStream and fork refuse, and nothing is compiled for it', async () => {
  const buffers = watchBuffers(gpu.device, (label) => label === 'state slots');
  onTestFinished(buffers.stop);
  const model = await streaming({ initial: 20, max: 70 });
  expect(buffers.live().count).toBe(0);
  const streams = [model.openStream()];
  const step = [0.5, -1];
  const first = await streams[0].push(step);
  const { bytes } = buffers.live();
  const compile = vi.spyOn(gpu.device, 'createComputePipelineAsync');
  onTestFinished(() => compile.mockRestore());
  while (streams.length < 70) {
    streams.push(model.openStream());
    expect((await streams.at(-1)!.push(step)).data).toEqual(first.data);
  }
  expect(compile).not.toHaveBeenCalled();
  expect(buffers.live().count).toBe(1);
  expect(buffers.live().bytes).toBeGreaterThan(bytes);
  expect(() => model.openStream()).toThrow(SlotsFullError);
  expect(() => streams[0].fork()).toThrow(/all 70 slots/);
  model.dispose();
  expect(buffers.live().count).toBe(0);
});

test('without memory for more, only what needs it fails, and states are as they were', async () => {
  const random = draw();
  const [model, plain] = [await streaming({ initial: 1, max: 6 }), await streaming(6)];
  const x = Array.from({ length: 5 }, () => random.array(FEATURES, 1));
  const [stream, same] = [model.openStream(), plain.openStream()];
  const expected = [await same.push(x[0]), await same.push(x[1]), await same.push(x[2])];
  expect((await stream.push(x[0])).data).toEqual(expected[0].data);

  refuseNext();
  const fork = stream.fork();
  const refused = fork.push(x[3]);
  refused.catch(() => {});
  expect((await stream.push(x[1])).data).toEqual(expected[1].data);
  await expect(refused).rejects.toThrow(LimitError);
  await expect(refused).rejects.toThrow('slots for 2 streams: the device has no memory left');

  // There is memory now, but the state of the fork was never copied.
  const other = model.openStream();
  const fresh = await plain.openStream().push(x[4]);
  expect((await other.push(x[4])).data).toEqual(fresh.data);
  await expect(fork.push(x[3])).rejects.toThrow(LimitError);
  const [late, lost] = [stream.fork(), fork.fork()];
  await expect(lost.push(x[2])).rejects.toThrow(LimitError);
  fork.reset();
  expect((await fork.push(x[4])).data).toEqual(fresh.data);
  expect((await stream.push(x[2])).data).toEqual(expected[2].data);
  expect((await late.push(x[2])).data).toEqual(expected[2].data);
});

test('slots become more while a model trains, alone and by trainMany, and change nothing there', async () => {
  const random = draw();
  const small = [lstm({ units: 4, stateful: true }), dense({ units: 1 })];
  const make = async (slots?: SlotsOptions) => {
    const model = await sequential(gpu, { inputShape: [3, FEATURES], batchSize: 2, slots, seed: 8, layers: small });
    onTestFinished(() => model.dispose());
    model.compile({ optimizer: adam(), loss: 'meanSquaredError' });
    return model;
  };
  const [busy, plain] = [await make({ initial: 1, max: 16 }), await make()];
  const x = { data: random.array(8 * 3 * FEATURES, 1), shape: [8, 3, FEATURES] };
  const y = random.array(8, 1);
  const options = { epochs: 12, shuffle: false };
  const step = random.array(FEATURES, 1);
  for (const train of [() => busy.fit(x, y, options), async () => (await trainMany([busy], x, y, options))[0]]) {
    const training = train();
    for (let n = 0; n < 8; n++) await busy.openStream().push(step);
    expect((await training).history).toEqual((await plain.fit(x, y, options)).history);
  }
  expect(await busy.getWeights()).toEqual(await plain.getWeights());
  expect(await busy.getStates()).toEqual(await plain.getStates());
});

test.each([
  [{ initial: 5, max: 4 }, /sequential: slots: initial is 5, expected at most max, which is 4/],
  [{ max: 0 }, /sequential: slots: max is 0/],
  [{ initial: 2 }, /sequential: slots: max is undefined/],
  [{ initial: 0, max: 3 }, /sequential: slots: initial is 0/],
  [{ max: 3, most: 4 }, /sequential: slots: there is no option "most"/],
  [null, /sequential: slots is null/],
])('slots: %j is refused', async (slots, message) => {
  await expect(streaming(slots as SlotsOptions)).rejects.toThrow(message);
});

test('slots of which the device cannot bind the most are refused before anything is made', async () => {
  await expect(streaming({ max: 2 ** 40 })).rejects.toThrow(LimitError);
});
