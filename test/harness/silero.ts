import type * as Ort from 'onnxruntime-web';
import { CHUNK, RATE } from '../../demo/voice/sound.ts';

/** The samples before a chunk that the detector hears with it. */
const CONTEXT = 64;

/**
 * The probabilities of speech that ONNX Runtime computes.
 *
 * @param ort the build of ONNX Runtime for where the test runs
 * @param file `silero_vad_v5.onnx`
 * @param signals of equal lengths, one for each stream
 * @returns [chunks][streams]
 */
export async function sileroProbabilities(
  ort: typeof Ort,
  file: Uint8Array,
  signals: readonly Float32Array[],
): Promise<number[][]> {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(file);
  const streams = signals.length;
  let state: Ort.Tensor = new ort.Tensor('float32', new Float32Array(2 * streams * 128), [2, streams, 128]);
  const sr = new ort.Tensor('int64', BigInt64Array.of(BigInt(RATE)), []);
  const results: number[][] = [];
  for (let first = 0; first + CHUNK <= signals[0].length; first += CHUNK) {
    const samples = new Float32Array(streams * (CONTEXT + CHUNK));
    signals.forEach((signal, n) => {
      const context = Math.min(CONTEXT, first);
      samples.set(signal.subarray(first - context, first + CHUNK), n * (CONTEXT + CHUNK) + CONTEXT - context);
    });
    const input = new ort.Tensor('float32', samples, [streams, CONTEXT + CHUNK]);
    const outputs = await session.run({ input, state, sr });
    state = outputs.stateN;
    results.push([...(outputs.output.data as Float32Array)]);
  }
  await session.release();
  return results;
}
