import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { minifiedWgsl, shortNames } from './minified-wgsl.ts';

const SHADERS = join(import.meta.dirname, '../src/shaders');

/** Minifies the WGSL that modules import as text. */
export function minifyWgsl(): Plugin {
  let names: ReadonlyMap<string, string>;
  return {
    name: 'minify-wgsl',
    apply: 'build',
    // Vite's own plugin for `?raw` would load the text first.
    enforce: 'pre',
    async buildStart() {
      const files = (await readdir(SHADERS, { recursive: true })).filter((path) => path.endsWith('.wgsl'));
      names = shortNames(await Promise.all(files.map((path) => readFile(join(SHADERS, path), 'utf8'))));
    },
    load: {
      filter: { id: /\.wgsl\?raw$/ },
      async handler(id) {
        const text = await readFile(id.slice(0, id.indexOf('?')), 'utf8');
        return `export default ${JSON.stringify(minifiedWgsl(text, names))};`;
      },
    },
  };
}
