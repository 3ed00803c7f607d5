import { costModel, STEP_WORK } from '../../runtime/autotune/cost-model.ts';
import { Plan } from '../../runtime/plan.ts';
import { generateSteps } from '../../shaders/generation/generate-steps.ts';
import { piecesInDispatch } from '../operations/dispatch-length.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { GenerationPlan } from './generate-options.ts';
import type { Generator, GeneratorMemory } from './generator.ts';
import { residentLayers } from './resident-layers.ts';
import type { Upload } from './upload.ts';

/** Upper bound of the steps of a dispatch. */
const MAX_STEPS = 1024;

/** Generates steps of a small model inside workgroups, one for each row: hundreds of steps a dispatch. */
export class ResidentGenerator implements Generator {
  readonly ready: Promise<unknown>;
  readonly work: number;
  readonly #plan: Plan;
  readonly dispatchSteps: number;
  readonly #layers: Upload;
  readonly #table: Uint32Array<ArrayBuffer>;

  /** @param engine that of a model for which `whyLayered` is `undefined` */
  constructor(
    { gpu, network }: Engine,
    rows: number,
    kind: GenerationPlan['kind'],
    { draws, results, layers, accepted }: GeneratorMemory,
  ) {
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
    this.#plan = new Plan(gpu);
    this.#plan.add(generateSteps, bindings, constants, [rows, 1, 1]);
    this.ready = this.#plan.ready();
  }

  /** Writes the layers, since those of values that are fed back differ. */
  begin(_slots: readonly number[], accepted: Promise<void>): void {
    this.#layers.write(this.#table, accepted);
  }

  encode(pass: GPUComputePassEncoder, steps: number): void {
    for (let step = 0; step < steps; step += this.dispatchSteps) this.#plan.encode(pass, 0);
  }
}
