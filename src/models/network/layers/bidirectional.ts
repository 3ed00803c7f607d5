import type { SampleShape } from '../../../runtime/shape.ts';
import { ValueError } from '../../../runtime/errors.ts';
import { knownOptions, oneOf, optionalName, show } from '../../../runtime/options.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { directionMerge } from '../../../shaders/sequences/direction-merge.ts';
import { directionSplit } from '../../../shaders/sequences/direction-split.ts';
import { timeFlip } from '../../../shaders/sequences/time-flip.ts';
import type { WeightMatrix } from '../parameters.ts';
import type { Layer, LayerDefinition, NameOption, Recorded, Recording, Signal } from './layer.ts';
import type { RecurrentLayer } from './recurrent-layer.ts';

/** The ways to merge the outputs of the two directions; their indices are the numbers in sequences/merge-modes.wgsl. */
export const MERGE_MODES = ['concat', 'sum', 'mul', 'ave'] as const;
export type MergeMode = (typeof MERGE_MODES)[number];

const SUM = MERGE_MODES.indexOf('sum');

/** The kinds of layers that `bidirectional` can wrap. */
const RECURRENT = ['lstm', 'gru', 'simpleRnn'];

export interface BidirectionalOptions extends NameOption {
  /**
   * How the outputs of the two directions are merged: concatenated, or their sum, product or mean. `null` keeps them apart:
   * then the layer must be the last of a model that is not trained, and `predict` returns `outputs: [forward, backward]`.
   * Default: `'concat'`.
   */
  mergeMode?: MergeMode | null;
}

/**
 * A recurrent layer and a second one of the same kind, with weights and states of its own, that reads the input from its last
 * step to its first: `bidirectional(lstm({ units: 10, returnSequences: true }))`. With `returnSequences` the outputs of the
 * second are reversed, so that both directions belong to the same step; without it each direction returns its final output.
 *
 * Both directions skip masked steps; with `returnSequences` the merged outputs of masked steps are zeros.
 *
 * Weights: those of the forward layer, then those of the backward layer, named e.g.
 * `bidirectional/forwardLstm/kernel` and `bidirectional/backwardLstm/kernel`. States are in the same order: with LSTMs
 * forward h and c, backward h and c.
 *
 * @throws ValueError if the layer is not a recurrent one, or an option has a wrong value or is not known; and when the
 * model is built, if the layer itself goes backwards
 * @see Schuster & Paliwal 1997; keras/src/layers/rnn/bidirectional.py
 */
export function bidirectional(layer: LayerDefinition, options: BidirectionalOptions = {}): LayerDefinition {
  const where = 'bidirectional';
  if (!RECURRENT.includes(layer?.kind) || typeof layer.build !== 'function') {
    throw new ValueError(
      `${where}: layer is ${typeof layer?.kind === 'string' ? layer.kind : show(layer)}, expected one of ` +
        `${RECURRENT.join(', ')}, e.g. bidirectional(lstm({ units: 10 })).`,
    );
  }
  knownOptions(where, options, ['mergeMode', 'name']);
  const mergeMode = oneOf(where, 'mergeMode', options.mergeMode === undefined ? 'concat' : options.mergeMode, [
    ...MERGE_MODES,
    null,
  ]);
  return {
    kind: 'bidirectional',
    name: optionalName(where, options.name),
    options: { layer: { type: layer.kind, options: layer.options }, ...options },
    build: (name, input) => new Bidirectional(name, input, layer, mergeMode),
  };
}

class Bidirectional implements Layer {
  readonly outputShape: SampleShape;
  readonly matrices: readonly WeightMatrix[];
  readonly states: Layer['states'];
  readonly isStateful?: boolean;
  readonly returnsState?: boolean;
  readonly hasTwoOutputs: boolean;
  readonly isRecurrent = true;
  readonly needsWholeSequences = true;
  readonly #forward: RecurrentLayer;
  readonly #backward: RecurrentLayer;
  readonly #mode: number;

