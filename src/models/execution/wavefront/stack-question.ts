import type { Question, Stage, Way } from '../../../runtime/question.ts';
import type { Recorded, Recording, Signal } from '../../network/layers/layer.ts';
import type { Lstm } from '../../network/layers/lstm.ts';
import { recordWavefront } from './wavefront.ts';

/** How the layers of a stack go through time: one after the other, or together. */
const WAYS = [{ name: 'layer by layer' }, { name: 'wavefront' }] as const satisfies readonly Way[];
export type StackWay = (typeof WAYS)[number];

/** Steps of a rehearsal at the most. */
const REHEARSED_STEPS = 32;

/**
 * In which way a stack of LSTM layers is fastest.
 *
 * @param recordings one for each of its layers
 * @param known what a layer takes on its own, without noting that it asked
 */
export function stackQuestion(
  stack: readonly Lstm[],
  recordings: readonly Recording[],
  input: Signal,
  known: Recording['choose'],
): Question<StackWay> {
  const [steps, rows, features] = input.values.shape;
  const [{ units }] = stack;
  const [{ isTraining }] = recordings;
  const workOfStep = stack.length * 8 * units * units * rows * (isTraining ? 2 : 1);
  const passes = isTraining ? 'forward and backward' : 'forward';
  return {
    key: `stack of ${stack.length} lstm, B ${rows}, H ${units}, I ${features}, T ${steps}, ${passes}`,
    ways: WAYS,
    work: steps * workOfStep,
    rehearse: (way, stage) => {
      const rehearsed = Math.min(steps, REHEARSED_STEPS);
      const apart = recordings.map((recording) => onStage({ ...recording, steps: rehearsed, choose: known }, stage));
      const signal = { values: stage.tensor('input', [rehearsed, rows, features]) };
      const recorded =
        way.name === 'wavefront' ? [recordWavefront(stack, apart, signal)] : inTurn(stack, apart, signal);
      if (isTraining) back(recorded, stage);
      return rehearsed * workOfStep;
    },
  };
}

/** A recording whose memory is that of a rehearsal, and whose states come from nowhere and go nowhere. */
function onStage(recording: Recording, { plan, tensor, frames }: Stage): Recording {
  let made = 0;
  const layer = recording.weights[0].label;
  return {
    ...recording,
    plan,
    frames,
    tensor: (label, shape) => tensor(`${layer}, ${label}, ${made++}`, shape),
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

function back(recorded: readonly Recorded[], { tensor }: Stage): void {
  let gradient = tensor('output gradient', recorded.at(-1)!.output.values.shape);
  for (let index = recorded.length - 1; index >= 0; index--) {
    gradient = recorded[index].backward(gradient, index > 0) ?? gradient;
  }
}
