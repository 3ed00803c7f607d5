import type { Tensor } from '../../../runtime/tensor.ts';
import { applyMask } from '../../../shaders/sequences/apply-mask.ts';
import { timeFlip } from '../../../shaders/sequences/time-flip.ts';
import { GradientProducts } from '../../operations/products/gradient-products.ts';
import { gateColumns, type Cell, type GateValues, type GradientPart } from '../../operations/recurrence/cell.ts';
import { recordActivityGradient } from './activity.ts';
import type { Recording, RecurrentFacts, RecurrentPass, RecurrentTraining } from './layer.ts';
import { Lstm, type LstmCell } from './lstm.ts';
import { trainableLstm } from './lstm-backward.ts';
import { SequenceDropout } from './sequence-dropout.ts';

/** The part of a recurrent layer that only training needs. */
export class TrainedRecurrence implements RecurrentTraining {
  readonly cell: Cell;
  readonly #dropout: SequenceDropout;

  constructor(
    private readonly recording: Recording,
    private readonly layer: RecurrentFacts,
  ) {
    this.cell = layer instanceof Lstm ? trainableLstm(layer.cell as LstmCell) : layer.cell;
    this.#dropout = new SequenceDropout(recording, layer);
  }

  get masks(): Tensor | undefined {
    return this.#dropout.masks;
  }

  inputs(values: Tensor): GateValues[] {
    return this.#dropout.inputs(values);
  }

  backward(pass: RecurrentPass, outputGradient: Tensor, wantsInputGradient: boolean): Tensor | undefined {
    const { recording, layer, cell } = this;
    const { name, features, units } = layer;
    const { input, inputs, gates, output } = pass;
    const { activityRegularizer } = layer.options;
    if (activityRegularizer) recordActivityGradient(recording, activityRegularizer, output, outputGradient);
    const parts = this.#dropout.splitByGate(pass.recordBackward(outputGradient));
    const rows = input.shape[0] * recording.rows;
    const products = new GradientProducts(recording, { rows, features, width: cell.gates * units });
    this.#recordWeightGradients(pass, products, parts);
    if (!wantsInputGradient) return undefined;
    const inputGradients = inputs.map((chosen) => {
      const values = recording.tensor(`${name} dx`, input.shape);
      products.inputGradient(gates, values, gateColumns(cell, units, chosen));
      return { ...chosen, values };
    });
    return this.#dropout.inputGradient(inputGradients);
  }

  /** Records the gradients of the weights, from those of the gates that the backward pass of the time loop leaves. */
  #recordWeightGradients(
    { input: { shape }, inputs, gates }: RecurrentPass,
    products: GradientProducts,
    parts: readonly GradientPart[],
  ): void {
    const { units, options } = this.layer;
    for (const part of parts) {
      const { values: input } = inputs.find(({ firstGate, gates }) => part.firstGate < firstGate + gates)!;
      const dropped = this.#dropout.hidden(this.#afterResets(part.hidden), part.firstGate);
      const hidden = this.#inOrderOfInput(shape[0], { ...part, hidden: dropped });
      const recurrent = { hidden, units, d: part.recurrentGradient };
      const factors = { input, d: gates, hasBias: options.useBias, recurrent };
      products.weightGradient(factors, gateColumns(this.cell, units, part));
    }
  }

  /** The state that entered each step's recurrent product: zero where it was reset before the step. */
  #afterResets(hidden: Tensor): Tensor {
    const { plan, rows, tensor, resets } = this.recording;
    const { name, units, options } = this.layer;
    if (!resets || !options.stateful) return hidden;
    const [steps] = resets.shape;
    const output = tensor(`${name} states after resets`, [steps, rows, units]);
    const constants = { SAMPLES: steps * rows, FEATURES: units, ZEROED: 1 };
    plan.add(applyMask, { mask: resets, input: hidden, output }, constants);
    return output;
  }

  /** The state that entered each step's recurrent product, with the steps in the order of those of dz. */
  #inOrderOfInput(steps: number, { hidden, order }: GradientPart): Tensor {
    const { plan, rows, tensor } = this.recording;
    const { name, units, options } = this.layer;
    if (!options.goBackwards || order === 'input') return hidden;
    const output = tensor(`${name} states in order of the input`, [steps, rows, units]);
    plan.add(timeFlip, { input: hidden, output }, { STEPS: steps, ELEMENTS: rows * units });
    return output;
  }
}
