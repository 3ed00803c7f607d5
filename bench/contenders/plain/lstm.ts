import { sigmoid } from './sigmoid.ts';

export interface LstmShape {
  batch: number;
  steps: number;
  features: number;
  units: number;
}

/** kernel [I, 4H], recurrentKernel [H, 4H], bias [4H]; columns are the gates i, f, c, o. */
export interface LstmWeights {
  kernel: Float32Array;
  recurrentKernel: Float32Array;
  bias: Float32Array;
}

/** An LSTM as a plain loop over float32 arrays, which remembers what its way back needs. */
export class PlainLstm {
  /** After the gate functions, [B, T, 4H]; on the way back their gradients. */
  readonly #gates: Float32Array;
  /** [B, T + 1, H]; step 0 is the state before. */
  readonly #h: Float32Array;
  readonly #c: Float32Array;
  readonly gradients: LstmWeights;

  constructor(
    readonly shape: LstmShape,
    readonly weights: LstmWeights,
  ) {
    const { batch, steps, units } = shape;
    this.#gates = new Float32Array(batch * steps * 4 * units);
    this.#h = new Float32Array(batch * (steps + 1) * units);
    this.#c = new Float32Array(this.#h.length);
    this.gradients = {
      kernel: new Float32Array(weights.kernel.length),
      recurrentKernel: new Float32Array(weights.recurrentKernel.length),
      bias: new Float32Array(weights.bias.length),
    };
  }

  /**
   * @param x [B, T, I], from number `start` on
   * @param carry whether to go on from the last step of the call before; otherwise from zero
   * @param last takes the last h, [B, H]
   */
  forward(x: Float32Array, start: number, carry: boolean, last: Float32Array): void {
    const { batch, steps, features, units } = this.shape;
    const sequence = (steps + 1) * units;
    for (let row = 0; row < batch; row++) {
      const first = row * sequence;
      const end = first + steps * units;
      for (const state of [this.#h, this.#c]) {
        if (carry) state.copyWithin(first, end, end + units);
        else state.fill(0, first, first + units);
      }
      for (let t = 0; t < steps; t++) {
        this.#step(x, start + (row * steps + t) * features, row * steps + t, first + t * units);
      }
      last.set(this.#h.subarray(end, end + units), row * units);
    }
  }

  /** h of a row after each step, [T, H], as the last `forward` left it. */
  sequence(row: number): Float32Array {
    const { steps, units } = this.shape;
    const first = row * (steps + 1) * units;
    return this.#h.subarray(first + units, first + (steps + 1) * units);
  }

  #step(x: Float32Array, input: number, step: number, before: number): void {
    const { features, units } = this.shape;
    const { kernel, recurrentKernel, bias } = this.weights;
    const width = 4 * units;
    const z = this.#gates.subarray(step * width, (step + 1) * width);
    z.set(bias);
    addProduct(z, x, input, features, kernel);
    addProduct(z, this.#h, before, units, recurrentKernel);
    const after = before + units;
    for (let unit = 0; unit < units; unit++) {
      const i = (z[unit] = sigmoid(z[unit]));
      const f = (z[units + unit] = sigmoid(z[units + unit]));
      const g = (z[2 * units + unit] = Math.tanh(z[2 * units + unit]));
      const o = (z[3 * units + unit] = sigmoid(z[3 * units + unit]));
      const c = f * this.#c[before + unit] + i * g;
      this.#c[after + unit] = c;
      this.#h[after + unit] = o * Math.tanh(c);
    }
  }

  /**
   * Overwrites the gradients of the weights.
   *
   * @param x and `start` as in the call of `forward`
   * @param lastGradient of the last h, [B, H]
   */
  backward(x: Float32Array, start: number, lastGradient: Float32Array): void {
    const { batch, steps, features, units } = this.shape;
    const { kernel, recurrentKernel, bias } = this.gradients;
    for (const gradient of [kernel, recurrentKernel, bias]) gradient.fill(0);
    const width = 4 * units;
    const dh = new Float32Array(units);
    const dc = new Float32Array(units);
    for (let row = 0; row < batch; row++) {
      dh.set(lastGradient.subarray(row * units, (row + 1) * units));
      dc.fill(0);
      for (let t = steps - 1; t >= 0; t--) {
        const before = (row * (steps + 1) + t) * units;
        const step = row * steps + t;
        const dz = this.#gates.subarray(step * width, (step + 1) * width);
        this.#gateGradients(dz, before, dh, dc);
        for (let column = 0; column < width; column++) bias[column] += dz[column];
        addOuter(kernel, x, start + step * features, features, dz);
        addOuter(recurrentKernel, this.#h, before, units, dz);
        for (let k = 0; k < units; k++) dh[k] = dotRow(this.weights.recurrentKernel, k, dz);
      }
    }
  }

  /** Turns the gates of a step into the gradients of what they were made of, and dc into that of the step before. */
  #gateGradients(gates: Float32Array, before: number, dh: Float32Array, dc: Float32Array): void {
    const { units } = this.shape;
    for (let unit = 0; unit < units; unit++) {
      const i = gates[unit];
      const f = gates[units + unit];
      const g = gates[2 * units + unit];
      const o = gates[3 * units + unit];
      const squashed = Math.tanh(this.#c[before + units + unit]);
      const gradient = dc[unit] + dh[unit] * o * (1 - squashed * squashed);
      gates[unit] = gradient * g * i * (1 - i);
      gates[units + unit] = gradient * this.#c[before + unit] * f * (1 - f);
      gates[2 * units + unit] = gradient * i * (1 - g * g);
      gates[3 * units + unit] = dh[unit] * squashed * o * (1 - o);
      dc[unit] = gradient * f;
    }
  }
}

/** out [columns] += `inner` numbers of a, from number `start` on, times matrix [inner, columns]. */
function addProduct(out: Float32Array, a: Float32Array, start: number, inner: number, matrix: Float32Array): void {
  const columns = out.length;
  for (let k = 0; k < inner; k++) {
    const factor = a[start + k];
    const row = k * columns;
    for (let column = 0; column < columns; column++) out[column] += factor * matrix[row + column];
  }
}

/** matrix [inner, columns] += the same numbers of a, as a column, times b [columns], as a row. */
function addOuter(matrix: Float32Array, a: Float32Array, start: number, inner: number, b: Float32Array): void {
  const columns = b.length;
  for (let k = 0; k < inner; k++) {
    const factor = a[start + k];
    const row = k * columns;
    for (let column = 0; column < columns; column++) matrix[row + column] += factor * b[column];
  }
}

function dotRow(matrix: Float32Array, row: number, b: Float32Array): number {
  let sum = 0;
  for (let column = 0; column < b.length; column++) sum += matrix[row * b.length + column] * b[column];
  return sum;
}
