import { createRequire } from 'node:module';
import type { Result } from './supervise.ts';

/** What the process of a part is told. */
export interface PartSettings {
  name: string;
  quick: boolean;
}

/** @param args of the process: the name of the part, and perhaps `quick` */
export function partSettings([name, scale]: readonly string[] = process.argv.slice(2)): PartSettings {
  return { name, quick: scale === 'quick' };
}

/** The arguments that `partSettings` reads. */
export function partArguments({ name, quick }: PartSettings): string[] {
  return quick ? [name, 'quick'] : [name];
}

/** Hands a result over at once. Node writes to a pipe before it goes on, so that a crash takes nothing with it. */
export function report(result: Result): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Gives this process the WebGPU of Dawn, which lies beside the scripts. */
export function startDawn(): void {
  const { create, globals } = createRequire(import.meta.url)('./dawn.node') as {
    create: (flags: string[]) => GPU;
    globals: object;
  };
  Object.assign(globalThis, globals);
  // Times of the GPU are rounded to a tenth of a millisecond otherwise.
  const gpu = create(['enable-dawn-features=allow_unsafe_apis', 'disable-dawn-features=timestamp_quantization']);
  // Newer Nodes have a navigator of their own, which has no GPU.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
}

/** Does the work of a part and ends the process: Dawn's threads would keep it alive. */
export async function runPart(work: () => Promise<void>): Promise<never> {
  try {
    await work();
    process.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    process.exit(1);
  }
}
