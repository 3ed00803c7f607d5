import { join } from 'node:path';
import type { Plugin } from 'vite';

const LIBRARY = join(import.meta.dirname, '../src/index.ts');

/**
 * Lets an entry point import the built library beside it, instead of a copy in itself, so that both know the same classes: an
 * error that one throws is an instance of those that the other exports.
 */
export function libraryBeside(): Plugin {
  return {
    name: 'library-beside',
    enforce: 'pre',
    async resolveId(id, importer, options) {
      const resolved = await this.resolve(id, importer, { ...options, skipSelf: true });
      return resolved?.id === LIBRARY ? { id: './lstm-webgpu.js', external: 'relative' } : undefined;
    },
  };
}
