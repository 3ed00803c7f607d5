import { ShapeError, UnsupportedError, ValueError, type Shape } from '../../index.ts';
import { show } from '../reading.ts';
import { sameShape, shapeText } from '../shape.ts';
import type { TorchModule } from './modules.ts';
import type { Slot } from './slots.ts';

/** A layer and the arrays of the file that are its weights. */
export interface Pair {
  readonly module: TorchModule;
  readonly slot: Slot;
}

/** The most arrays or modules that a message lists. */
const MAX_LISTED = 6;

/**
 * Finds for each layer the module of the file whose arrays have its names and shapes. Where several layers have the same, the
 * order of the levels of one module decides, or else the names of the layers.
 *
 * @throws ValueError, ShapeError, UnsupportedError if a module or a layer is left over, or which belongs to which is open
 */
export function pair(where: string, modules: readonly TorchModule[], slots: readonly Slot[]): Pair[] {
  const forms = new Map<string, Rest>();
  const ofForm = (form: string) => {
    const known = forms.get(form) ?? { modules: [], slots: [] };
    forms.set(form, known);
    return known;
  };
  for (const module of modules) ofForm(formOfModule(module)).modules.push(module);
  for (const slot of slots) ofForm(formOfSlot(slot)).slots.push(slot);
  const groups = [...forms.values()];
  const pairs = groups.flatMap((group) => pairAlike(where, group));
  const [paired, used] = [new Map(pairs.map((one) => [one.module, one])), new Set(pairs.map(({ slot }) => slot))];
  const rest = { modules: modules.filter((one) => !paired.has(one)), slots: slots.filter((one) => !used.has(one)) };
  if (rest.modules.length + rest.slots.length > 0) refuse(where, rest);
  return modules.map((module) => paired.get(module)!);
}

/** Layers and modules of PyTorch that are not paired yet. */
interface Rest {
  readonly modules: TorchModule[];
  readonly slots: Slot[];
}

const formOf = (parts: readonly (readonly [string, Shape])[]) =>
  parts
    .map(([part, shape]) => `${part} ${shape.join(' ')}`)
    .toSorted()
    .join('\n');
const formOfModule = ({ arrays }: TorchModule) => formOf(arrays.map(({ part, shape }) => [part, shape]));
const formOfSlot = ({ parts }: Slot) => formOf([...parts].map(([part, { shape }]) => [part, shape]));

/**
 * Pairs layers and modules that have all the same form; some are left over if there are more of the one than of the other.
 *
 * @throws ValueError if it is open which belongs to which
 */
function pairAlike(where: string, { modules, slots }: Rest): Pair[] {
  if (modules.length !== slots.length) return pairByName(modules, slots);
  if (modules.length === 1) return [{ module: modules[0], slot: slots[0] }];
  const named = pairByName(modules, slots);
  if (named.length === modules.length) return named;
  if (slots.every(({ module, isRecurrent }) => isRecurrent && module === slots[0].module)) {
    const levels = slots.toSorted((a, b) => a.level - b.level);
    return modules.map((module, n) => ({ module, slot: levels[n] }));
  }
  const names = slots.map(({ name }) => name);
  throw new ValueError(
    `${where}: ${list(names)} have arrays of the same shapes, and so have the layers ` +
      `${list(modules.map(({ layer }) => layer))}. ` +
      `Name the layers like the modules, { name: ${show(names[0].split('.').at(-1))} }, so that it is known which is which.`,
  );
}

/** Pairs layers with modules of the same name, or of the only path that ends in it. */
function pairByName(modules: readonly TorchModule[], slots: readonly Slot[]): Pair[] {
  return modules.flatMap((module) => {
    const same = slots.filter(({ name }) => name === module.layer);
    const ending = slots.filter(({ name }) => name.endsWith(`.${module.layer}`));
    const [slot, other] = same.length > 0 ? same : ending;
    return slot && !other ? [{ module, slot }] : [];
  });
}

function refuse(where: string, { modules, slots }: Rest): never {
  for (const { module, slot } of likely(modules, slots)) expectShapes(where, module, slot);
  const projection = slots.find(({ parts }) => parts.has('weight_hr'));
  if (projection) {
    throw new UnsupportedError(`${where}: module ${show(projection.name)} has proj_size, which no layer here has.`);
  }
  const needed = modules.slice(0, 1).map(({ layer, arrays }) => {
    const parts = arrays.map(({ part, shape }) => `${part} ${shapeText(shape)}`).join(', ');
    return `nothing in it fits layer ${show(layer)}, which needs ${parts}`;
  });
  const tensors = slots.flatMap(({ parts }) => [...parts.values()]);
  const left = tensors.length === 0 ? [] : [`the model has no layer for ${list(tensors.map(arrayText))}`];
  throw new ValueError(`${where}: ${[...needed, ...left].join('; ')}.`);
}

const arrayText = ({ name, dtype, shape }: { name: string; dtype: string; shape: Shape }) =>
  `${name} ${dtype === 'F32' ? '' : `${dtype} `}${shapeText(shape.slice(0, MAX_LISTED))}`;

/** Layers beside the modules that they were probably meant to be: of the same name, or the only ones that are left. */
function likely(modules: readonly TorchModule[], slots: readonly Slot[]): Pair[] {
  const named = pairByName(modules, slots);
  if (named.length > 0 || modules.length !== 1 || slots.length !== 1) return named;
  return [{ module: modules[0], slot: slots[0] }];
}

/** @throws ShapeError with the first array of another shape than the layer's */
function expectShapes(where: string, { layer, arrays }: TorchModule, { parts }: Slot): void {
  for (const { part, shape } of arrays) {
    const given = parts.get(part);
    if (!given || sameShape(given.shape, shape)) continue;
    throw new ShapeError(
      `${where}: ${show(given.name)} has shape ${shapeText(given.shape)}, expected ${shapeText(shape)} for layer ` +
        `${show(layer)}.`,
    );
  }
}

/** Names for an error message, of which only the first are shown if there are many. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map(show).join(', ');
  return names.length <= MAX_LISTED ? shown : `${shown} and ${names.length - MAX_LISTED} more`;
}
