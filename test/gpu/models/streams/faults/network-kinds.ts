import {
  dense,
  embedding,
  gru,
  lastStep,
  lstm,
  masking,
  simpleRnn,
  type LayerDefinition,
} from '../../../../../src/index.ts';
import * as twins from '../../../../reference/twin-layers.ts';
import type { Passing, TwinLayer } from '../../../../reference/twin-layers.ts';

/** A layer in float64, for batches and for streams. */
export interface PlainLayer {
  twin: TwinLayer & { states?: readonly Float64Array[] };
  /** The sizes of its states. */
  stateSizes: readonly number[];
  isRecurrent: boolean;
  /** One step of one stream, [1, 1, features]; changes the state. */
  step(input: Passing, state: Float64Array[]): Passing;
}

/** A kind of network, as the library has it and in float64. */
export interface NetworkKind {
  name: string;
  /** Features of a step; an index is one. */
  features: number;
  isIndices: boolean;
  /** Whether there are steps that do not count. */
  isMasked: boolean;
  outputs: number;
  /** How its outputs become inputs when it feeds itself: as they are, or in a window. Absent if classes have to be drawn. */
  feedback?: true | 'shift';
  /** Whether its outputs are probabilities of classes, which are its inputs. */
  givesClasses: boolean;
  /** Whether it has outputs of each step; else those of the last step of a chunk. */
  givesSequences: boolean;
  layers: () => LayerDefinition[];
  plain: () => PlainLayer[];
  /** A number for an input. @param draw gives numbers between 0 and 1 */
  number: (draw: () => number) => number;
}

/** The number by which masked steps are told. */
const MASKED = 9;
const CLASSES = 5;

const real = (draw: () => number) => Math.fround(4 * draw() - 2);

export const NETWORK_KINDS: readonly NetworkKind[] = [
  {
    name: 'lstm, dense',
    features: 2,
    isIndices: false,
    isMasked: false,
    outputs: 2,
    feedback: true,
    givesClasses: false,
    givesSequences: true,
    layers: () => [lstm({ units: 3, stateful: true, returnSequences: true }), dense({ units: 2 })],
    plain: () => [recurrent('lstm', 2, 3), forward(twins.dense(3, 2))],
    number: real,
  },
  {
    name: 'indices, lstm, softmax',
    features: 1,
    isIndices: true,
    isMasked: true,
    outputs: CLASSES,
    givesClasses: true,
    givesSequences: true,
    layers: () => [
      embedding({ inputDim: CLASSES, outputDim: 2, maskZero: true }),
      lstm({ units: 3, stateful: true, returnSequences: true }),
      dense({ units: CLASSES, activation: 'softmax' }),
    ],
    plain: () => [
      forward(twins.embedding(CLASSES, 2, true)),
      recurrent('lstm', 2, 3),
      forward(twins.dense(3, CLASSES)),
      forward(softmax(CLASSES)),
    ],
    number: (draw) => Math.floor(CLASSES * draw()),
  },
  {
    name: 'masked steps, gru, last step, dense',
    features: 1,
    isIndices: false,
    isMasked: true,
    outputs: 1,
    feedback: true,
    givesClasses: false,
    givesSequences: false,
    layers: () => [
      masking({ maskValue: MASKED }),
      gru({ units: 3, stateful: true, returnSequences: true }),
      lastStep(),
      dense({ units: 1 }),
    ],
    plain: () => [forward(twins.masking(MASKED)), recurrent('gru', 1, 3), ofLastStep(3), forward(twins.dense(3, 1))],
    number: (draw) => (draw() < 0.4 ? MASKED : real(draw)),
  },
  {
    name: 'gru, simpleRnn, dense',
    features: 1,
    isIndices: false,
    isMasked: false,
    outputs: 1,
    feedback: true,
    givesClasses: false,
    givesSequences: true,
    layers: () => [
      gru({ units: 3, stateful: true, returnSequences: true }),
      simpleRnn({ units: 2, stateful: true, returnSequences: true }),
      dense({ units: 1, activation: 'tanh' }),
    ],
    plain: () => [recurrent('gru', 1, 3), recurrent('simpleRnn', 3, 2), forward(twins.dense(2, 1, 'tanh'))],
    number: real,
  },
  {
    name: 'lstm of the last step, dense',
    features: 2,
    isIndices: false,
    isMasked: false,
    outputs: 2,
    feedback: true,
    givesClasses: false,
    givesSequences: false,
    layers: () => [lstm({ units: 3, stateful: true, returnSequences: false }), dense({ units: 2 })],
    plain: () => [recurrent('lstm', 2, 3, false), forward(twins.dense(3, 2))],
    number: real,
  },
  {
    name: 'one-hot classes, gru, softmax',
    features: 4,
    isIndices: false,
    isMasked: false,
    outputs: 4,
    feedback: true,
    givesClasses: true,
    givesSequences: true,
    layers: () => [
      gru({ units: 3, stateful: true, returnSequences: true }),
      dense({ units: 4, activation: 'softmax' }),
    ],
    plain: () => [recurrent('gru', 4, 3), forward(twins.dense(3, 4)), forward(softmax(4))],
    number: real,
  },
  {
    name: 'a window of values, lstm, dense',
    features: 6,
    isIndices: false,
    isMasked: false,
    outputs: 2,
    feedback: 'shift',
    givesClasses: false,
    givesSequences: true,
    layers: () => [lstm({ units: 3, stateful: true, returnSequences: true }), dense({ units: 2 })],
    plain: () => [recurrent('lstm', 6, 3), forward(twins.dense(3, 2))],
    number: real,
  },
];

