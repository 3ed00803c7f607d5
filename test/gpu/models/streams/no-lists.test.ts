import { expect, onTestFinished, test } from 'vitest';
import { dense, lstm, requestGpu, sequential, ValueError } from '../../../../src/index.ts';
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

test('shift where all features are outputs, and outputs of a traced stream on the GPU, are refused with what to do', async () => {
  const model = await streaming();
  const shifted = model.openStream().generate(3, { from: [1, 0], feedback: 'shift' });
  await expect(shifted).rejects.toThrow('several times as many features as outputs; give feedback: true');
  const traced = model.openStream({ trace: true }).push([1, 0], { output: 'gpu' });
  await expect(traced).rejects.toThrow('Push without output, or into a stream that is not traced');
});

test.each<['dispose' | 'loss']>([['dispose'], ['loss']])(
  'after the end of a model by %s close does nothing',
  async (end) => {
    const own = await requestGpu({ tuning: 'off' });
    const layers = [lstm({ units: 3, stateful: true })];
    const model = await sequential(own, { inputShape: [null, 2], slots: 2, layers });
    const stream = model.openStream();
    await stream.push([1, 0]);
    if (end === 'dispose') model.dispose();
    else own.device.destroy();
    await (end === 'loss' && own.lost);
    stream.close();
    expect([stream.isOpen, model.streams.length]).toEqual([true, 1]);
    own.dispose();
  },
);

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
