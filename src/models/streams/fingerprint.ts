import { show } from '../../runtime/options.ts';
import type { Network } from '../network/network.ts';
import type { Engine } from '../training/engine/engine.ts';

/** Options on which outputs and states depend, beside the sizes of outputs and the number of weights, with their defaults. */
const OPTIONS = {
  activation: undefined,
  recurrentActivation: 'sigmoid',
  resetAfter: true,
  zeroOutputForMask: false,
  passMask: true,
  maskValue: 0,
  maskZero: false,
};

/**
 * The layers as a text that differs if states of one model mean nothing to the other: how many features the input has, then
 * the type, the size, the number of weights and the options of each layer, without options that stand for their defaults.
 */
export function architectureOf({ sampleShape, layers, summaries }: Network): string {
  const texts = summaries.map(({ type, outputShape, parameterCount, options }, index) => {
    const activation = layers[index].isRecurrent ? 'tanh' : 'linear';
    const chosen = Object.entries({ ...OPTIONS, activation }).flatMap(([name, usual]) => {
      const value = options[name] ?? usual;
      return value === usual ? [] : [`, ${name} ${show(value)}`];
    });
    return `${type} of ${outputShape.at(-1)} with ${parameterCount} weights${chosen.join('')}`;
  });
  return [sampleShape.at(-1), ...texts].join(' → ');
}

/** The digest of a model's weights, which is read when it is asked for and known until they change. */
export class WeightsDigest {
  #version = -1;
  #reading?: Promise<string>;
  #known?: string;

  constructor(private readonly engine: Engine) {}

  /** The digest of the weights as they are after the updates queued so far, if it was read since they last changed. */
  get known(): string | undefined {
    return this.#version === this.engine.network.parameters.version ? this.#known : undefined;
  }

  /** Reads the digest of the weights as they are after the updates queued so far. */
  read(): Promise<string> {
    const { parameters } = this.engine.network;
    if (this.#reading && this.#version === parameters.version) return this.#reading;
    const reading = this.engine.read(() => [parameters.piece()]).then(([bytes]) => parameters.digest(bytes));
    [this.#version, this.#reading, this.#known] = [parameters.version, reading, undefined];
    reading.then(
      (digest) => {
        if (this.#reading === reading) this.#known = digest;
      },
      () => {
        if (this.#reading === reading) this.#reading = undefined;
      },
    );
    return reading;
  }
}
