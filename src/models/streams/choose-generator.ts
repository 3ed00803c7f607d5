import { UnsupportedError } from '../../runtime/errors.ts';
import { Plan } from '../../runtime/plan.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { GeneratorChoice, GroupSpec } from './generator.ts';
import { LayeredGenerator } from './layered-generator.ts';

/**
 * The most streams and the least steps of a group that is generated inside workgroups. On a software adapter each row reads all
 * weights again, a workgroup keeps one core busy, and the kernel compiles for longer than few steps take; this was measured
 * (docs/kernels.md). On a GPU, where nothing was measured, about so many workgroups run at once.
 */
const SOFTWARE = { mostRows: 1, leastSteps: 256 };
const GPU = { mostRows: 128, leastSteps: 1 };

/**
 * Chooses how a group is generated. The code that does it inside workgroups is a module of its own, so that a page which only
 * predicts does not load it; it comes with the first group for which rows and steps say that it may pay.
 *
 * @throws what `import()` throws (as a rejection) if the module cannot be loaded
 */
export async function chooseGenerator(engine: Engine, group: GroupSpec): Promise<GeneratorChoice> {
  let why = whyNotWorthLoading(engine, group);
  if (why === undefined) {
    const { chooseResident } = await import('./resident-generator.ts');
    const choice = chooseResident(engine, group, Plan);
    if (typeof choice !== 'string') return choice;
    why = choice;
  }
  return { decision: 'layered', why, make: (memory) => new LayeredGenerator(engine, group, memory) };
}

/** Why steps are generated layer by layer, as far as that is known without looking at the layers. */
function whyNotWorthLoading({ gpu, programs: { schedule } }: Engine, { rows, steps }: GroupSpec): string | undefined {
  if (schedule === 'resident') return undefined;
  if (schedule !== 'auto') return `schedule is ${schedule}`;
  const { mostRows, leastSteps } = gpu.isSoftware ? SOFTWARE : GPU;
  if (rows <= mostRows && steps >= leastSteps) return undefined;
  return `workgroups pay for at most ${mostRows} streams and at least ${leastSteps} steps`;
}

/** The error of steps for which the module of `chooseGenerator` cannot be loaded. */
export function generatorMissing(where: string, cause: unknown): UnsupportedError {
  return new UnsupportedError(
    `${where}: lstm-webgpu-generator.js cannot be loaded. Put that file of the package beside lstm-webgpu.js, or build the ` +
      `model with schedule: "layered".`,
    { cause },
  );
}
