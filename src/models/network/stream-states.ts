import type { SampleShape } from '../../runtime/shape.ts';
import type { StateName } from './layers/layer.ts';

/** The states of a stream that belong to no layer. */
export const STREAM_OUTPUT = 'stream/output';
export const STREAM_INPUT = 'stream/input';

/**
 * The states that a stream has beside those of the layers, so that `generate` can go on from them: its last output, and its
 * last input where that may be a window of outputs.
 */
export function streamStates(input: SampleShape, output: SampleShape): { name: StateName; size: number }[] {
  const [features, outputs] = [input.at(-1)!, output.at(-1)!];
  const states: { name: StateName; size: number }[] = [{ name: STREAM_OUTPUT, size: outputs }];
  if (features > outputs && features % outputs === 0) states.push({ name: STREAM_INPUT, size: features });
  return states;
}
