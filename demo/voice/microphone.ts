import captureUrl from './capture.ts?worker&url';
import { Resampler } from './resampler.ts';
import { CHUNK } from './sound.ts';

/**
 * Listens to the microphone until `signal` is aborted or the microphone is gone.
 *
 * @yields whole chunks at the rate of the detector: all that came since the last time
 * @throws Error with a sentence for the reader
 */
export async function* microphone(signal: AbortSignal): AsyncGenerator<Float32Array<ArrayBuffer>> {
  const stream = await openMicrophone();
  const [track] = stream.getAudioTracks();
  const context = new AudioContext();
  try {
    const node = await captureFrom(stream, context);
    const resampler = new Resampler(context.sampleRate);
    const waiting: number[] = [];
    let wake = (): void => {};
    node.port.addEventListener('message', ({ data }: MessageEvent<Float32Array>) => {
      waiting.push(...resampler.push(data));
      wake();
    });
    node.port.start();
    signal.addEventListener('abort', () => wake());
    track.addEventListener('ended', () => wake());
    while (!signal.aborted) {
      const ready = waiting.length - (waiting.length % CHUNK);
      if (ready > 0) yield Float32Array.from(waiting.splice(0, ready));
      else if (track.readyState === 'ended') throw new Error('The microphone was disconnected.');
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    track.stop();
    await context.close();
  }
}

async function openMicrophone(): Promise<MediaStream> {
  // Browsers leave this out where a page is not secure.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new Error('This browser offers no microphone to this page.');
  try {
    // The detector was trained on voices between noises: nothing need be taken out.
    return await devices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true },
    });
  } catch (error) {
    throw new Error(wordsFor(error), { cause: error });
  }
}

/** Has what comes from the microphone sent block by block through the port of a node. */
async function captureFrom(stream: MediaStream, context: AudioContext): Promise<AudioWorkletNode> {
  await context.audioWorklet.addModule(captureUrl).catch((cause: unknown) => {
    throw new Error('Code for the microphone could not be loaded. Check the connection, then press again.', { cause });
  });
  await context.resume();
  const node = new AudioWorkletNode(context, 'capture', { channelCount: 1, channelCountMode: 'explicit' });
  // It plays silence: what leads to no loudspeaker need not be computed.
  context.createMediaStreamSource(stream).connect(node).connect(context.destination);
  return node;
}

/** Says why there is no microphone, and what to do. */
function wordsFor(error: unknown): string {
  switch (error instanceof DOMException ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return (
        'The browser does not let this page listen. Allow it the microphone, in the address bar or in its settings, ' +
        'then press again.'
      );
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'There is no microphone. Connect one and press again, or open a file.';
    case 'NotReadableError':
    case 'AbortError':
      return 'The microphone cannot be used: another program may have it. Close that, then press again.';
    default:
      return `The microphone cannot be used: ${String(error)}`;
  }
}
