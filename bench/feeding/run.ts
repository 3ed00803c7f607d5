import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';
import { UsageError } from '../../headless/complaint.ts';
import { parseOptions } from '../../headless/parse-options.ts';
import { runCommand } from '../../headless/run-command.ts';
import type * as Feed from './feed.ts';

const usage = `Tells what an update of a small model takes of the processor: models train on a GPU that does nothing, at once. Where that is
more than the GPU needs for the update, the GPU waits. Takes half a minute.

npm run bench:feeding

  --samples n     of each figure (default: 7)
  --help          this text`;

const root = fileURLToPath(new URL('../..', import.meta.url));

async function main(): Promise<number> {
  const { values } = parseOptions(process.argv.slice(2), {
    samples: { type: 'string', default: '7' },
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  Object.assign(globalThis, {
    GPUBufferUsage: { MAP_READ: 1, COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 },
    GPUMapMode: { READ: 1 },
    GPUShaderStage: { COMPUTE: 4 },
  });
  const folder = mkdtempSync(join(tmpdir(), 'lstm-webgpu-feeding-'));
  try {
    const { feed } = await bundled(folder);
    console.log('| training | an update, µs (p10–p90) | of one model, ns | uploaded, bytes |\n|---|---|---|---|');
    await feed(wholeNumber(values.samples), ({ title, update: { median, p10, p90 }, modelUpdate, bytes }) => {
      const [middle, low, high] = [median, p10, p90].map((time) => Number(time.toPrecision(3)));
      console.log(
        `| ${title} | ${middle} (${low}–${high}) | ${Number(modelUpdate.toPrecision(3))} | ${bytes.toFixed(1)} |`,
      );
    });
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The measurement in one file, as an application has the library: modules that are loaded apart are slower. */
async function bundled(folder: string): Promise<typeof Feed> {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: join(root, 'bench/feeding/feed.ts'),
      target: 'node20',
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: {
        external: ['webgpu'],
        output: { format: 'es', entryFileNames: 'feed.mjs', codeSplitting: false },
      },
    },
  });
  return (await import(pathToFileURL(join(folder, 'feed.mjs')).href)) as typeof Feed;
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new UsageError(`--samples is "${text}", expected a whole number of at least 1.`);
}

await runCommand(main, 'bench:feeding');
