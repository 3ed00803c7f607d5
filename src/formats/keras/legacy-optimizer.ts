import { ValueError, type OptimizerState } from '../../index.ts';
import type { ArrayContents, CompileContents } from '../contents.ts';
import type { Hdf5Array } from '../hdf5/tree.ts';
import { checkShapes, floats } from './arrays.ts';
import type { SavedWeight } from './layer-weights.ts';
import { complete, momentGroups, readScalars, withRate } from './optimizer-variables.ts';

type Named = Hdf5Array & { readonly name: string };

/** The weights of a model, as the file has them and as they are expected. */
interface Weights {
  /** The arrays of each layer in the file. */
  readonly arrays: readonly (readonly ArrayContents[])[];
  readonly expected: readonly SavedWeight[];
  /** Brings arrays of all layers into the layout of Keras 3. */
  readonly convert: (arrays: ArrayContents[][]) => ArrayContents[];
}

/** The moments by what their names in a file have at the end, or behind the name of the optimizer, in Keras 2 and 3. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['accumulatedGradient', /_gradient_accumulator$/],
  ['averageGradient', /(_|\/)(average_gradient|mg)(\/|$)/i],
  ['velocityHat', /(_|\/)(velocity_hat|vhat)(\/|$)/i],
  ['velocity', /(_|\/)(velocity|v|rms)(\/|$)/i],
  ['momentum', /(_|\/)(momentum|m)(\/|$)/i],
];

/**
 * Reads the state of an optimizer, whose moments older programs store in other orders: the name of an array tells which
 * it is.
 *
 * @throws ValueError, ShapeError if an array is missing, left over, or of another shape
 */
export function readLegacyOptimizer(
  where: string,
  variables: readonly Named[],
  { optimizer }: CompileContents,
  { arrays, expected, convert }: Weights,
): OptimizerState | undefined {
  const { iterations, rate } = readScalars(
    where,
    variables.filter(({ shape }) => shape.length === 0),
  );
  const others = variables.filter(({ shape }) => shape.length > 0).map((each) => floats(where, each.name, each));
  if (others.length === 0 && iterations === 0) return undefined;
  const needed = momentGroups(optimizer).flat();
  const kinds = new Map<string, ArrayContents[]>();
  for (const array of others) {
    const kind = kindOf(where, array.name);
    kinds.set(kind, [...(kinds.get(kind) ?? []), array]);
  }
  const moments: Record<string, ArrayContents[]> = {};
  for (const kind of new Set([...needed, ...kinds.keys()])) {
    const found = kinds.get(kind) ?? [];
    const place = `the ${kind} of ${optimizer.name}`;
    if (!needed.includes(kind)) throw new ValueError(`${where}: there is ${place}, which has none with its options.`);
    checkShapes(
      where,
      place,
      found,
      arrays.flat().map(({ shape }) => ({ name: 'kernel', shape })),
    );
    let at = 0;
    moments[kind] = convert(arrays.map((layer) => layer.map(() => found[at++])));
    checkShapes(where, place, moments[kind], expected);
  }
  return withRate(optimizer, { iterations, moments: complete(optimizer, moments, expected) }, rate);
}

function kindOf(where: string, path: string): string {
  // The place in the file and `:0` are no part of the name.
  const name = path.replace(/^optimizer_weights/, '').replace(/:0$/, '');
  const known = KINDS.find(([, pattern]) => pattern.test(name));
  if (known) return known[0];
  throw new ValueError(
    `${where}: ${path} does not tell which moment of the optimizer it is. Save the model with include_optimizer=False.`,
  );
}
