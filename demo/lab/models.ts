/** The networks of the lab that can become files, by what made them. */
export type ModelName = 'forecast' | 'writer' | 'imported';

/** A network that is kept in the worker, in words for the reader. */
export interface KnownModel {
  /** Such as `the forecast of “passengers”, after 20 epochs`. */
  title: string;
  /** A sentence about the numbers that go in and come out, where they are not those of the reader. */
  note?: string;
}

const known = new Map<ModelName, KnownModel>();
const listeners = new Set<() => void>();

export function knownModels(): ReadonlyMap<ModelName, KnownModel> {
  return known;
}

/** Says what the network of a name is now; `undefined`: there is none any more. */
export function noteModel(name: ModelName, model: KnownModel | undefined): void {
  if (model) known.set(name, model);
  else known.delete(name);
  for (const listener of listeners) listener();
}

/** Calls `listener` after each change of what is known. */
export function onKnownModels(listener: () => void): void {
  listeners.add(listener);
}
