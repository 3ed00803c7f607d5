import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Plugin } from 'vite';

/** The imports of pages, of which the build tells how large they are. */
export const IMPORTS = {
  'inference of an LSTM with a dense head': ['dense', 'lstm', 'requestGpu', 'sequential'],
  everything: ['*'],
} as const;

/**
 * Bundles these exports of the built module as a page would, minified.
 *
 * @returns the code that the page loads at once, without what the library loads itself later
 */
export async function bundled(folder: string, names: readonly string[]): Promise<string> {
  const exported = names.includes('*') ? '*' : `{ ${names.join(', ')} }`;
  const contents = `export ${exported} from './lstm-webgpu.js';`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    external: ['./lstm-webgpu-generator.js'],
    minify: true,
    format: 'esm',
    write: false,
  });
  return outputFiles[0].text;
}

/** The size of a code after gzip, in kB of 1000 bytes. */
export function gzipped(code: string): number {
  return gzipSync(code, { level: 9 }).length / 1000;
}

/** Prints after the build how large the library is in a page. */
export function reportSizes(): Plugin {
  return {
    name: 'report-sizes',
    async writeBundle({ dir }) {
      for (const [what, names] of Object.entries(IMPORTS)) {
        const code = await bundled(dir!, names);
        this.info(`${what}: ${(code.length / 1000).toFixed(0)} kB minified, ${gzipped(code).toFixed(1)} kB gzip`);
      }
    },
  };
}
