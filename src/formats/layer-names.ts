import type { LayerContents } from './contents.ts';

/** The names of the layers: their own, or their types, with a number from the second one on, as the library gives them. */
export function layerNames(layers: readonly LayerContents[]): string[] {
  const counts = new Map<string, number>();
  return layers.map(({ type, options }) => {
    const count = counts.get(type) ?? 0;
    counts.set(type, count + 1);
    return (options.name as string | undefined) ?? (count === 0 ? type : `${type}_${count}`);
  });
}