  constructor(
    readonly name: string,
    input: SampleShape,
    layer: LayerDefinition,
    mergeMode: MergeMode | null,
  ) {
    const inner = layer.name ?? layer.kind;
    const capitalized = inner[0].toUpperCase() + inner.slice(1);
    // The kinds in RECURRENT all build a RecurrentLayer.
    this.#forward = layer.build(`${name}/forward${capitalized}`, input) as RecurrentLayer;
    this.#backward = layer.build(`${name}/backward${capitalized}`, input) as RecurrentLayer;
    const { outputShape, options } = this.#forward;
    if (options.goBackwards) {
      throw new ValueError(
        `${name}: ${layer.kind} has goBackwards: true, expected false: of the two directions one goes backwards anyway. ` +
          `Leave it out.`,
      );
    }
    if (outputShape.length === 1 && options.zeroOutputForMask) {
      throw new ValueError(
        `${name}: ${layer.kind} has zeroOutputForMask: true, which Keras ignores here: with returnSequences the outputs at ` +
          `padding are zeros anyway, and without it the last step that counts is given. Leave it out.`,
      );
    }
    this.hasTwoOutputs = mergeMode === null;
    // The two outputs are computed concatenated, and `predict` separates them.
    const mode = mergeMode ?? 'concat';
    this.#mode = MERGE_MODES.indexOf(mode);
    const units = outputShape.at(-1)!;
    this.outputShape = [...outputShape.slice(0, -1), mode === 'concat' ? 2 * units : units];
    this.matrices = [...this.#forward.matrices, ...this.#backward.matrices];
    this.states = [...this.#forward.states, ...this.#backward.states];
    this.isStateful = this.#forward.isStateful;
    this.returnsState = this.#forward.returnsState;
  }

  record(recording: Recording, input: Signal): Recorded {
    const { plan, tensor } = recording;
    const flipped = {
      values: recordFlip(recording, input.values),
      mask: input.mask && recordFlip(recording, input.mask),
    };
    const forward = this.#forward.record(this.#part(recording, this.#forward, 0, 0), input);
    const { matrices, states } = this.#forward;
    const { trace } = recording;
    const backward = this.#backward.record(
      {
        ...this.#part(recording, this.#backward, matrices.length, states.length),
        trace: trace && ((layer) => trace({ ...layer, areReversed: { gates: true, states: true } })),
      },
      flipped,
    );

    const values = { forward: forward.output.values, reversed: backward.output.values };
    const returnsSequences = this.outputShape.length === 2;
    const [steps, rows, units] = returnsSequences ? values.forward.shape : [1, ...values.forward.shape];
    // As in Keras, masked outputs are set to zero, and the mask is passed on, only with returnSequences.
    const mask = returnsSequences ? input.mask : undefined;
    const constants = { STEPS: steps, ROWS: rows, UNITS: units, MODE: this.#mode, MASKED: mask ? 1 : 0 };
    const merged = tensor('merged directions', [...values.forward.shape.slice(0, -1), this.outputShape.at(-1)!]);
    // Every binding needs a buffer, so another tensor stands in for a mask that does not exist; kernels do not read it.
    const bound = { ...values, mask: mask ?? input.values };
    plan.add(directionMerge, { ...bound, merged }, constants);

    return {
      output: { values: merged, mask: this.#forward.options.passMask ? mask : undefined },
      penalties: [...(forward.penalties ?? []), ...(backward.penalties ?? [])],
      backward: (gradient, wantsInputGradient) => {
        const forward_gradient = tensor('forward gradient', values.forward.shape);
        const reversed_gradient = tensor('reversed gradient', values.reversed.shape);
        plan.add(directionSplit, { ...bound, gradient, forward_gradient, reversed_gradient }, constants);
        const forwardDx = forward.backward(forward_gradient, wantsInputGradient);
        const reversedDx = backward.backward(reversed_gradient, wantsInputGradient);
        if (!forwardDx || !reversedDx) return undefined;
        const dx = tensor('bidirectional dx', input.values.shape);
        const [times, , features] = input.values.shape;
        const sum = { STEPS: times, ROWS: recording.rows, UNITS: features, MODE: SUM, MASKED: 0 };
        const bindings = { forward: forwardDx, reversed: reversedDx, mask: input.values, merged: dx };
        plan.add(directionMerge, bindings, sum);
        return dx;
      },
    };
  }

  /** The recording for one direction, with its part of the weights, gradients and states of both. */
  #part(recording: Recording, { matrices }: Layer, firstMatrix: number, firstState: number): Recording {
    const own = (list: readonly Tensor[]) => list.slice(firstMatrix, firstMatrix + matrices.length);
    return {
      ...recording,
      weights: own(recording.weights),
      gradients: own(recording.gradients),
      loadState: (index, into) => recording.loadState(firstState + index, into),
      storeState: (index, from, firstRow) => recording.storeState(firstState + index, from, firstRow),
    };
  }
}

/** Records the reversal of the steps, [T, ...]. */
function recordFlip({ plan, tensor }: Recording, input: Tensor): Tensor {
  const [steps] = input.shape;
  const output = tensor(`${input.label}, flipped`, input.shape);
  plan.add(timeFlip, { input, output }, { STEPS: steps, ELEMENTS: input.size / steps });
  return output;
}
