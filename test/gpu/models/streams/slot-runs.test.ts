import { expect, onTestFinished, test } from 'vitest';
import { dense, gru, lstm, sequential, type Model, type Stream } from '../../../../src/index.ts';
import { countDispatches } from '../../count-calls.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';

const FEATURES = 2;
/** Rows of an update; so many slots are beside each other, and twice as many have every second one. */
const ROWS = 64;

async function streaming(): Promise<Model> {
  const layers = [
    lstm({ units: 5, stateful: true, returnSequences: true }),
    gru({ units: 3, stateful: true, returnSequences: true }),
    dense({ units: 2 }),
  ];
  const model = await sequential(gpu, { inputShape: [null, FEATURES], slots: 3 * ROWS, seed: 4, layers });
  onTestFinished(() => model.dispose());
  return model;
}

test('states that lie behind each other are copied, those that do not are moved by dispatches, and the bits are the same', async () => {
  const random = rng(randomSeed());
  const model = await streaming();
  const all = Array.from({ length: 3 * ROWS }, () => model.openStream());
  const together = all.slice(0, ROWS).toReversed();
  const apart = all.slice(ROWS).filter((_, n) => n % 2 === 0);
  const push = (streams: readonly Stream[], steps: readonly Float32Array[]) =>
    model.pushAll(streams.map((stream, n) => [stream, steps[n]] as const));

  const moves: number[] = [];
  for (let round = 0; round < 4; round++) {
    const steps = together.map(() => random.array(FEATURES * (round === 2 ? 3 : 1), 1));
    const outputs: Float32Array[][] = [];
    const [copied, moved] = [
      await countDispatches(async () => outputs.push((await push(together, steps)).map(({ data }) => data))),
      await countDispatches(async () => outputs.push((await push(apart, steps)).map(({ data }) => data))),
    ];
    expect(outputs[0]).toEqual(outputs[1]);
    moves.push(moved - copied);
    if (round === 2) for (const stream of [...together.slice(0, 7), ...apart.slice(0, 7)]) stream.reset();
  }
  // Three states go in, and they and the last output go out; three steps are an update of two and one of one.
  expect(moves).toEqual([7, 7, 14, 7]);
});
