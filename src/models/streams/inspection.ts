import type { Network } from '../network/network.ts';
import type { LayerSteps, TracedSteps } from '../training/traced-steps.ts';

/** The state of a recurrent layer in a stream. */
export interface InspectedLayer {
  /** As `model.layers` has it. */
  name: string;
  /** The function that made it: `'lstm'`, `'gru'` or `'simpleRnn'`. */
  type: string;
  /** [units]. */
  h: Float32Array<ArrayBuffer>;
  /** The cell state of an `lstm`, [units]. */
  c?: Float32Array<ArrayBuffer>;
  /**
   * The steps of the last push, [timesteps, units] each, if the stream was opened with `trace: true`. Absent before its first
   * push, and from a reset or `generate` to the next push.
   */
  steps?: LayerSteps;
}

/** The states of a stream, layer by layer. @param states in the order of the layers; default: zeros */
export function inspected(
  { layers, summaries }: Network,
  states: readonly Float32Array<ArrayBuffer>[] | undefined,
): InspectedLayer[] {
  let next = 0;
  return layers.flatMap(({ name, isStateful, states: own }, index) => {
    if (!isStateful) return [];
    const [h, c] = own.map(({ size }) => states?.[next++] ?? new Float32Array(size));
    return [{ name, type: summaries[index].type, h, ...(c && { c }) }];
  });
}

/** Adds the steps of the last push, if there are any. */
export function withSteps([layers, steps]: [InspectedLayer[], readonly TracedSteps[] | undefined]): InspectedLayer[] {
  if (!steps) return layers;
  return layers.map((layer, index) => {
    const { gates, h, c } = steps[index].result;
    return { ...layer, steps: { gates, h, ...(c && { c }) } };
  });
}
