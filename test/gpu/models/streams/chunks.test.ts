import { describe, expect, onTestFinished, test } from 'vitest';
import {
  dense,
  embedding,
  gru,
  lastStep,
  lstm,
  masking,
  sequential,
  simpleRnn,
  type LayerDefinition,
  type Stream,
} from '../../../../src/index.ts';
import { expectClose } from '../../../harness/expect-close.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';

const close = { atol: 2e-6, rtol: 1e-5, reason: 'float32, summed in another order by other kernels' };
const FEATURES = 3;

type Make = (options: { stateful: true; returnSequences: boolean; units: number }) => LayerDefinition;

const cells: [string, Make][] = [
  ['lstm', lstm],
  ['gru', gru],
  ['simpleRnn', simpleRnn],
];

/** A model for streams, which lives as long as the test. */
async function streaming(
  layers: readonly LayerDefinition[],
  slots: number,
  inputShape: readonly (number | null)[] = [null, FEATURES],
) {
  const model = await sequential(gpu, { inputShape, slots, seed: 5, layers });
  onTestFinished(() => model.dispose());
  return model;
}

/** Random numbers of a stream, and the same cut into chunks. */
function sequenceOf(random: ReturnType<typeof rng>, steps: number) {
  const data = random.array(steps * FEATURES, 1);
  const chunks: Float32Array[] = [];
  for (let step = 0; step < steps;) {
    const end = Math.min(steps, step + random.integer(1, 9));
    chunks.push(data.subarray(step * FEATURES, end * FEATURES));
    step = end;
  }
  return { data, chunks };
}

function concatenated(arrays: readonly { data: Float32Array }[]): Float32Array {
  return Float32Array.from(arrays.flatMap(({ data }) => Array.from(data)));
}

describe.each(cells)('%s:', (_name, cell) => {
  test('chunks of random lengths, pushed one by one or all at once, give what one pass over the whole gives', async () => {
    const random = rng(randomSeed());
    const layers = [
      cell({ units: 5, stateful: true, returnSequences: true }),
      cell({ units: 4, stateful: true, returnSequences: true }),
      dense({ units: 2 }),
    ];
    const model = await streaming(layers, 3);
    const { data, chunks } = sequenceOf(random, 50);
    const whole = await model.predict({ data, shape: [1, 50, FEATURES] });
    const [awaited, together] = [model.openStream(), model.openStream()];
    const one = [];
    for (const chunk of chunks) one.push(await awaited.push(chunk));
    const all = await Promise.all(chunks.map((chunk) => together.push(chunk)));
    expectClose(concatenated(one), whole.data, { ...close, what: 'awaited pushes' });
    expectClose(concatenated(all), whole.data, { ...close, what: 'pushes in one go' });
  });

  test('a model that gives the last step gives that of each chunk', async () => {
    const random = rng(randomSeed());
    const model = await streaming([cell({ units: 5, stateful: true, returnSequences: false }), dense({ units: 2 })], 2);
    const reference = await streaming(
      [cell({ units: 5, stateful: true, returnSequences: true }), dense({ units: 2 })],
      2,
    );
    reference.setWeights(await model.getWeights());
    const { data, chunks } = sequenceOf(random, 30);
    const whole = await reference.predict({ data, shape: [1, 30, FEATURES] });
    const stream = model.openStream();
    const outputs = await Promise.all(chunks.map((chunk) => stream.push(chunk)));
    let end = 0;
    const expected = chunks.flatMap(({ length }) => {
      end += length / FEATURES;
      return Array.from(whole.data.subarray(2 * (end - 1), 2 * end));
    });
    expectClose(concatenated(outputs), expected, { ...close, what: 'last steps' });
    expect(outputs[0].shape).toEqual([2]);
  });
});

