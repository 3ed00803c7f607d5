import { hash32 } from '../../../runtime/digest.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { CARRIED, type Gates, type GateValues, type GradientPart } from '../../operations/recurrence/cell.ts';
import { recordDropout } from './dropout.ts';
import type { Recording, RecurrentFacts } from './layer.ts';

/**
 * Dropout inside a recurrent layer that trains. It sets features of the input and units of the state to zero, the same ones at
 * every step of a sequence. With `recurrentDropout` each gate has masks of its own; without it all gates share the mask of the
 * input.
 *
 * @see Gal & Ghahramani 2016; keras/src/layers/rnn/dropout_rnn_cell.py, and `implementation=1` in lstm.py
 */
export class SequenceDropout {
  /**
   * The state's dropout masks, [gates, B, H], and behind them the gradients that the backward kernels carry from step to step,
   * which read both through one binding. Absent without `recurrentDropout`.
   */
  readonly masks?: Tensor;
  readonly #rates: { input: number; state: number };
  readonly #streams: { input: number; state: number };

  constructor(
    private readonly recording: Recording,
    private readonly layer: RecurrentFacts,
  ) {
    const { dropout, recurrentDropout, seed } = layer.options;
    const { rows, tensor } = recording;
    const { gates } = layer.cell;
    this.#rates = { input: dropout, state: recurrentDropout };
    this.#streams = { input: seed ?? hash32(layer.name), state: hash32(`${seed ?? layer.name} recurrent`) };
    if (this.#rates.state === 0) return;
    const ones = new Float32Array(gates * rows * layer.units).fill(1);
    const allOnes = tensor(`${layer.name} all ones`, [gates, rows, layer.units], ones);
    this.masks = tensor(`${layer.name} recurrent masks`, [gates + CARRIED, rows, layer.units]);
    // A mask is the dropout of ones.
    this.#drop('state', allOnes, { into: this.masks, distinct: allOnes.size });
  }

  /** The input after dropout: one tensor for all gates, or one for each if they have masks of their own. */
  inputs(values: Tensor): GateValues[] {
    const all = { firstGate: 0, gates: this.layer.cell.gates };
    if (this.#rates.input === 0) return [{ ...all, values }];
    const distinct = this.recording.rows * this.layer.features;
    return (this.masks ? this.#singleGates(all) : [all]).map((gates) => ({
      ...gates,
      values: this.#drop('input', values, { distinct, first: gates.firstGate * distinct }),
    }));
  }

  /** The gradient of the input, from the gradients of the tensors that `inputs` returned. */
  inputGradient(parts: readonly GateValues[]): Tensor {
    if (this.#rates.input === 0) return parts[0].values;
    const distinct = this.recording.rows * this.layer.features;
    const into = this.recording.tensor(`${this.layer.name} dx with dropout`, parts[0].values.shape);
    parts.forEach(({ values, firstGate }, index) => {
      this.#drop('input', values, { into, distinct, first: firstGate * distinct, isAdded: index > 0 });
    });
    return into;
  }

  /** Splits gradients into those of single gates if each gate has a mask of its own for the state. */
  splitByGate(parts: readonly GradientPart[]): readonly GradientPart[] {
    return this.masks ? parts.flatMap((part) => this.#singleGates(part)) : parts;
  }

  /** The state with a gate's dropout applied, which is the factor in that gate's recurrent product. */
  hidden(values: Tensor, gate: number): Tensor {
    if (!this.masks) return values;
    const distinct = this.recording.rows * this.layer.units;
    return this.#drop('state', values, { distinct, first: gate * distinct });
  }

  #singleGates<T extends Gates>(part: T): T[] {
    return Array.from({ length: part.gates }, (_, gate) => ({ ...part, firstGate: part.firstGate + gate, gates: 1 }));
  }

  #drop(
    what: 'input' | 'state',
    values: Tensor,
    draws: { distinct: number; first?: number; into?: Tensor; isAdded?: boolean },
  ): Tensor {
    const [rate, stream] = [this.#rates[what], this.#streams[what]];
    return recordDropout(this.recording, values, `${this.layer.name} dropped ${what}`, { rate, stream, ...draws });
  }
}
