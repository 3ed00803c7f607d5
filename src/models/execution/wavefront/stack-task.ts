import { costModel } from '../../../runtime/autotune/cost-model.ts';
import type { Candidate, Scratch, TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import { LSTM_KERNELS, type Lstm } from '../../network/layers/lstm.ts';
import type { Recorded, Recording, Signal } from '../../network/layers/layer.ts';
import { PRODUCT_KERNELS } from '../../operations/products/product-tiles.ts';
import { recordWavefront, WAVEFRONT_KERNELS, type WavefrontTraining } from './wavefront.ts';

/** The ways to compute a stack of layers: one layer after the other, or all of them together. */
const CANDIDATES = [{ name: 'layer by layer' }, { name: 'wavefront' }] as const satisfies readonly Candidate[];
export type StackCandidate = (typeof CANDIDATES)[number];

/** Every kernel that the forward pass of a stack may add. */
export const STACK_KERNELS = [...WAVEFRONT_KERNELS, ...LSTM_KERNELS, ...PRODUCT_KERNELS];

/**
 * The tuning task that tells whether a stack of LSTM layers is faster as a wavefront.
 *
 * @param recordings a recording for each of its layers
 * @param decideLayer decides how a layer is computed on its own, without measuring anything more
 * @param training the backward pass, if one follows
 */
export function stackTask(
  stack: readonly Lstm[],
  recordings: readonly Recording[],
  input: Signal,
  decideLayer: Recording['decide'],
  training: WavefrontTraining | undefined,
): TuningTask<StackCandidate> {
  const [steps, rows, features] = input.values.shape;
  const [{ units }] = stack;
  const isTraining = training !== undefined;
  const workOfStep = stack.length * 8 * units * units * rows * (isTraining ? 2 : 1);
  const passes = isTraining ? 'forward and backward' : 'forward';
  return {
    key: `stack of ${stack.length} lstm, B ${rows}, H ${units}, I ${features}, T ${steps}, ${passes}`,
    candidates: CANDIDATES,
    kernels: training?.kernels ?? STACK_KERNELS,
    work: steps * workOfStep,
    record: (candidate, scratch) => {
      const measured = Math.min(steps, costModel(scratch.plan.gpu).benchmark.stackSteps);
      const onScratch = recordings.map((recording) =>
        scratchRecording({ ...recording, steps: measured, decide: decideLayer }, scratch),
      );
      const signal = { values: scratch.tensor('input', [measured, rows, features]) };
      const recorded =
        candidate.name === 'wavefront'
          ? [recordWavefront(stack, onScratch, signal, training)]
          : layerByLayer(stack, onScratch, signal);
      if (isTraining) backward(recorded, scratch);
      return measured * workOfStep;
    },
  };
}

/** A recording in the scratch memory of a benchmark, which neither loads nor stores states. */
function scratchRecording(recording: Recording, { plan, tensor, frames }: Scratch): Recording {
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

function layerByLayer(stack: readonly Lstm[], recordings: readonly Recording[], input: Signal): Recorded[] {
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
