import { describe, expect, test } from 'vitest';
import type { Contender } from '../../bench/contenders/contender.ts';
import { ours, scheduled, schedules } from '../../bench/contenders/ours.ts';
import { plain } from '../../bench/contenders/plain/index.ts';
import { measureWork } from '../../bench/measure/measure-work.ts';
import { sampleRoofline, summarizeRoofline } from '../../bench/roofline/index.ts';
import type { Timing } from '../../bench/measure/outcome.ts';
import { makeInputs } from '../../bench/works/inputs.ts';
import { generations } from '../../bench/works/generations.ts';
import { works } from '../../bench/works/index.ts';
import { pushes } from '../../bench/works/pushes.ts';
import { stacks } from '../../bench/works/stacks.ts';
import type { Work } from '../../bench/works/work.ts';
import { randomSeed } from '../harness/random.ts';
import { gpu } from './gpu.ts';

const listener = { onPhase() {}, onProgress() {} };
const small = (work: Work): Work => ({
  ...work,
  batch: Math.min(work.batch, 3),
  steps: Math.min(work.steps, 4),
  features: Math.min(work.features, 5),
  units: Math.min(work.units, 6),
  ...(work.outputs && { outputs: Math.min(work.outputs, 5) }),
});

describe('the benchmark', () => {
  test.each(['train', 'infer', 'stream', 'push', 'generate', 'product'])('%s: library and loop agree', async (kind) => {
    const work = small([...works, ...pushes.slice(1), ...generations.slice(1)].find((other) => other.kind === kind)!);
    const outcomes = await measureWork(work, [plain, ours(gpu)], 2, randomSeed(), listener);
    expect(outcomes.map(({ contender }) => contender)).toEqual(['plain', 'ours']);
    for (const outcome of outcomes) {
      const samples = [expect.any(Number), expect.any(Number)];
      expect(outcome).toMatchObject({ samples, agreement: { agrees: true } });
    }
  });

  // The deepest; the benchmark itself has all of them, and models/schedules tests what the schedules compute.
  test.each([stacks[3]])('$title: schedules are as asked for, and agree', async (stack) => {
    const work = small(stack);
    const contenders = schedules.map((schedule) => scheduled(gpu, schedule));
    const outcomes = await measureWork(work, contenders, 2, randomSeed(), listener);
    expect(outcomes).toMatchObject(schedules.map((contender) => ({ contender, agreement: { agrees: true } })));
    const task = await scheduled(gpu, 'wavefront').prepare(work, makeInputs(work, 1));
    await task.run(1);
    const decisions = task.explain!().filter((part) => 'part' in part && part.part === 'time loop');
    expect(decisions).toMatchObject(Array(work.layers).fill({ decision: 'wavefront' }));
    task.dispose();
  });

  test('of a large work the first row is compared, and of trained weights nothing', async () => {
    const large = { layers: 2, isLarge: true };
    const [infer, train] = [works.find(({ kind }) => kind === 'infer')!, works.find(({ kind }) => kind === 'train')!];
    const measure = (work: Work) =>
      measureWork({ ...small(work), ...large }, [plain, ours(gpu)], 2, randomSeed(), listener);
    expect(await measure(infer)).toMatchObject([{ contender: 'ours', agreement: { agrees: true } }]);
    const [trained] = await measure(train);
    expect(trained).toMatchObject({ contender: 'ours', samples: [expect.any(Number), expect.any(Number)] });
    expect(trained).not.toHaveProperty('agreement.agrees');
    const wrong: Contender = { ...ours(gpu), prepare: (work) => ours(gpu).prepare(work, makeInputs(work, 1)) };
    const outcomes = await measureWork({ ...small(infer), ...large }, [wrong], 2, 2, listener);
    expect(outcomes).toMatchObject([{ agreement: { agrees: false } }]);
  });

  test('a piece may be many updates', async () => {
    const medianOf = async (work: Work) =>
      ((await measureWork(work, [plain], 5, randomSeed(), listener))[0] as Timing).median;
    expect(await medianOf({ ...works[0], updates: 500 })).toBeGreaterThan(20 * (await medianOf(works[0])));
  });

  test('tells who differs and who fails', async () => {
    const liar: Contender = {
      ...plain,
      id: 'tfjs-cpu',
      prepare: async (work, inputs) => ({
        ...(await plain.prepare(work, inputs)),
        result: async () => inputs.weights.map(({ data }) => data),
      }),
    };
    const broken: Contender = { ...plain, id: 'ort-wasm', prepare: () => Promise.reject(new Error('no memory')) };
    let runs = 0;
    const tired: Contender = {
      ...plain,
      id: 'ort-webgpu',
      prepare: async (work, inputs) => {
        const task = await plain.prepare(work, inputs);
        // Enough to begin with, and too few for all the samples.
        const run = (times: number) => (runs++ < 30 ? task.run(times) : Promise.reject(new Error('no more')));
        return { ...task, run };
      },
    };
    const outcomes = await measureWork(small(works[0]), [plain, liar, broken, tired], 20, randomSeed(), listener);
    expect(outcomes).toMatchObject([
      { contender: 'plain', agreement: { agrees: true } },
      { contender: 'tfjs-cpu', agreement: { agrees: false } },
      { contender: 'ort-webgpu', failure: 'no more' },
      { contender: 'ort-wasm', failure: 'no memory' },
    ]);
  });

  test('the roofline is of this world', async () => {
    const seen: number[] = [];
    const samples = await sampleRoofline(gpu.device, (fraction) => seen.push(fraction), 3);
    expect(seen.at(-1)).toBe(1);
    const roofline = summarizeRoofline(samples, samples);
    for (const { p10 } of Object.values(roofline)) expect(p10).toBeGreaterThan(0);
    const [flops, dispatch, readback] = [roofline.flops.median, roofline.dispatch.median, roofline.readback.median];
    // No GPU multiplies and adds 1e15 times a second, or hands a dispatch on in less than a clock cycle.
    expect(flops).toBeLessThan(1e15);
    expect(dispatch).toBeGreaterThan(1e-6);
    expect(readback).toBeGreaterThan(dispatch);
  });
});
