import type { LayerContents } from './contents.ts';

/** The names of layers as this library gives them: their own, or the type, with a number from the second layer on. */
export function layerNames(layers: readonly LayerContents[]): string[] {
  const counts = new Map<string, number>();
  return layers.map(({ type, options }) => {
    const count = counts.get(type) ?? 0;
    counts.set(type, count + 1);
    return (options.name as string | undefined) ?? (count === 0 ? type : `${type}_${count}`);
  });
}
