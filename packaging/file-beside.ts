import { join } from 'node:path';
import type { Plugin } from 'vite';

/**
 * Lets a build import a file beside it where its sources import a module, instead of a copy of that in itself. What both import
 * of the library is one then: an error that one throws is an instance of the classes that the other exports.
 *
 * @param module from which that file is built
 */
export function fileBeside(module: string, file: string): Plugin {
  const path = join(import.meta.dirname, '..', module);
  return {
    name: `beside ${file}`,
    enforce: 'pre',
    async resolveId(id, importer, options) {
      if (importer === undefined) return undefined;
      const resolved = await this.resolve(id, importer, { ...options, skipSelf: true });
      return resolved?.id === path ? { id: `./${file}`, external: 'relative' } : undefined;
    },
  };
}