test('masked steps, last steps and indices go through streams', async () => {
  const random = rng(randomSeed());
  const layers = [
    embedding({ inputDim: 6, outputDim: 3, maskZero: true }),
    lstm({ units: 4, stateful: true, returnSequences: true }),
    masking({ maskValue: 9 }),
    gru({ units: 4, stateful: true, returnSequences: true }),
    lastStep(),
    dense({ units: 2 }),
  ];
  const model = await streaming(layers, 1, [null]);
  const indices = Array.from({ length: 24 }, () => random.integer(0, 5));
  // The last step counts, so that the whole has the output of the last chunk.
  indices[23] = 1;
  const whole = await model.predict([indices]);
  const stream = model.openStream();
  let output = await stream.push(indices.slice(0, 7));
  for (const index of indices.slice(7)) output = await stream.push(index);
  expectClose(output.data, whole.data, { ...close, what: 'the last output' });
});

test('a chunk whose last steps are masked gives the output of its last step that counts, however it is cut', async () => {
  const layers = [
    masking({ maskValue: 9 }),
    gru({ units: 4, stateful: true, returnSequences: true }),
    lastStep(),
    dense({ units: 2 }),
  ];
  const model = await streaming(layers, 3, [null, 1]);
  const expected = await model.predict([[[1], [2], [9]]]);
  const [whole, cutUp] = [model.openStream(), model.openStream()];
  // Three steps are computed as two and one, the last of which has no step that counts.
  const outputs = [
    await whole.push([1, 2, 9]),
    await cutUp.push([1, 2]),
    await cutUp.push(9),
    await cutUp.push([9, 9]),
  ];
  for (const { data } of outputs) expectClose(data, expected.data, { ...close, what: 'the last step that counts' });
});

test('any number of streams, in any order and interleaving, with resets, forks and closed ones between, are apart', async () => {
  const random = rng(randomSeed());
  const SLOTS = 70;
  const layers = [lstm({ units: 4, stateful: true, returnSequences: true }), dense({ units: 1 })];
  const model = await streaming(layers, SLOTS);
  const reference = await sequential(gpu, { inputShape: [null, FEATURES], batchSize: 1, layers });
  onTestFinished(() => reference.dispose());
  reference.setWeights(await model.getWeights());

  /** What was pushed into each open stream since it was zero, and what came out. */
  const histories = new Map<Stream, { pushed: number[]; outputs: { data: Float32Array }[]; from: number }>();
  const begin = () => ({ pushed: [], outputs: [], from: 0 });
  const finished: { pushed: number[]; outputs: { data: Float32Array }[]; from: number }[] = [];
  for (let n = 0; n < SLOTS; n++) histories.set(model.openStream(), begin());
  expect(() => model.openStream()).toThrow(/all 70 slots/);
  for (let round = 0; round < 12; round++) {
    const chunks: [Stream, Float32Array][] = [];
    for (const [stream, history] of histories) {
      if (random.uniform(0, 1) < 0.3) continue;
      const chunk = random.array(FEATURES * random.integer(1, 6), 1);
      history.pushed.push(...chunk);
      chunks.push([stream, chunk]);
    }
    const outputs = await model.pushAll(chunks);
    chunks.forEach(([stream], n) => histories.get(stream)!.outputs.push(outputs[n]));
    const [first, second, third] = [...histories.keys()].toSorted(() => random.uniform(-1, 1));
    finished.push(histories.get(first)!, histories.get(second)!);
    first.reset();
    histories.set(first, begin());
    second.close();
    histories.delete(second);
    const { pushed } = histories.get(third)!;
    histories.set(third.fork(), { pushed: [...pushed], outputs: [], from: pushed.length / FEATURES });
  }
  for (const { pushed, outputs, from } of [...finished, ...histories.values()]) {
    if (outputs.length === 0) continue;
    reference.resetStates();
    const whole = await reference.predict({ data: pushed, shape: [1, pushed.length / FEATURES, FEATURES] });
    expectClose(concatenated(outputs), whole.data.subarray(from), { ...close, what: 'a stream' });
  }
});
