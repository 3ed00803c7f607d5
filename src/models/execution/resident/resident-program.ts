import { RESIDENT_UPDATE_WORK } from '../../../runtime/autotune/cost-model.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import { Plan } from '../../../runtime/plan.ts';
import { Tensor } from '../../../runtime/tensor.ts';
import { residentUpdates } from '../../../shaders/resident/resident-updates.ts';
import type { Network } from '../../network/network.ts';
import type { Compiled } from '../compiled.ts';
import type { Explanation, Mode, Program, Replay, Samples } from '../program.ts';
import { ResidentAgenda } from './resident-agenda.ts';
import { residentConstants, type ResidentConstants, type ResidentSpec } from './resident-model.ts';

/** The memory that outlives an update. Each tensor holds that of all models, one behind the other. */
export interface ResidentMemory {
  models: number;
  parameters: Tensor;
  moments: Tensor;
  /** Absent if the models are stateless. */
  states?: Tensor;
  /** One row for each update, with the columns of all models. */
  journal: Tensor;
}

/**
 * Runs all updates of a submit in one dispatch, each model inside one workgroup with persistent weights. It serves an LSTM
 * with a dense head that is small enough and trained by Adam.
 */
export class ResidentProgram implements Program {
  readonly tuningTasks = [];
  readonly mode: Mode;
  readonly compiled: Compiled;
  readonly rows: number;
  readonly steps: number;
  accepted?: Promise<void>;
  readonly agenda: ResidentAgenda;
  readonly work: number;
  readonly #gpu: Gpu;
  readonly #network: Network;
  readonly #constants: ResidentConstants;
  /** A tensor that is bound in place of states if the model is stateless. */
  readonly #noStates: Tensor;

  /**
   * @param spec a network for which `whyNotResident` is `undefined`
   * @param memory the memory of all models that run together. Default: that of the network alone
   */
  constructor(
    spec: ResidentSpec,
    private readonly memory = ownMemory(spec),
  ) {
    const { gpu, network, mode, rows, steps, compiled } = spec;
    this.compiled = compiled;
    this.#gpu = gpu;
    this.#network = network;
    this.mode = mode;
    this.rows = rows;
    this.steps = steps;
    this.#constants = residentConstants(spec, memory.models);
    const { models } = memory;
    const passes = mode === 'train' ? 3 : 1;
    this.work = models * (passes * rows * steps * network.parameters.size + RESIDENT_UPDATE_WORK);
    this.agenda = new ResidentAgenda(gpu, rows, models);
    this.#noStates = Tensor.planned(gpu, 'no states', [1]);
  }

  allocate(): void {
    this.agenda.allocate();
    this.#noStates.allocate();
  }

  attach({ inputs }: Samples): Replay {
    const { models, parameters, moments, states = this.#noStates, journal } = this.memory;
    const plan = new Plan(this.#gpu);
    plan.add(
      residentUpdates,
      {
        run: { frames: this.agenda.run, index: 0 },
        updates: this.agenda.updates,
        rows: this.agenda.rows,
        samples: inputs!.x,
        targets: inputs!.y!,
        states,
        parameters,
        moments,
        journal,
      },
      this.#constants,
      [models / this.#constants.MODELS_PER_WORKGROUP, 1, 1],
    );
    return { ready: plan.ready(), encode: (pass) => plan.encode(pass, 0) };
  }

  get explanations(): Explanation[] {
    const why = 'all of the model fits into the memory of a workgroup';
    return this.#network.layers.map(({ name }) => ({ layer: name, part: 'updates', decision: 'resident', why }));
  }

  get byteLength(): number {
    return this.agenda.byteLength + this.#noStates.byteLength;
  }

  dispose(): void {
    this.agenda.dispose();
    this.#noStates.dispose();
  }
}

function ownMemory({ network, compiled }: ResidentSpec): ResidentMemory {
  return {
    models: 1,
    parameters: network.parameters.values,
    moments: compiled.moments,
    states: network.slots?.storage.tensor,
    journal: compiled.journal.tensor,
  };
}
