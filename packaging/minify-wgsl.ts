import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

/**
 * Strips comments and indentation from WGSL. Every line stays on its number, since a ShaderError names the line of the kernel's
 * file, and `// unrolled` stays too: it tells the library which loops to unroll (`src/runtime/specialize.ts`).
 */
export function minifiedWgsl(text: string): string {
  return text.replace(/[ \t]*\/\/(?! unrolled$).*$/gm, '').replace(/^[ \t]+/gm, '');
}

/** Minifies the WGSL that modules import as text. */
export function minifyWgsl(): Plugin {
  return {
    name: 'minify-wgsl',
    // Vite's own plugin for `?raw` would load the text first.
    enforce: 'pre',
    load: {
      filter: { id: /\.wgsl\?raw$/ },
      async handler(id) {
        const text = await readFile(id.slice(0, id.indexOf('?')), 'utf8');
        return `export default ${JSON.stringify(minifiedWgsl(text))};`;
      },
    },
  };
}
