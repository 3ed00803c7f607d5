// Unpacks the Chrome of @sparticuz/chromium into the folder named by the first argument.
//
// That package writes into the temporary folder of its process and takes a half-written file for a finished one. So it
// runs here, in a process whose temporary folder is a fresh one, which gets its final name only once everything is in it.
// Plain JavaScript, because the test runner starts it without TypeScript around.

import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = process.argv[2];
await mkdir(dirname(home), { recursive: true });
const workshop = await mkdtemp(`${home}-`);
process.env.TMPDIR = workshop;

// Ctrl-C reaches this process too, and must not leave half a browser behind.
process.once('SIGINT', () => {
  rmSync(workshop, { recursive: true, force: true });
  process.exit(130);
});

const { default: chromium, inflate } = await import('@sparticuz/chromium');
const bin = fileURLToPath(new URL('../bin', import.meta.resolve('@sparticuz/chromium')));
await chromium.executablePath(bin);
await inflate(join(bin, 'al2023.tar.br'));

// The package's own font settings name folders of one cloud service; these name the fonts beside them.
await writeFile(
  join(workshop, 'fonts', 'fonts.conf'),
  '<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="relative">cache</cachedir></fontconfig>\n',
);

try {
  await rename(workshop, home);
} catch (error) {
  await rm(workshop, { recursive: true });
  // Where another process was faster, its copy is as good as this one.
  if (!existsSync(home)) throw error;
}
