import modelUrl from '@ricky0123/vad-web/dist/silero_vad_v5.onnx?url';
import type { Gpu } from '../../../src/index.ts';
import { CHUNK } from '../../voice/sound.ts';
import { VoiceDetector } from '../voice/detector.ts';
import type { JobContext } from './job-context.ts';

export interface VoiceOptions {
  /** Whole chunks, which go on from those of the job before. */
  samples: Float32Array;
  /** Whether they begin a sound: what was heard before is forgotten. */
  begins: boolean;
}

export interface Heard {
  /** One for each chunk that was heard: all of them, unless the job was stopped. */
  probabilities: number[];
  /** The time that they took. */
  seconds: number;
}

/** The detector, between two jobs. */
let kept: { gpu: Gpu; detector: VoiceDetector } | undefined;

/** Gives the probability of speech in each chunk of a sound that comes piece by piece, one piece a job. */
export async function voice({ gpu, signal }: JobContext, { samples, begins }: VoiceOptions): Promise<Heard> {
  if (kept?.gpu !== gpu) {
    if (!begins) throw new Error('The browser lost the GPU. Press again to begin anew.');
    kept = { gpu, detector: await loadDetector(gpu) };
  }
  const { detector } = kept;
  if (begins) detector.reset();
  const begun = performance.now();
  const probabilities: number[] = [];
  for (let first = 0; first < samples.length && !signal.aborted; first += CHUNK)
    probabilities.push(...(await detector.hear(samples.subarray(first, first + CHUNK))));
  return { probabilities, seconds: (performance.now() - begun) / 1000 };
}

/** Loads the detector, and lets it hear a chunk of silence, for which its kernels compile. */
async function loadDetector(gpu: Gpu): Promise<VoiceDetector> {
  const detector = await VoiceDetector.load(gpu, await modelFile());
  await detector.hear(new Float32Array(CHUNK));
  return detector;
}

async function modelFile(): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(modelUrl).catch(() => undefined);
  if (response?.ok) return new Uint8Array(await response.arrayBuffer());
  const why = response ? `the host answers ${response.status}` : 'check the connection';
  throw new Error(`The model could not be loaded: ${why}. Its file is ${new URL(modelUrl, location.href).pathname}.`);
}
