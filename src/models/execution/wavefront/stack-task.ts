import { costModel } from '../../../runtime/autotune/cost-model.ts';
import type { Candidate, Scratch, TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import { LSTM_KERNELS, type Lstm } from '../../network/layers/lstm.ts';
import type { Recorded, Recording, Signal } from '../../network/layers/layer.ts';
import { PRODUCT_KERNELS } from '../../operations/products/product-tiles.ts';
import { recordWavefront, WAVEFRONT_KERNELS } from './wavefront.ts';

/** How the layers of a stack go through time: one after the other, or together. */
const CANDIDATES = [{ name: 'layer by layer' }, { name: 'wavefront' }] as const satisfies readonly Candidate[];
export type StackCandidate = (typeof CANDIDATES)[number];

const KERNELS = [...WAVEFRONT_KERNELS, ...LSTM_KERNELS, ...PRODUCT_KERNELS];

/**
 * The task of finding out whether a stack of LSTM layers is faster as a wavefront.
 *
 * @param recordings one for each of its layers
 * @param known decides how a layer on its own is done, by what is known so far
 */
export function stackTask(
  stack: readonly Lstm[],
  recordings: readonly Recording[],
  input: Signal,
  known: Recording['decide'],
): TuningTask<StackCandidate> {
  const [steps, rows, features] = input.values.shape;
  const [{ units }] = stack;
  const [{ isTraining }] = recordings;
  const workOfStep = stack.length * 8 * units * units * rows * (isTraining ? 2 : 1);
  const passes = isTraining ? 'forward and backward' : 'forward';
  return {
    key: `stack of ${stack.length} lstm, B ${rows}, H ${units}, I ${features}, T ${steps}, ${passes}`,
    candidates: CANDIDATES,
    kernels: KERNELS,
    work: steps * workOfStep,
    record: (candidate, scratch) => {
      const measured = Math.min(steps, costModel(scratch.plan.gpu).benchmark.stackSteps);
      const apart = recordings.map((recording) => onScratch({ ...recording, steps: measured, decide: known }, scratch));
      const signal = { values: scratch.tensor('input', [measured, rows, features]) };
      const recorded =
        candidate.name === 'wavefront' ? [recordWavefront(stack, apart, signal)] : inTurn(stack, apart, signal);
      if (isTraining) backward(recorded, scratch);
      return measured * workOfStep;
    },
  };
}

/** A recording on the memory of a benchmark, whose states are neither loaded nor stored. */
function onScratch(recording: Recording, { plan, tensor, frames }: Scratch): Recording {
  let made = 0;
  const layer = recording.weights[0].label;
  return {
    ...recording,
    plan,
    frames,
    tensor: (label, shape, data) => tensor(`${layer}, ${label}, ${made++}`, shape, data),
    loadState: () => {},
    storeState: () => {},
  };
}

function inTurn(stack: readonly Lstm[], recordings: readonly Recording[], input: Signal): Recorded[] {
  let signal = input;
  return stack.map((layer, index) => {
    const recorded = layer.record(recordings[index], signal);
    signal = recorded.output;
    return recorded;
  });
}

function backward(recorded: readonly Recorded[], { tensor }: Scratch): void {
  let gradient = tensor('output gradient', recorded.at(-1)!.output.values.shape);
  for (let index = recorded.length - 1; index >= 0; index--) {
    gradient = recorded[index].backward(gradient, index > 0) ?? gradient;
  }
}
