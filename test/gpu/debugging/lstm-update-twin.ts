import { product, swapOuter, type Numbers } from '../../reference/arrays.ts';
import { denseBackward, denseForward } from '../../reference/dense.ts';
import { losses } from '../../reference/losses.ts';
import { adam } from '../../reference/optimizers.ts';
import { recurrent } from '../../reference/recurrent.ts';
import type { Expected, Written } from './plan-debugger.ts';

/** An update of a stateful LSTM with a head of one sigmoid, under binary cross-entropy with the metric accuracy, and Adam. */
export interface LstmUpdate {
  batch: number;
  steps: number;
  features: number;
  units: number;
  learningRate: number;
  /** In Keras' order and layout: kernel, recurrent kernel and bias of the LSTM, kernel and bias of the head. */
  weights: readonly Numbers[];
  /** h and c before the update, [B, H] each. */
  states: readonly Numbers[];
  /** [B, T, I] */
  x: Numbers;
  /** [B, 1] */
  y: Numbers;
}

const GATES = 4;

/** The matrices of weights begin at multiples of so many numbers in their flat tensor. */
const ALIGNMENT = 64;

/** Both moments of Adam after a model's first update, since they begin at zero. */
const MOMENTS = [(g: number) => 0.1 * g, (g: number) => 0.001 * g ** 2];

/**
 * What every tensor holds after each dispatch that writes it, in float64 and laid out as on the GPU.
 *
 * @param kernels of all dispatches, since a time loop may be cut into several
 */
export function lstmUpdateTwin(update: LstmUpdate, kernels: readonly string[]): Expected {
  const { batch, steps, features, units, x, y } = update;
  const { lstm, ofLstm, head, gradients, trained } = lstmUpdate(update);
  const layout = layoutOf(update);
  const [gatesIn, gates, dz] = [head.inputGates, lstm.gates, ofLstm.inputProduct].map(layout.gates);
  const [h, c] = lstm.states.map((state) => layout.timeMajor(state, steps + 1, units));
  const [lstmGradient, headGradient] = layout.matrices(gradients);
  const cellsOfStep = batch * units;

  /** How many steps the time loop has done that `written` belongs to. */
  const stepsDone = ({ n, kernel }: Written) => {
    const dispatches = (list: readonly string[]) => list.filter((name) => name === kernel).length;
    return (steps * dispatches(kernels.slice(0, n + 1))) / dispatches(kernels);
  };
  const states = (all: Float64Array) => (written: Written) => {
    const done = written.kernel === 'state-gather' ? 0 : stepsDone(written);
    return unknownFrom(all, (done + 1) * cellsOfStep);
  };
  /** Rows of the slots of training; those of the other ranges lie behind them and stay zero. */
  const slots = (last: Float64Array) => (written: Written) => paddedTo(written.values.length, last);

  const known: Record<string, (written: Written) => ArrayLike<number>> = {
    'batch input': () => layout.timeMajor(x, steps, features),
    'batch target': () => y,
    'lstm h': states(h),
    'lstm c': states(c),
    'lstm gates': (written) => {
      const done = stepsDone(written) * GATES * cellsOfStep;
      if (written.kernel === 'lstm-forward') return joined(gates, gatesIn, done);
      return written.kernel === 'lstm-backward' ? joined(gates, dz, gates.length - done) : gatesIn;
    },
    'lstm output': (written) => unknownFrom(lstm.last[0], stepsDone(written) === steps ? cellsOfStep : 0),
    'dense z': () => head.z,
    prediction: () => head.prediction,
    'loss gradient': () => head.dz,
    journal: ({ kernel, values }) => paddedTo(values.length, kernel === 'metric' ? head.report : [head.report[0]]),
    // Each product writes some rows of the matrix, and its tensor ends with them.
    'gradient of matrix 1': ({ values }) => headGradient.subarray(0, values.length),
    'gradient of matrix 0': ({ values }) => lstmGradient.subarray(0, values.length),
    'dense dx': () => head.dx,
    'lstm recurrent kernel transposed': () => swapOuter(layout.unitByUnit(update.weights[1]), [units, units, GATES]),
    weights: () => layout.flat(trained),
    moments: () => MOMENTS.flatMap((moment) => Array.from(layout.flat(gradients), moment)),
    'slots of lstm/h': slots(lstm.last[0]),
    'slots of lstm/c': slots(lstm.last[1]),
  };
  return (written) => known[written.tensor]?.(written);
}

