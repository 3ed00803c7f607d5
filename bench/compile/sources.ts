import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The kernels, the code that chooses among them, and the works that are compiled. */
const SOURCES = ['src/shaders', 'src/models/operations', 'src/models/execution', 'bench/compile', 'bench/works'];

/** A digest of all that decides which kernels are compiled, and how: as long as it is the same, so are their figures. */
export function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const folder of SOURCES) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((name) => /\.(ts|wgsl|c)$/.test(name)).toSorted()) {
      hash.update(`${folder}/${file}\n`);
      hash.update(readFileSync(join(root, folder, file)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
