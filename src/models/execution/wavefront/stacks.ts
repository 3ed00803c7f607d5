import type { Precision } from '../../../shaders/precision.ts';
import type { Layer } from '../../network/layers/layer.ts';
import { Lstm } from '../../network/layers/lstm.ts';

/** The layers from `first` on that one wavefront can compute if no step is masked: two or more, or none. */
export function stackFrom(layers: readonly Layer[], first: number): readonly Lstm[] {
  let end = first + 1;
  while (end < layers.length && !unsupportedBetween(layers[end - 1], layers[end])) end++;
  return end - first > 1 ? (layers.slice(first, end) as Lstm[]) : [];
}

/** Why no layers of a network can be a wavefront, as the end of a sentence; `undefined` if some can. */
export function whyNotWavefront(layers: readonly Layer[], precision: Precision): string | undefined {
  if (precision !== 'float32') return `precision is "${precision}"`;
  let unsupportedReason = 'no lstm layer follows another';
  for (const [index, below] of layers.slice(0, -1).entries()) {
    const above = layers[index + 1];
    const found = unsupportedBetween(below, above);
    if (!found) return undefined;
    if (below instanceof Lstm && above instanceof Lstm) unsupportedReason = found;
  }
  return unsupportedReason;
}

/** Why one wavefront cannot include two consecutive layers; `undefined` if it can. */
function unsupportedBetween(below: Layer, above: Layer): string | undefined {
  if (!(below instanceof Lstm) || !(above instanceof Lstm)) return 'one of them is no lstm';
  const differ = `${below.name} and ${above.name} differ in their`;
  if (below.units !== above.units) return `${differ} units, ${below.units} and ${above.units}`;
  if (below.options.activation !== above.options.activation) return `${differ} activation`;
  if (below.recurrentActivation !== above.recurrentActivation) return `${differ} recurrentActivation`;
  return unsupportedIn(below) ?? unsupportedIn(above);
}

function unsupportedIn({ name, options }: Lstm): string | undefined {
  const { dropout, recurrentDropout, goBackwards, activityRegularizer } = options;
  if (dropout > 0) return `${name} has dropout`;
  if (recurrentDropout > 0) return `${name} has recurrentDropout`;
  if (goBackwards) return `${name} has goBackwards`;
  if (activityRegularizer) return `${name} has an activityRegularizer`;
  return undefined;
}
