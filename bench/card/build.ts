import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGzip } from 'node:zlib';
import { build } from 'vite';
import { Complaint } from '../../headless/complaint.ts';
import { packagedChromium } from '../../headless/packaged-chromium.ts';
import { runCommand } from '../../headless/run-command.ts';
import { vulkanLoader } from '../run/vulkan-loader.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const here = (path: string) => join(root, path);
const folder = here('bench/card-bundle');
const dawn = here('node_modules/webgpu');

const MAX_BYTES = 60e6;

/** Makes the folder that runs on a machine with nothing but a GPU and its driver. */
async function main(): Promise<number> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Complaint(
      `bench:card: this is ${process.platform} ${process.arch}; the folder is made on Linux x64, for it.`,
    );
  }
  const library = join(dawn, 'dist/linux-x64/dawn.node');
  if (!existsSync(library)) throw new Complaint('bench:card: Dawn is not installed. Run: npm ci');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await bundle();
  copyFileSync(library, join(folder, 'dawn.node'));
  copyFileSync(here('bench/cudnn.py'), join(folder, 'cudnn.py'));
  copyFileSync(here('bench/card/run.sh'), join(folder, 'run'));
  chmodSync(join(folder, 'run'), 0o755);
  await copyLoader();
  await packNode();
  return sizes();
}

/** Scripts, shaders inlined. */
async function bundle(): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(dawn, 'package.json'), 'utf8')) as { version: string };
  const facts = { commit: commit(), dawn: version, built: new Date().toISOString() };
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    define: { __CARD_BUILD__: JSON.stringify(facts) },
    // Helpers of the tests ask vitest to clean up behind them, and there is none.
    resolve: { alias: { vitest: here('test/card/outside-vitest.ts') } },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: {
        input: {
          main: here('bench/card/main.ts'),
          part: here('bench/card/part.ts'),
          inside: here('test/card/part.ts'),
        },
        // Side by side: each finds its neighbours and Dawn beside itself.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ', changed');
  } catch {
    return 'unknown';
  }
}

async function copyLoader(): Promise<void> {
  const chromium = await packagedChromium();
  // The packaged Chrome has a loader of its own.
  const loader = vulkanLoader(...(chromium ? [dirname(chromium.executablePath)] : []));
  if (!loader) {
    console.error(
      'No Vulkan loader (libvulkan.so.1) on this machine, so the folder has none and needs that of the machine it runs on. ' +
        'Debian: apt-get install libvulkan1, then build again.',
    );
    return;
  }
  mkdirSync(join(folder, 'lib'));
  copyFileSync(loader, join(folder, 'lib/libvulkan.so.1'));
}

/** Node without its symbols where `strip` is here, and compressed: it is the largest part by far. */
async function packNode(): Promise<void> {
  const stripped = join(tmpdir(), `card-node-${process.pid}`);
  try {
    copyFileSync(process.execPath, stripped);
    try {
      execFileSync('strip', [stripped], { stdio: 'ignore' });
    } catch {
      console.error('No strip on this machine, so Node keeps its symbols.');
    }
    await pipeline(createReadStream(stripped), createGzip({ level: 9 }), createWriteStream(join(folder, 'node.gz')));
  } finally {
    rmSync(stripped, { force: true });
  }
}

/** Tells how large everything is. */
function sizes(): number {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1).padStart(6)} MB`;
  const bytes = paths.map((path) => statSync(join(folder, path)).size);
  const total = bytes.reduce((sum, size) => sum + size, 0);
  console.log(paths.map((path, n) => `${megabytes(bytes[n])}  ${path}`).join('\n'));
  console.log(`${megabytes(total)}  in bench/card-bundle`);
  if (total <= MAX_BYTES) return 0;
  console.error(`More than the ${megabytes(MAX_BYTES).trim()} that it may have.`);
  return 1;
}

await runCommand(main, 'bench:card');
