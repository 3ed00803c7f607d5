// Runs on the audio thread of the browser, in a file of its own: it sends on what the microphone hears.

/** The parts of AudioWorkletGlobalScope, which TypeScript does not know, that are used. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

/** Samples of a message: some hundredths of a second. */
const BLOCK = 1024;

class Capture extends AudioWorkletProcessor {
  #block = new Float32Array(BLOCK);
  #filled = 0;

  /** Takes the samples of all channels of all inputs, which is one each; there are none before the microphone is there. */
  process([[samples]]: Float32Array[][]): boolean {
    if (!samples) return true;
    // A call brings 128 samples, of which the block is a multiple.
    this.#block.set(samples, this.#filled);
    this.#filled += samples.length;
    if (this.#filled < BLOCK) return true;
    this.port.postMessage(this.#block, [this.#block.buffer]);
    this.#block = new Float32Array(BLOCK);
    this.#filled = 0;
    return true;
  }
}

registerProcessor('capture', Capture);
