import type { Numbers } from './arrays.ts';
import { GATES, type RecurrentSpec } from './cells.ts';
import { recurrent, type RecurrentConditions, type RecurrentShape } from './recurrent.ts';

const GATE_NAMES = { lstm: 'ifco', gru: 'zrh', simpleRnn: '' };

/** The gates and states of all steps of a recurrent layer, [B, T, H] each, and its outputs in order of processing. */
export interface TwinSteps {
  gates: Record<string, Float64Array>;
  h: Float64Array;
  c?: Float64Array;
  output: Float64Array;
  /** The states after the last step, [B, H] each. */
  last: Float64Array[];
}

/**
 * What `model.trace` is to give of a layer, in the order of its input.
 *
 * @param weights kernel, recurrent kernel and bias, in Keras' layout
 * @param x [B, T, I]
 */
export function layerSteps(
  spec: RecurrentSpec,
  shape: RecurrentShape,
  [kernel, recurrentKernel, bias]: readonly Numbers[],
  x: Numbers,
  conditions?: RecurrentConditions,
): TwinSteps {
  const { batch, steps, units } = shape;
  const { gates, states, output, last } = recurrent(spec, shape, { kernel, recurrentKernel, bias }, x, conditions);
  const width = GATES[spec.cell] * units;
  const inOrder = (read: (row: number, processed: number, unit: number) => number) =>
    Float64Array.from({ length: batch * steps * units }, (_, n) => {
      const step = Math.floor(n / units) % steps;
      return read(Math.floor(n / units / steps), spec.goBackwards ? steps - 1 - step : step, n % units);
    });
  const [h, c] = states.map((state) =>
    inOrder((row, step, unit) => state[(row * (steps + 1) + step + 1) * units + unit]),
  );
  const named = Array.from(GATE_NAMES[spec.cell], (name, gate) => [
    name,
    inOrder((row, step, unit) => gates[(row * steps + step) * width + gate * units + unit]),
  ]);
  return { gates: Object.fromEntries(named) as Record<string, Float64Array>, h, ...(c && { c }), output, last };
}
