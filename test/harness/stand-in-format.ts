import type { ModelContents } from '../../src/formats/contents.ts';
import { FORMATS } from '../../src/formats/formats.ts';

const kept: ModelContents[] = [];

/** Contents with other names of arrays, since a file has its own. */
function renamed(contents: ModelContents): ModelContents {
  const rename = <T extends { name: string }>(arrays: readonly T[]) =>
    arrays.map((array) => ({ ...array, name: `file/${array.name}` }));
  const { weights, optimizerState } = contents;
  const moments = Object.entries(optimizerState?.moments ?? {}).map(([name, arrays]) => [name, rename(arrays)]);
  return {
    ...contents,
    weights: weights && rename(weights),
    optimizerState: optimizerState && { ...optimizerState, moments: Object.fromEntries(moments) },
  };
}

/** Stands in for the format `'keras'`: what it writes is the number under which it keeps the contents. */
export function useStandInFormat(): void {
  FORMATS.unshift({
    name: 'keras',
    extension: '.keras',
    holds: 'everything',
    recognizes: (file) => new TextDecoder().decode(file).startsWith('stand-in '),
    load: async () => ({
      read: async (_where, file) => structuredClone(kept[Number(new TextDecoder().decode(file).split(' ')[1])]),
      write: async (_where, contents, name) => {
        const number = kept.push(structuredClone(renamed(contents))) - 1;
        return new Map([[name, new TextEncoder().encode(`stand-in ${number}`)]]);
      },
    }),
  });
}
