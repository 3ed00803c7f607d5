import { costModel, STEP_WORK } from '../../runtime/autotune/cost-model.ts';
import type { Plan } from '../../runtime/plan.ts';
import { generateSteps } from '../../shaders/generation/generate-steps.ts';
import { piecesInDispatch } from '../operations/dispatch-length.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { Generator, GeneratorChoice, GeneratorMemory, GroupSpec } from './generator.ts';
import { residentLayers, unsupportedLayer } from './resident-layers.ts';
import type { Upload } from './upload.ts';

// This module and what it imports are a file of their own in the package, which shares nothing with the library but what it is
// handed: classes that it imported would be copies (vite.generator.config.ts).

/** Upper bound of the steps of a dispatch. */
const MAX_STEPS = 1024;

/** The most multiply-adds of a step: a workgroup reads so many weights in less time than the dispatches of a step take. */
const MAX_WORK = 2 ** 18;

/**
 * Chooses to generate a group inside workgroups.
 *
 * @param PlanClass that of the library
 * @returns why not, if that cannot be or is slower
 */
export function chooseResident(engine: Engine, group: GroupSpec, PlanClass: typeof Plan): GeneratorChoice | string {
  return (
    whyLayered(engine, group) ?? {
      decision: 'resident',
      why: 'a workgroup computes hundreds of steps of a stream in one dispatch',
      make: (memory) => new ResidentGenerator(engine, new PlanClass(engine.gpu), group, memory),
    }
  );
}

/** Why workgroups cannot generate steps of a network, or are slower; `undefined` if they are to do it. */
function whyLayered({ gpu, network, programs: { schedule } }: Engine, { kind }: GroupSpec): string | undefined {
  const unsupported = unsupportedLayer(network);
  if (unsupported !== undefined) return unsupported;
  const { bytes, work } = residentLayers(gpu, network, kind);
  const limit = gpu.device.limits.maxComputeWorkgroupStorageSize;
  if (bytes > limit) return `a step needs ${bytes} bytes of workgroup memory, more than the ${limit} that there are`;
  if (schedule === 'resident' || work <= MAX_WORK) return undefined;
  return `a step has ${work} multiply-adds, which are too many for one workgroup`;
}

/** Generates steps of a small model inside workgroups, one for each row: hundreds of steps a dispatch. */
class ResidentGenerator implements Generator {
  readonly ready: Promise<unknown>;
  readonly work: number;
  readonly dispatchSteps: number;
  readonly #plan: Plan;
  readonly #layers: Upload;
  readonly #table: Uint32Array<ArrayBuffer>;

  /**
   * @param engine that of a model for which `whyLayered` is `undefined`
   * @param plan an empty one, in which its dispatch is recorded
   */
  constructor({ gpu, network }: Engine, plan: Plan, { rows, kind }: GroupSpec, memory: GeneratorMemory) {
    const { draws, results, layers, accepted } = memory;
    const { table, constants, work } = residentLayers(gpu, network, kind);
    this.#layers = layers;
    this.#table = table;
    this.work = rows * (work + STEP_WORK);
    this.dispatchSteps = piecesInDispatch(MAX_STEPS, this.work, costModel(gpu).throughput);
    const bindings = {
      layers: layers.reserve(table.length, accepted).view('layers', [table.length], 0),
      weights: network.parameters.values,
      states: network.streams!.storage.tensor,
      draws,
      results,
    };
    plan.add(generateSteps, bindings, constants, [rows, 1, 1]);
    this.#plan = plan;
    this.ready = plan.ready();
  }

  /** Writes the layers, since those of values that are fed back differ. */
  begin(_slots: readonly number[], accepted: Promise<void>): void {
    this.#layers.write(this.#table, accepted);
  }

  encode(pass: GPUComputePassEncoder, steps: number): void {
    for (let step = 0; step < steps; step += this.dispatchSteps) this.#plan.encode(pass, 0);
  }
}
