import { costModel } from '../../runtime/autotune/cost-model.ts';
import { elementGrid } from '../../runtime/kernel.ts';
import { Plan } from '../../runtime/plan.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import { drawClass } from '../../shaders/generation/draw-class.ts';
import { feedBack } from '../../shaders/generation/feed-back.ts';
import type { Agenda } from '../execution/agenda.ts';
import type { ProgramKey } from '../execution/program.ts';
import { STREAM_INPUT, STREAM_OUTPUT } from '../network/stream-states.ts';
import type { BatchInPlace } from '../training/data/batch-in-place.ts';
import type { BoundProgram } from '../training/engine/bound-program.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { GenerationPlan } from './generate-options.ts';

/** The memory that tells how the inputs of each row are made, and that takes their results. */
export interface GeneratorMemory {
  draws: Tensor;
  results: Tensor;
}

/** The key of the program that computes a step of so many streams. */
export function stepKey(rows: number): ProgramKey {
  return { where: 'stream.generate', mode: 'predict', rows, steps: 1, channels: ['x'], continuesOutput: true };
}

/** Generates steps layer by layer: the dispatches of a step, and one in front that makes its input, again and again. */
export class LayeredGenerator {
  readonly ready: Promise<unknown>;
  /** The work of a step, in multiply-adds. */
  readonly work: number;
  readonly #bound: BoundProgram<BatchInPlace>;
  readonly #feed: Plan;

  constructor(engine: Engine, rows: number, kind: GenerationPlan['kind'], { draws, results }: GeneratorMemory) {
    const { gpu, network } = engine;
    this.#bound = engine.programs.streaming(stepKey(rows));
    const { program, source } = this.#bound;
    const slots = network.streams!;
    const outputs = slots.get(STREAM_OUTPUT)!;
    const { x } = source;
    const { agenda } = program.batch!;
    const bindings = {
      update: { frames: agenda.updates },
      rows: agenda.rows,
      slots: outputs,
      draws,
      x,
    };
    this.#feed = new Plan(gpu);
    const [OUTPUTS, INPUTS] = [outputs.shape[1], x.shape.at(-1)!];
    if (kind === 'classes') {
      const constants = { CLASSES: OUTPUTS, ONE_HOT: Number(!network.takesIndices) };
      this.#feed.add(drawClass, { ...bindings, classes: results }, constants, elementGrid(rows));
    } else {
      const inputs = slots.get(STREAM_INPUT) ?? outputs;
      this.#feed.add(feedBack, { ...bindings, inputs, values: results }, { OUTPUTS, INPUTS }, elementGrid(rows));
    }
    this.ready = Promise.all([this.#bound.ready, this.#feed.ready()]);
    const { dispatchMs, throughput } = costModel(gpu);
    this.work = program.work + dispatchMs * throughput;
  }

  /** The table in which the slot of each row is written. */
  get agenda(): Agenda {
    return this.#bound.program.agenda;
  }

  encode(pass: GPUComputePassEncoder, steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#feed.encode(pass, 0);
      this.#bound.encodeOne(pass, 0);
    }
  }
}
