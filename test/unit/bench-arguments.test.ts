import { describe, expect, test } from 'vitest';
import { parseArguments, usage } from '../../bench/run/arguments.ts';
import { worksForGpu } from '../../bench/works/for-gpu.ts';
import { generations } from '../../bench/works/generations.ts';
import { works } from '../../bench/works/index.ts';
import { pushes } from '../../bench/works/pushes.ts';
import { stacks } from '../../bench/works/stacks.ts';
import { UsageError } from '../../headless/complaint.ts';

describe('the options of the bench command', () => {
  test('without any, all works, all contenders', () => {
    const { works: chosen, contenders, samples, out, node } = parseArguments([]);
    expect(chosen).toEqual(works);
    expect(contenders).toEqual(['ours', 'plain', 'tfjs-cpu', 'tfjs-wasm', 'tfjs-webgpu', 'ort-wasm', 'ort-webgpu']);
    expect({ samples, out, node }).toEqual({ samples: 30, out: 'bench/results', node: false });
  });

  test('--only takes works and contenders, this library and the plain loop stay', () => {
    const { works: chosen, contenders } = parseArguments(['--only', 'stream,ort-wasm', '--only', 'product']);
    expect(chosen.map(({ id }) => id)).toEqual(['stream', 'product']);
    expect(contenders).toEqual(['ours', 'plain', 'ort-wasm']);
    expect(parseArguments(['--only', 'tfjs-cpu']).works).toEqual(works);
  });

  test('stacks, streams and first calls are measured unless only other parts are named; a process of Node cannot start anew', () => {
    const partsOf = (...args: string[]) => {
      const chosen = parseArguments(args);
      const { works: main, stacks: deep, pushes: pushed, generations: generated, firstCalls } = chosen;
      return [main, deep, pushed, generated, firstCalls].map((list) => list.length);
    };
    const beside = [stacks.length, pushes.length, generations.length];
    expect(partsOf()).toEqual([works.length, ...beside, works.length]);
    expect(partsOf('--node')).toEqual([works.length, ...beside, 0]);
    expect(partsOf('--only', 'ort-wasm')).toEqual([works.length, ...beside, works.length]);
    expect(partsOf('--only', 'stream')).toEqual([1, 0, 0, 0, 0]);
    expect(partsOf('--only', stacks[0].id)).toEqual([0, 1, 0, 0, 0]);
    expect(partsOf('--only', pushes[0].id)).toEqual([0, 0, 1, 0, 0]);
    expect(partsOf('--only', generations[0].id)).toEqual([0, 0, 0, 1, 0]);
    expect(partsOf('--only', 'first-calls')).toEqual([0, 0, 0, 0, works.length]);
  });

  test('--update takes whole parts with a date of their own', () => {
    const partsOf = (...args: string[]) => parseArguments(['--update', 'bench', ...args]);
    expect(partsOf('--only', 'generate-1,generate-64,ort-wasm')).toMatchObject({ generations, update: 'bench' });
    expect(partsOf('--only', 'first-calls')).toMatchObject({ firstCalls: works, works: [] });
  });

  test('--node has this library and the plain loop', () => {
    expect(parseArguments(['--node']).contenders).toEqual(['ours', 'plain']);
  });

  test('works for GPUs are done if asked for, all or by name', () => {
    expect(parseArguments(['--gpu']).works).toEqual([...works, ...worksForGpu]);
    expect(parseArguments(['--only', 'post-20000,stream']).works.map(({ id }) => id)).toEqual(['stream', 'post-20000']);
  });

  test.each([
    ['npm run bench', []],
    [
      'npm run bench -- --samples 5 --only stream,tfjs-wasm --gpu --out bench',
      ['--samples', '5', '--only', 'stream,tfjs-wasm', '--gpu', '--out', 'bench'],
    ],
    ["npm run bench -- --node --cudnn 'my times.json'", ['--node', '--cudnn', 'my times.json']],
  ])('%s is kept as it was called', (command, args) => {
    expect(parseArguments(args).command).toBe(command);
  });

  test('the help names every work', () => {
    for (const { id } of [...works, ...stacks, ...pushes, ...generations, ...worksForGpu]) expect(usage).toContain(id);
  });

  test.each([
    [['--only', 'strem'], '--only is "strem", expected one of post-update,'],
    [['--samples', '0'], '--samples is "0", expected a whole number from 1 on.'],
    [['--node', '--only', 'tfjs-cpu'], '--node: tfjs-cpu runs in a browser only.'],
    [['--node', '--only', 'first-calls'], '--node: first-calls runs in a browser only.'],
    [
      ['--update', 'bench', '--only', 'push-1,push-64'],
      '--update: got --only push-1,push-64, expected all of push-1,push-64,',
    ],
    [['--update', 'bench'], '--update: got the work post-update, expected --only with parts'],
    [['--sample', '3'], 'There is no option --sample. Did you mean --samples?'],
  ])('%j is refused', (args, message) => {
    expect(() => parseArguments(args)).toThrow(UsageError);
    expect(() => parseArguments(args)).toThrow(message);
  });
});
