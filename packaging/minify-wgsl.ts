import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'vite';
import { minifiedWgsl, shortNames } from './minified-wgsl.ts';

/** The texts that are no part of the library's own module, but of one that it loads (`vite.generator.config.ts`). */
const LATER = /generation.(generate-steps|layer-step)\.wgsl$/;

const SHADERS = join(import.meta.dirname, '../src/shaders');

/** A module that imports every WGSL file, so that they come before all other code. */
const ALL = 'virtual:all-wgsl';

/**
 * Minifies the WGSL that modules import as text, and puts all of it at the beginning of the code: what is similar lies within
 * the 32 kB in which gzip looks for it. Texts that nothing uses are dropped.
 */
export function minifyWgsl(): Plugin {
  let paths: string[];
  let names: ReadonlyMap<string, string>;
  return {
    name: 'minify-wgsl',
    apply: 'build',
    // Vite's own plugin for `?raw` would load the text first.
    enforce: 'pre',
    async buildStart() {
      const files = (await readdir(SHADERS, { recursive: true })).filter((path) => path.endsWith('.wgsl')).sort();
      paths = files.map((path) => join(SHADERS, path));
      const isLater = (path: string) => LATER.test(path);
      const read = (some: readonly string[]) => Promise.all(some.map((path) => readFile(path, 'utf8')));
      names = shortNames(await read(paths.filter((path) => !isLater(path))), await read(paths.filter(isLater)));
    },
    resolveId: {
      filter: { id: /^virtual:all-wgsl$/ },
      handler: (id) => ({ id, moduleSideEffects: true }),
    },
    load: {
      filter: { id: /\.wgsl\?raw$|^virtual:all-wgsl$/ },
      async handler(id) {
        if (id === ALL) return paths.map((path) => `import ${JSON.stringify(`${path}?raw`)};`).join('\n');
        const text = await readFile(id.slice(0, id.indexOf('?')), 'utf8');
        return `export default ${JSON.stringify(minifiedWgsl(text, names))};`;
      },
    },
    transform(code, id) {
      return this.getModuleInfo(id)?.isEntry ? { code: `import '${ALL}'; ${code}`, map: null } : undefined;
    },
  };
}
