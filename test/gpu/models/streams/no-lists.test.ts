import { expect, onTestFinished, test } from 'vitest';
import { dense, lstm, sequential, ValueError } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';

async function streaming() {
  const layers = [lstm({ units: 3, stateful: true, returnSequences: true }), dense({ units: 2 })];
  const model = await sequential(gpu, { inputShape: [null, 2], slots: 4, layers });
  onTestFinished(() => model.dispose());
  return model;
}

test('what is no list of pairs is refused by pushAll and generateAll with its place, and nothing is pushed', async () => {
  const model = await streaming();
  const [one, two] = [model.openStream(), model.openStream()];
  await one.push([1, 0]);
  const pair = [one, [1, 0]];
  const refused: [given: unknown, message: RegExp][] = [
    [
      Promise.resolve([pair]),
      /pushAll: got a Promise, which must be awaited, expected a list of chunks, \[stream, x\] each/,
    ],
    [(async function* () {})(), /pushAll: got .*Collect what an asynchronous iterable gives first/],
    [{}, /pushAll: got an empty object, expected a list/],
    [5, /pushAll: got 5, expected a list/],
    [null, /pushAll: got null, expected a list/],
    [undefined, /pushAll: got undefined, expected a list/],
    [pair, /pushAll: chunks\[0\] is a Stream, expected \[stream, x\]/],
    [[pair, undefined, pair], /pushAll: chunks\[1\] is undefined, expected \[stream, x\]/],
    [[pair, [two, [1, 0], { output: 'gpu' }]], /pushAll: chunks\[1\] is \[a Stream.*, expected \[stream, x\]/],
    [[[one]], /pushAll: chunks\[0\] is \[a Stream\], expected \[stream, x\]/],
  ];
  for (const [given, message] of refused) {
    const pushed = model.pushAll(given as []);
    await expect(pushed).rejects.toThrow(ValueError);
    await expect(pushed).rejects.toThrow(message);
  }
  const requests: [given: unknown, message: RegExp][] = [
    [
      Promise.resolve([]),
      /generateAll: got a Promise, which must be awaited, expected a list of requests, \[stream, steps, opt/,
    ],
    [null, /generateAll: got null, expected a list/],
    [[[one, 3]], /generateAll: requests\[0\] is \[a Stream, 3\], expected \[stream, steps, options\]/],
  ];
  for (const [given, message] of requests) {
    const generated = model.generateAll(given as []);
    await expect(generated).rejects.toThrow(ValueError);
    await expect(generated).rejects.toThrow(message);
  }
  expect([one.steps, two.steps]).toEqual([1, 0]);
  // Every iterable will do.
  expect(await model.pushAll(new Map([[two, [1, 0]]]))).toHaveLength(1);
});

test.each<[name: string, source: unknown, message: RegExp]>([
  ['a generator function', function* () {}, /process: got a function, expected an iterable of chunks/],
  ['a promise', Promise.resolve([]), /process: got a Promise, which must be awaited, expected an iterable/],
  ['null', null, /process: got null, expected an iterable/],
  ['a number', 5, /process: got 5, expected an iterable/],
])('process refuses %s', async (_name, source, message) => {
  const outputs = (await streaming()).openStream().process(source as []);
  const first = outputs.next();
  await expect(first).rejects.toThrow(ValueError);
  await expect(first).rejects.toThrow(message);
});
