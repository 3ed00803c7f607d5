import { ShapeError, UnsupportedError, ValueError, type Shape } from '../../index.ts';
import { show, showAll } from '../reading.ts';
import { sameShape, shapeText } from '../shape.ts';
import type { TorchModule } from './modules.ts';
import type { StoredModule } from './stored-modules.ts';

/** A layer and the module of the file that holds its weights. */
export interface Pair {
  /** The layer, as the module that computes the same. */
  readonly wanted: TorchModule;
  readonly stored: StoredModule;
}

/** Layers and modules of the file that are not paired yet. */
interface Unpaired {
  readonly wanted: TorchModule[];
  readonly stored: StoredModule[];
}

/**
 * Finds for each layer the module of the file whose arrays have its names and shapes. Where several layers have the same, the
 * order of the levels of one module decides, or else the names of the layers.
 *
 * @throws ValueError, ShapeError, UnsupportedError if a module or a layer is left over, or which belongs to which is open
 */
export function pair(where: string, wanted: readonly TorchModule[], stored: readonly StoredModule[]): Pair[] {
  const groups = new Map<string, Unpaired>();
  const groupOf = (form: string) => {
    const group = groups.get(form) ?? { wanted: [], stored: [] };
    groups.set(form, group);
    return group;
  };
  for (const module of wanted) groupOf(formOfWanted(module)).wanted.push(module);
  for (const module of stored) groupOf(formOfStored(module)).stored.push(module);
  const pairs = [...groups.values()].flatMap((group) => pairAlike(where, group));
  const [paired, used] = [new Map(pairs.map((one) => [one.wanted, one])), new Set(pairs.map((one) => one.stored))];
  const rest = { wanted: wanted.filter((one) => !paired.has(one)), stored: stored.filter((one) => !used.has(one)) };
  if (rest.wanted.length + rest.stored.length > 0) refuse(where, rest);
  return wanted.map((module) => paired.get(module)!);
}

/** The form of a module: the names and shapes of its arrays, as a text that is the same for modules of the same form. */
const formOf = (parts: readonly (readonly [string, Shape])[]) =>
  parts
    .map(([part, shape]) => `${part} ${shape.join(' ')}`)
    .toSorted()
    .join('\n');
const formOfWanted = ({ arrays }: TorchModule) => formOf(arrays.map(({ part, shape }) => [part, shape]));
const formOfStored = ({ parts }: StoredModule) => formOf([...parts].map(([part, { shape }]) => [part, shape]));

/**
 * Pairs layers and modules that have all the same form; some are left over if there are more of the one than of the other.
 *
 * @throws ValueError if it is open which belongs to which
 */
function pairAlike(where: string, { wanted, stored }: Unpaired): Pair[] {
  if (wanted.length !== stored.length) return pairByName(wanted, stored);
  if (wanted.length === 1) return [{ wanted: wanted[0], stored: stored[0] }];
  const named = pairByName(wanted, stored);
  if (named.length === wanted.length) return named;
  if (stored.every(({ module, isRecurrent }) => isRecurrent && module === stored[0].module)) {
    const levels = stored.toSorted((a, b) => a.level - b.level);
    return wanted.map((layer, n) => ({ wanted: layer, stored: levels[n] }));
  }
  const names = stored.map(({ name }) => name);
  throw new ValueError(
    `${where}: ${showAll(names)} have arrays of the same shapes, and so have the layers ` +
      `${showAll(wanted.map(({ layer }) => layer))}. ` +
      `Name the layers like the modules, { name: ${show(names[0].split('.').at(-1))} }, so that it is known which is which.`,
  );
}

/** Pairs layers with modules of the same name, or of the only path that ends in it. */
function pairByName(wanted: readonly TorchModule[], stored: readonly StoredModule[]): Pair[] {
  return wanted.flatMap((module) => {
    const same = stored.filter(({ name }) => name === module.layer);
    const ending = stored.filter(({ name }) => name.endsWith(`.${module.layer}`));
    const [one, other] = same.length > 0 ? same : ending;
    return one && !other ? [{ wanted: module, stored: one }] : [];
  });
}

function refuse(where: string, rest: Unpaired): never {
  for (const { wanted, stored } of likelyPairs(rest)) expectShapes(where, wanted, stored);
  const projection = rest.stored.find(({ parts }) => parts.has('weight_hr'));
  if (projection) {
    throw new UnsupportedError(`${where}: module ${show(projection.name)} has proj_size, which no layer here has.`);
  }
  const needed = rest.wanted.slice(0, 1).map(({ layer, arrays }) => {
    const parts = arrays.map(({ part, shape }) => `${part} ${shapeText(shape)}`).join(', ');
    return `nothing in it fits layer ${show(layer)}, which needs ${parts}`;
  });
  const tensors = rest.stored.flatMap(({ parts }) => [...parts.values()]);
  const left = tensors.length === 0 ? [] : [`the model has no layer for ${showAll(tensors.map(tensorText))}`];
  throw new ValueError(`${where}: ${[...needed, ...left].join('; ')}.`);
}

const tensorText = ({ name, dtype, shape }: { name: string; dtype: string; shape: Shape }) =>
  `${name} ${dtype === 'F32' ? '' : `${dtype} `}${shapeText(shape)}`;

/** Layers beside the modules that were probably meant for them: of the same name, or the only ones that are left. */
function likelyPairs({ wanted, stored }: Unpaired): Pair[] {
  const named = pairByName(wanted, stored);
  if (named.length > 0 || wanted.length !== 1 || stored.length !== 1) return named;
  return [{ wanted: wanted[0], stored: stored[0] }];
}

/** @throws ShapeError with the first array of another shape than the layer's */
function expectShapes(where: string, { layer, arrays }: TorchModule, { parts }: StoredModule): void {
  for (const { part, shape } of arrays) {
    const given = parts.get(part);
    if (!given || sameShape(given.shape, shape)) continue;
    throw new ShapeError(
      `${where}: ${show(given.name)} has shape ${shapeText(given.shape)}, expected ${shapeText(shape)} for layer ` +
        `${show(layer)}.`,
    );
  }
}
