import { PlainAdam } from './adam.ts';
import { type LstmShape, PlainLstm } from './lstm.ts';
import { sigmoid } from './sigmoid.ts';

/** An LSTM with a dense sigmoid head of one unit, binary cross-entropy and Adam, update by update. */
export class PlainTrainer {
  readonly #lstm: PlainLstm;
  readonly #adam: PlainAdam;
  readonly #last: Float32Array;
  readonly #lastGradient: Float32Array;
  readonly #headGradient: Float32Array;
  readonly #headBiasGradient = new Float32Array(1);

  /** @param weights in Keras' order: kernel, recurrent kernel, bias, and of the head [H, 1] and [1]; changed in place */
  constructor(
    private readonly shape: LstmShape,
    private readonly weights: readonly Float32Array[],
    private readonly stateful: boolean,
  ) {
    const [kernel, recurrentKernel, bias] = weights;
    this.#lstm = new PlainLstm(shape, { kernel, recurrentKernel, bias });
    this.#adam = new PlainAdam(weights);
    this.#last = new Float32Array(shape.batch * shape.units);
    this.#lastGradient = new Float32Array(this.#last.length);
    this.#headGradient = new Float32Array(shape.units);
  }

  /**
   * One update.
   *
   * @param x batches of [B, T, I]
   * @param y targets of [B, 1]
   * @param batch which of them
   */
  update(x: Float32Array, y: Float32Array, batch: number): void {
    const { batch: rows, steps, features } = this.shape;
    const start = batch * rows * steps * features;
    this.#lstm.forward(x, start, this.stateful, this.#last);
    this.#throughHead(y, batch * rows);
    this.#lstm.backward(x, start, this.#lastGradient);
    const { kernel, recurrentKernel, bias } = this.#lstm.gradients;
    this.#adam.step([kernel, recurrentKernel, bias, this.#headGradient, this.#headBiasGradient]);
  }

  /** The head there and back: the loss's gradient by the logit is what the probability exceeds the target by. */
  #throughHead(y: Float32Array, firstTarget: number): void {
    const { batch, units } = this.shape;
    const [, , , head, headBias] = this.weights;
    this.#headGradient.fill(0);
    this.#headBiasGradient[0] = 0;
    for (let row = 0; row < batch; row++) {
      let logit = headBias[0];
      for (let unit = 0; unit < units; unit++) logit += this.#last[row * units + unit] * head[unit];
      const gradient = (sigmoid(logit) - y[firstTarget + row]) / batch;
      this.#headBiasGradient[0] += gradient;
      for (let unit = 0; unit < units; unit++) {
        this.#headGradient[unit] += gradient * this.#last[row * units + unit];
        this.#lastGradient[row * units + unit] = gradient * head[unit];
      }
    }
  }
}
