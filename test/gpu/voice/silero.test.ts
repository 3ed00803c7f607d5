import * as ort from 'onnxruntime-web/wasm';
import modelUrl from '@ricky0123/vad-web/dist/silero_vad_v5.onnx?url';
import { expect, onTestFinished, test } from 'vitest';
import { VoiceDetector } from '../../../demo/training/voice/detector.ts';
import { CHUNK } from '../../../demo/voice/sound.ts';
import { syntheticVoice } from '../../../demo/voice/synthetic-voice.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed } from '../../harness/random.ts';
import { sileroProbabilities } from '../../harness/silero.ts';
import { gpu } from '../gpu.ts';

const close = { atol: 1e-4, rtol: 0, reason: 'what was asked of it; sums are in another order' };

const file = fetch(modelUrl).then(async (response) => new Uint8Array(await response.arrayBuffer()));

test.each([
  { streams: 1, seconds: 10 },
  { streams: 64, seconds: 2 },
])(
  '$seconds s in $streams streams have the probabilities of ONNX Runtime',
  async ({ streams, seconds }) => {
    const seed = randomSeed();
    const signals = Array.from({ length: streams }, (_, n) => syntheticVoice(seed + n, seconds));
    const detector = await VoiceDetector.load(gpu, await file, streams);
    onTestFinished(() => detector.dispose());
    const expected = await sileroProbabilities(ort, await file, signals);
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
