import * as ort from 'onnxruntime-web/wasm';
import modelUrl from '@ricky0123/vad-web/dist/silero_vad_v5.onnx?url';
import { expect, onTestFinished, test } from 'vitest';
import { CHUNK, RATE, VoiceDetector } from '../../../demo/training/voice/detector.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { gpu } from '../gpu.ts';
import { syntheticVoice } from './synthetic-voice.ts';

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

const CONTEXT = 64;
const close = { atol: 1e-4, rtol: 0, reason: 'what was asked of it; sums are in another order' };

const file = fetch(modelUrl).then(async (response) => new Uint8Array(await response.arrayBuffer()));

/** What ONNX Runtime computes of the file, chunk after chunk of streams [streams, samples]. */
async function probabilities(signals: readonly Float32Array[]): Promise<number[][]> {
  const session = await ort.InferenceSession.create(await file);
  const streams = signals.length;
  let state = new ort.Tensor('float32', new Float32Array(2 * streams * 128), [2, streams, 128]);
  const sr = new ort.Tensor('int64', BigInt64Array.of(BigInt(RATE)), []);
  const results: number[][] = [];
  for (let first = 0; first + CHUNK <= signals[0].length; first += CHUNK) {
    const input = new Float32Array(streams * (CONTEXT + CHUNK));
    signals.forEach((signal, n) => {
      const context = Math.min(CONTEXT, first);
      input.set(signal.subarray(first - context, first + CHUNK), n * (CONTEXT + CHUNK) + CONTEXT - context);
    });
    const outputs = await session.run({
      input: new ort.Tensor('float32', input, [streams, CONTEXT + CHUNK]),
      state,
      sr,
    });
    state = outputs.stateN as typeof state;
    results.push([...(outputs.output.data as Float32Array)]);
  }
  await session.release();
  return results;
}

test.each([
  { streams: 1, seconds: 30 },
  { streams: 64, seconds: 4 },
])(
  '$seconds s in $streams streams have the probabilities of ONNX Runtime',
  async ({ streams, seconds }) => {
    const random = rng(randomSeed());
    const signals = Array.from({ length: streams }, () => syntheticVoice(random, seconds, RATE));
    const detector = await VoiceDetector.load(gpu, await file, streams);
    onTestFinished(() => detector.dispose());
    const expected = await probabilities(signals);
    const heard: number[][] = [];
    const begun = performance.now();
    for (let first = 0; first + CHUNK <= signals[0].length; first += CHUNK) {
      const chunks = new Float32Array(streams * CHUNK);
      signals.forEach((signal, n) => chunks.set(signal.subarray(first, first + CHUNK), n * CHUNK));
      heard.push([...(await detector.hear(chunks))]);
    }
    const worst = expectClose(heard.flat(), expected.flat(), { ...close, what: 'probabilities' });
    const ms = ((performance.now() - begun) / heard.length).toFixed(1);
    console.log(
      `${streams} streams: ${heard.length} chunks of 32 ms, ${ms} ms each; worst error ${worst.toExponential(1)}`,
    );
    // The signal is no constant to it.
    expect(Math.max(...heard.flat()) - Math.min(...heard.flat())).toBeGreaterThan(0.3);
    detector.reset();
    const chunks = new Float32Array(streams * CHUNK);
    signals.forEach((signal, n) => chunks.set(signal.subarray(0, CHUNK), n * CHUNK));
    expect([...(await detector.hear(chunks))]).toEqual(heard[0]);
  },
  300_000,
);
