import { expect, onTestFinished, test } from 'vitest';
import { dense, lstm, sequential } from '../../../../src/index.ts';
import { randomSeed, rng } from '../../../harness/random.ts';
import { gpu } from '../../gpu.ts';

const FEATURES = 2;

/** A chunk in a buffer that was destroyed, which only the device can refuse. */
function unreadable() {
  const buffer = gpu.device.createBuffer({ size: 4 * FEATURES, usage: GPUBufferUsage.COPY_SRC });
  buffer.destroy();
  return { buffer, shape: [FEATURES] };
}

test.each([true, false])(
  'a reset before pushes that are refused is behind the pushes before it, with outputs of each step: %s',
  async (returnSequences) => {
    const random = rng(randomSeed());
    const model = await sequential(gpu, {
      inputShape: [null, FEATURES],
      slots: 4,
      layers: [lstm({ units: 3, stateful: true, returnSequences }), dense({ units: FEATURES })],
      seed: random.integer(0, 1000),
    });
    onTestFinished(() => model.dispose());
    const x = random.array(FEATURES, 1);
    const fresh = await model.openStream().push(x);
    const refused: Promise<unknown>[] = [];

    // Pushes before the reset, a refused one behind it, and others, all in one go and then in the next.
    const [first, second, third] = [model.openStream(), model.openStream(), model.openStream()];
    const before = [first, second, third].map((stream) => stream.push(random.array(FEATURES, 1)));
    for (const stream of [first, second, third]) {
      stream.reset();
      for (let n = 0; n < 2; n++) refused.push(stream.push(unreadable()).catch(String));
    }
    const together = first.push(x);
    const generated = third.generate(1, { feedback: true }).catch(String);
    expect(await Promise.all(refused)).toEqual(Array(6).fill(expect.stringContaining('cannot be read')));
    expect((await together).data).toEqual(fresh.data);
    expect((await second.push(x)).data).toEqual(fresh.data);
    expect(await generated).toContain('no output to go on from');
    expect((await third.push(x)).data).toEqual(fresh.data);
    for (const output of await Promise.all(before)) expect(output.data).not.toEqual(fresh.data);
  },
);
