import { activation, conv1d, dense, lstm, sequential, type Gpu, type Model } from '../../../src/index.ts';
import { CHUNK } from '../../voice/sound.ts';
import { constantsOfFirstBranch, type GraphConstant } from './graph-constants.ts';
import { BINS, spectra } from './spectra.ts';

/** The samples before a chunk that it is heard with, and those behind it, which mirror its end. */
const [CONTEXT, MIRRORED] = [64, 64];
/** The spectra of a chunk with both. */
const FRAMES = 4;
const UNITS = 128;

/**
 * The voice detector of Silero, version 5 for 16 kHz: spectra of a chunk, four convolutions, an LSTM that remembers the chunks
 * before, and a head that gives the probability of speech. Any number of streams are heard at once: each has a slot of its own.
 */
export class VoiceDetector {
  readonly #contexts: Float32Array;

  private constructor(
    private readonly model: Model,
    private readonly basis: Float32Array,
    private readonly streams: number,
  ) {
    this.#contexts = new Float32Array(streams * CONTEXT);
  }

  /** @param file `silero_vad_v5.onnx` of the package @ricky0123/vad-web */
  static async load(gpu: Gpu, file: Uint8Array<ArrayBuffer>, streams = 1): Promise<VoiceDetector> {
    const constants = constantsOfFirstBranch(file);
    const named = (end: string): GraphConstant => {
      const name = [...constants.keys()].find((key) => key.endsWith(`__${end}`));
      if (name === undefined) throw new Error(`The file of the voice detector lacks ${end}.`);
      return constants.get(name)!;
    };
    const model = await sequential(gpu, {
      inputShape: [FRAMES, BINS],
      batchSize: streams,
      layers: [
        conv1d({ filters: 128, kernelSize: 3, padding: 'same', activation: 'relu' }),
        // Two steps further with three taps and a zero on both sides: the same as four taps, of which the last is zero.
        conv1d({ filters: 64, kernelSize: 4, strides: 2, padding: 'same', activation: 'relu' }),
        conv1d({ filters: 64, kernelSize: 4, strides: 2, padding: 'same', activation: 'relu' }),
        conv1d({ filters: 128, kernelSize: 3, padding: 'same', activation: 'relu' }),
        lstm({ units: UNITS, stateful: true }),
        activation('relu'),
        dense({ units: 1, activation: 'sigmoid' }),
      ],
      weights: weightsOf(named),
    });
    return new VoiceDetector(model, named('stft.forward_basis_buffer').data, streams);
  }

  /**
   * Hears the next chunk of every stream.
   *
   * @param chunks [streams, CHUNK] samples from -1 to 1
   * @returns the probability of speech in each stream
   */
  async hear(chunks: Float32Array): Promise<Float32Array> {
    const heard = new Float32Array(this.streams * FRAMES * BINS);
    for (let stream = 0; stream < this.streams; stream++) {
      const samples = this.#withContext(chunks.subarray(stream * CHUNK, (stream + 1) * CHUNK), stream);
      spectra(this.basis, samples, heard.subarray(stream * FRAMES * BINS));
    }
    const { data } = await this.model.predictOnBatch({ data: heard, shape: [this.streams, FRAMES, BINS] });
    return data;
  }

  /** Forgets what was heard. */
  reset(): void {
    this.#contexts.fill(0);
    this.model.resetStates();
  }

  dispose(): void {
    this.model.dispose();
  }

  #withContext(chunk: Float32Array, stream: number): Float32Array {
    const context = this.#contexts.subarray(stream * CONTEXT, (stream + 1) * CONTEXT);
    const length = CONTEXT + CHUNK;
    const samples = new Float32Array(length + MIRRORED);
    samples.set(context);
    samples.set(chunk, CONTEXT);
    for (let n = 0; n < MIRRORED; n++) samples[length + n] = samples[length - 2 - n];
    context.set(chunk.subarray(CHUNK - CONTEXT));
    return samples;
  }
}

/** The weights of the layers, of PyTorch's. */
function weightsOf(named: (end: string) => GraphConstant) {
  const convolutions = [0, 1, 2, 3].flatMap((n) => [
    kernelOf(named(`encoder.${n}.reparam_conv.weight`), n === 1 || n === 2 ? 4 : 3),
    named(`encoder.${n}.reparam_conv.bias`),
  ]);
  const [first, second] = [named('decoder.rnn.bias_ih'), named('decoder.rnn.bias_hh')];
  const bias = { shape: first.shape, data: first.data.map((value, n) => value + second.data[n]) };
  const [kernel, recurrent] = [named('decoder.rnn.weight_ih'), named('decoder.rnn.weight_hh')].map(transposed);
  const { shape, data } = named('decoder.decoder.2.weight');
  const head = transposed({ shape: shape.slice(0, 2), data });
  return [...convolutions, kernel, recurrent, bias, head, named('decoder.decoder.2.bias')];
}

/** [filters, features, taps] to [taps, features, filters], with zeros for more taps. */
function kernelOf({ shape: [filters, features, own], data }: GraphConstant, taps: number): GraphConstant {
  const kernel = new Float32Array(taps * features * filters);
  data.forEach((value, n) => {
    const [tap, feature, filter] = [n % own, Math.floor(n / own) % features, Math.floor(n / (own * features))];
    kernel[(tap * features + feature) * filters + filter] = value;
  });
  return { shape: [taps, features, filters], data: kernel };
}

function transposed({ shape: [rows, columns], data }: GraphConstant): GraphConstant {
  const values = data.map((_, n) => data[(n % rows) * columns + Math.floor(n / rows)]);
  return { shape: [columns, rows], data: values };
}
