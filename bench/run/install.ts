import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Complaint } from '../../headless/complaint.ts';

const home = fileURLToPath(new URL('..', import.meta.url));

/** Packages of bench/ with their versions. */
export function benchPackages(): Record<string, string> {
  return (JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { dependencies: Record<string, string> })
    .dependencies;
}

/** Installs the packages of bench/ unless they are there. @throws Complaint if npm fails */
export function installPackages(): void {
  const missing = Object.entries(benchPackages()).filter(([name, version]) => installed(name) !== version);
  if (missing.length === 0) return;
  console.error(`Installing the other libraries into bench/node_modules: ${missing.map(([name]) => name).join(', ')}`);
  // A shell, because npm is a script of its own kind on Windows. What npm says belongs to stderr, like all progress here.
  const { status } = spawnSync('npm ci', { cwd: home, shell: true, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Complaint('npm ci in bench/ failed; its own words are above.');
}

function installed(name: string): string | undefined {
  const manifest = join(home, 'node_modules', name, 'package.json');
  return existsSync(manifest) ? (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version : undefined;
}
