import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const modules = fileURLToPath(new URL('../node_modules', import.meta.url));

/**
 * The Chrome inside the npm package `@sparticuz/chromium`, unpacked on first use, with the environment variables it needs;
 * `undefined` where it cannot run.
 *
 * @param onPhase is told when it is unpacked
 */
export async function packagedChromium(onPhase?: (phase: string) => void) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;

  const manifest = join(modules, '@sparticuz', 'chromium', 'package.json');
  if (!existsSync(manifest)) return undefined;
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };

  const home = join(modules, '.cache', `chromium-${version}`);
  if (!existsSync(home)) {
    onPhase?.('Unpacking Chrome, once and for all');
    await run(process.execPath, [fileURLToPath(new URL('unpack-chromium.mjs', import.meta.url)), home]);
  }

  const executablePath = join(home, 'chromium');
  const env: Record<string, string> = {};
  // The package's libraries were built for another Linux: they help out only where the machine lacks its own.
  if (await lacksLibraries(executablePath)) {
    env.LD_LIBRARY_PATH = [join(home, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(':');
  }
  if (!existsSync('/etc/fonts/fonts.conf')) env.FONTCONFIG_PATH = join(home, 'fonts');
  return { executablePath, env };
}

async function lacksLibraries(executablePath: string): Promise<boolean> {
  const { stdout } = await run('ldd', [executablePath]);
  return stdout.includes('not found');
}
