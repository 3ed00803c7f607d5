import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Complaint } from '../../headless/complaint.ts';
import { vulkanLoader } from '../run/vulkan-loader.ts';

const source = fileURLToPath(new URL('compile-only.c', import.meta.url));

/** Where Vulkan drivers say which library they are. */
const MANIFESTS = '/usr/share/vulkan/icd.d';

/** The card that Mesa's driver is told to compile for, of the architecture RDNA 2. */
const FAMILY = 'navi21';

const PACKAGES = 'Debian: apt-get install mesa-vulkan-drivers libvulkan1 gcc';

/** What kernels can be compiled with on this machine. */
export interface Tools {
  /** The library of Mesa's driver for AMD cards. */
  library: string;
}

/** @returns what is missing here, as a sentence, if something is */
export function findTools(): Tools | string {
  if (process.platform !== 'linux') return `Mesa's drivers are found on Linux only, and this is ${process.platform}.`;
  const library = driverLibrary();
  if (library === undefined) return `Mesa's Vulkan driver for AMD cards is not installed. ${PACKAGES}`;
  if (vulkanLoader() === undefined) return `The Vulkan loader is not installed. ${PACKAGES}`;
  try {
    execFileSync('gcc', ['--version'], { stdio: 'ignore' });
  } catch {
    return `There is no gcc. ${PACKAGES}`;
  }
  return { library };
}

function driverLibrary(): string | undefined {
  let names: string[];
  try {
    names = readdirSync(MANIFESTS);
  } catch {
    return undefined;
  }
  // Some versions of Mesa put the processor into the name.
  const name = names.find((file) => /^radeon_icd(\.x86_64)?\.json$/.test(file));
  if (name === undefined) return undefined;
  const { ICD } = JSON.parse(readFileSync(join(MANIFESTS, name), 'utf8')) as { ICD: { library_path: string } };
  return ICD.library_path;
}

/** A driver that compiles for a card that need not be here, as the environment of a process that is to use it. */
export interface CompileOnlyDriver {
  environment: Record<string, string>;
  dispose(): void;
}

/** Builds it in a folder of its own. @throws Complaint if gcc refuses it */
export function buildDriver({ library }: Tools): CompileOnlyDriver {
  const folder = mkdtempSync(join(tmpdir(), 'compile-only-'));
  const [shim, manifest, log] = ['libcompile-only.so', 'manifest.json', 'log'].map((name) => join(folder, name));
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  try {
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', shim, source, '-ldl'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  } catch (error) {
    dispose();
    throw new Complaint(
      `compile-report: gcc cannot compile ${source}:\n${String((error as { stderr?: Buffer }).stderr)}`,
    );
  }
  const ICD = { library_path: shim, api_version: '1.3.230' };
  writeFileSync(manifest, JSON.stringify({ file_format_version: '1.0.0', ICD }));
  writeFileSync(log, '');
  return {
    environment: {
      VK_ICD_FILENAMES: manifest,
      RADV_FORCE_FAMILY: FAMILY,
      // A kernel from the cache would be reported without statistics.
      MESA_SHADER_CACHE_DISABLE: 'true',
      COMPILE_ONLY_DRIVER: library,
      COMPILE_ONLY_LOG: log,
    },
    dispose,
  };
}