/** All that an update works out, batch-major and in Keras' layout. */
function lstmUpdate({ batch, steps, features, units, learningRate, weights, states, x, y }: LstmUpdate) {
  const [kernel, recurrentKernel, bias, headKernel, headBias] = weights;
  const shape = { batch, steps, features, units };
  const lstm = recurrent({ cell: 'lstm' }, shape, { kernel, recurrentKernel, bias }, x, { initial: states });
  const headShape = { rows: batch, features: units, units: 1 };
  const headWeights = { kernel: headKernel, bias: headBias };
  const { z } = denseForward(headShape, headWeights, lstm.last[0], 'linear');
  const loss = losses.binaryCrossentropyFromLogits;
  const dz = z.map((logit, row) => loss.derivative(logit, y[row]) / batch);
  const ofHead = denseBackward(headShape, headWeights, lstm.last[0], z, dz, 'linear');
  const ofLstm = lstm.backward([], [ofHead.x]);
  const gradients = [ofLstm.kernel, ofLstm.recurrentKernel, ofLstm.bias, ofHead.kernel, ofHead.bias];
  const trained = weights.map((weight) => Float64Array.from(weight));
  adam({ learningRate }).step(trained, gradients);
  const right = z.filter((logit, row) => Number(logit > 0) === y[row]).length;
  const head = {
    z,
    dz,
    dx: ofHead.x,
    prediction: z.map((logit) => 1 / (1 + Math.exp(-logit))),
    /** What the journal notes: the sum of losses; of the metric the sum and the number of samples. */
    report: [z.reduce((sum, logit, row) => sum + loss.value(logit, y[row]), 0), right, batch],
    inputGates: product(x, kernel, batch * steps, features, GATES * units).map(
      (sum, n) => sum + bias[n % (GATES * units)],
    ),
  };
  return { lstm, ofLstm, head, gradients, trained };
}

/** From batch-major arrays in Keras' layout to how they lie on the GPU. */
function layoutOf({ batch, steps, units }: LstmUpdate) {
  const width = GATES * units;
  const timeMajor = (data: Numbers, length: number, depth: number) => swapOuter(data, [batch, length, depth]);
  /** Columns gate by gate to columns unit by unit. */
  const unitByUnit = (data: Numbers) =>
    Float64Array.from({ length: data.length }, (_, n) => {
      const column = n % width;
      return data[n - column + (column % GATES) * units + Math.floor(column / GATES)];
    });
  /** The matrix of each layer: kernel, bias and recurrent kernel under each other. */
  const matrices = ([kernel, recurrentKernel, bias, headKernel, headBias]: readonly Float64Array[]) => [
    unitByUnit(Float64Array.of(...kernel, ...bias, ...recurrentKernel)),
    Float64Array.of(...headKernel, ...headBias),
  ];
  return {
    timeMajor,
    unitByUnit,
    matrices,
    gates: (data: Numbers) => unitByUnit(timeMajor(data, steps, width)),
    /** The matrices one behind the other, zeros between them. */
    flat: (weights: readonly Float64Array[]) =>
      Float64Array.from(
        matrices(weights).flatMap((matrix) => [...paddedTo(Math.ceil(matrix.length / ALIGNMENT) * ALIGNMENT, matrix)]),
      ),
  };
}

/** The numbers in front of `from` out of one list, all others out of another. */
function joined(before: Float64Array, behind: Float64Array, from: number): Float64Array {
  return before.map((value, n) => (n < from ? value : behind[n]));
}

function unknownFrom(data: Float64Array, from: number): Float64Array {
  return joined(data, new Float64Array(data.length).fill(NaN), from);
}

function paddedTo(length: number, data: Numbers): Float64Array {
  return Float64Array.from({ length }, (_, n) => data[n] ?? 0);
}