/** Probabilities of classes, from their logits. */
function softmax(classes: number): TwinLayer {
  let probabilities: Float64Array;
  /** Changes the numbers of each step. */
  const ofSteps = (values: Float64Array, change: (step: Float64Array, first: number) => Float64Array) => {
    const changed = new Float64Array(values.length);
    for (let first = 0; first < values.length; first += classes)
      changed.set(change(values.subarray(first, first + classes), first), first);
    return changed;
  };
  return {
    weights: [],
    forward: ({ shape, values, mask }) => {
      probabilities = ofSteps(values, (logits) => {
        const most = Math.max(...logits);
        const powers = logits.map((logit) => Math.exp(logit - most));
        const total = powers.reduce((sum, power) => sum + power, 0);
        return powers.map((power) => power / total);
      });
      return { shape, values: probabilities, mask };
    },
    backward: (gradient) => {
      const x = ofSteps(gradient, (g, first) => {
        const p = probabilities.subarray(first, first + classes);
        const mean = p.reduce((sum, each, k) => sum + each * g[k], 0);
        return p.map((each, k) => each * (g[k] - mean));
      });
      return { weights: [], x };
    },
  };
}

function forward(twin: TwinLayer): PlainLayer {
  return { twin, stateSizes: [], isRecurrent: false, step: (input) => twin.forward(input) };
}

function recurrent(
  cell: 'lstm' | 'gru' | 'simpleRnn',
  features: number,
  units: number,
  returnSequences = true,
): PlainLayer {
  const twin = twins.recurrentLayer(features, units, { cell, stateful: true, returnSequences });
  return {
    twin,
    stateSizes: cell === 'lstm' ? [units, units] : [units],
    isRecurrent: true,
    step: (input, state) => {
      const { mask } = input;
      if (mask?.[0] === false) {
        // A masked step repeats the output before it, which is the state h, whichever chunk that was in.
        const shape = returnSequences ? [1, 1, units] : [1, units];
        return { shape, values: state[0].slice(), mask: returnSequences ? mask : undefined };
      }
      twin.states = state;
      return twin.forward(input);
    },
  };
}

/** In a stream a masked step has the output of the one before it, so the last step is taken whether it is masked or not. */
function ofLastStep(features: number): PlainLayer {
  const step = ({ values }: Passing) => ({ shape: [1, features], values });
  return { twin: twins.lastStep(), stateSizes: [], isRecurrent: false, step };
}
