import { expect, onTestFinished, test } from 'vitest';
import { dense, LstmWebGpuError, lstm, requestGpu, sequential } from '../../../../src/index.ts';
import { refuseBuffer } from '../builders/refuse-buffer.ts';

/** Memory that a push needs, and whether the device is asked for it with the first push alone. */
const memory: [label: string, isAtFirst: boolean][] = [
  ['state slots', true],
  ['inputs of streams', true],
  ['readback staging', true],
  ['lstm output', false],
];

test.each(memory)(
  'a push that is refused memory for %s changes nothing, and the next one may have it',
  async (label, isAtFirst) => {
    const gpu = await requestGpu({ tuning: 'off' });
    onTestFinished(() => gpu.dispose());
    const layers = [lstm({ units: 3, stateful: true, returnSequences: true }), dense({ units: 1 })];
    const model = await sequential(gpu, { inputShape: [null, 1], slots: 2, layers, seed: 2 });
    const plain = await sequential(gpu, { inputShape: [null, 1], slots: 2, layers, seed: 2 });
    const fresh = (await plain.openStream().push([0.3, 0.4, 0.5])).data;
    const stream = model.openStream();
    if (!isAtFirst) await stream.push([1, 2]);
    stream.reset();
    // Staging memory of former readings would be used again.
    const restore = refuseBuffer(gpu.device, (given) => given === label);
    if (label === 'readback staging') gpu.readback.dispose();
    await expect(stream.push([0.3, 0.4, 0.5])).rejects.toThrow(LstmWebGpuError);
    restore();
    expect((await stream.push([0.3, 0.4, 0.5])).data).toEqual(fresh);
  },
);

test('a reset is not forgotten with the push that is refused memory, although its state was not zero', async () => {
  const gpu = await requestGpu({ tuning: 'off' });
  onTestFinished(() => gpu.dispose());
  const layers = [lstm({ units: 3, stateful: true, returnSequences: true })];
  const model = await sequential(gpu, { inputShape: [null, 64], slots: 2, layers, seed: 2 });
  const stream = model.openStream();
  const step = new Float32Array(64).fill(0.1);
  const first = await stream.push(step);
  await stream.push(step);
  stream.reset();
  // So many numbers, which are those of a single update, need more memory to be uploaded.
  const restore = refuseBuffer(gpu.device, (label) => label === 'inputs of streams');
  await expect(stream.push(new Float32Array(64 * 64))).rejects.toThrow(LstmWebGpuError);
  restore();
  expect((await stream.push(step)).data).toEqual(first.data);
});
