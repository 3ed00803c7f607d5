import type { Engine } from '../training/engine/engine.ts';
import type { ExplanationRow } from '../training/engine/program-cache.ts';
import type { GenerationPlan } from './generate-options.ts';
import type { Generator, GeneratorMemory } from './generator.ts';
import { LayeredGenerator } from './layered-generator.ts';
import { ResidentGenerator } from './resident-generator.ts';
import { residentLayers, unsupportedLayer } from './resident-layers.ts';

/** Streams that are to go on together. */
export interface GroupSpec {
  rows: number;
  kind: GenerationPlan['kind'];
  /** The most steps that one of them is to go on by. */
  steps: number;
}

/** With what a group is generated inside workgroups: the most rows and multiply-adds of a step, and the least steps. */
interface Limits {
  rows: number;
  work: number;
  steps: number;
}

/**
 * On a software adapter each row reads all weights again, a workgroup keeps one core busy, and the kernel compiles for longer
 * than few steps take; this was measured (docs/kernels.md). On a GPU, where nothing was measured, about so many workgroups run
 * at once, and one of them reads so many weights in less time than the dispatches of a step take.
 */
const SOFTWARE: Limits = { rows: 1, work: 2 ** 18, steps: 256 };
const GPU: Limits = { rows: 128, work: 2 ** 18, steps: 1 };

/** Makes what generates steps of these streams. */
export function makeGenerator(engine: Engine, spec: GroupSpec, memory: GeneratorMemory): Generator {
  const Chosen = whyLayered(engine, spec) === undefined ? ResidentGenerator : LayeredGenerator;
  return new Chosen(engine, spec.rows, spec.kind, memory);
}

/** Explains what `makeGenerator` makes. */
export function explainGenerator(engine: Engine, spec: GroupSpec): ExplanationRow {
  const reason = whyLayered(engine, spec);
  return {
    mode: 'predict',
    batchSize: spec.rows,
    steps: 1,
    layer: 'all layers',
    part: spec.kind === 'classes' ? 'generated classes' : 'generated values',
    decision: reason === undefined ? 'resident' : 'layered',
    why: reason ?? 'a workgroup computes hundreds of steps of a stream in one dispatch',
  };
}

/** Why steps are generated layer by layer; `undefined` if workgroups generate them, one for each stream. */
export function whyLayered({ gpu, network, programs: { schedule } }: Engine, spec: GroupSpec): string | undefined {
  if (schedule !== 'auto' && schedule !== 'resident') return `schedule is ${schedule}`;
  const unsupported = unsupportedLayer(network);
  if (unsupported !== undefined) return unsupported;
  const { bytes, work } = residentLayers(gpu, network, spec.kind);
  const limit = gpu.device.limits.maxComputeWorkgroupStorageSize;
  if (bytes > limit) return `a step needs ${bytes} bytes of workgroup memory, more than the ${limit} that there are`;
  if (schedule === 'resident') return undefined;
  const limits = gpu.isSoftware ? SOFTWARE : GPU;
  if (spec.rows > limits.rows) return `${spec.rows} streams at once share the weights that they read`;
  if (work > limits.work) return `a step has ${work} multiply-adds, which are too many for one workgroup`;
  return spec.steps < limits.steps
    ? `a kernel for ${spec.steps} steps would compile for longer than it saves`
    : undefined;
}
