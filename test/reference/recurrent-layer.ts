import { biasSize, GATES, type RecurrentSpec } from './cells.ts';
import { recurrent } from './recurrent.ts';
import type { TwinLayer } from './stack.ts';

interface RecurrentLayerOptions extends RecurrentSpec {
  returnSequences?: boolean;
  /** Each pass continues the states that the one before it left. */
  stateful?: boolean;
}

/** A recurrent layer in a stack. */
export interface RecurrentTwin extends TwinLayer {
  /** [B, H] each, after the last pass; none: zeros. Change them to change where a stateful layer goes on. */
  states?: readonly Float64Array[];
}

/** A recurrent layer of `units` cells behind `features` features. */
export function recurrentLayer(features: number, units: number, options: RecurrentLayerOptions): RecurrentTwin {
  const { returnSequences = false, stateful = false, ...spec } = options;
  const width = GATES[spec.cell] * units;
  const sizes = [features * width, units * width, biasSize(spec, units)];
  const weights = sizes.map((size) => new Float64Array(size));
  const [kernel, recurrentKernel, bias] = weights;
  let back: TwinLayer['backward'];
  const twin: RecurrentTwin = {
    weights,
    forward: ({ shape, values, mask }) => {
      const [batch, steps] = shape;
      const run = recurrent(spec, { batch, steps, features, units }, { kernel, recurrentKernel, bias }, values, {
        mask: mask?.map(Number),
        initial: stateful ? twin.states : undefined,
      });
      twin.states = run.last;
      /** Where an element of the output lies among those of all steps. */
      const inAll = (n: number) =>
        returnSequences ? n : (Math.floor(n / units) * steps + steps - 1) * units + (n % units);
      back = (gradient) => {
        const all = new Float64Array(run.output.length);
        gradient.forEach((value, n) => (all[inAll(n)] = value));
        const gradients = run.backward(all);
        return { weights: [gradients.kernel, gradients.recurrentKernel, gradients.bias], x: gradients.x };
      };
      const size = batch * (returnSequences ? steps : 1) * units;
      return {
        shape: returnSequences ? [batch, steps, units] : [batch, units],
        values: Float64Array.from({ length: size }, (_, n) => run.output[inAll(n)]),
        mask: returnSequences ? mask : undefined,
      };
    },
    backward: (gradient) => back(gradient),
  };
  return twin;
}
