import { costModel } from '../../runtime/autotune/cost-model.ts';
import { elementGrid } from '../../runtime/kernel.ts';
import { Plan } from '../../runtime/plan.ts';
import { drawClass } from '../../shaders/generation/draw-class.ts';
import { feedBack } from '../../shaders/generation/feed-back.ts';
import { entryOf } from '../execution/agenda.ts';
import type { ProgramKey } from '../execution/program.ts';
import { STREAM_INPUT, STREAM_OUTPUT } from '../network/stream-states.ts';
import type { BatchInPlace } from '../training/data/batch-in-place.ts';
import type { BoundProgram } from '../training/engine/bound-program.ts';
import type { Engine } from '../training/engine/engine.ts';
import type { Generator, GeneratorMemory, GroupSpec } from './generator.ts';

/** The key of the program that computes a step of so many streams. */
export function stepKey(rows: number): ProgramKey {
  return { where: 'stream.generate', mode: 'predict', rows, steps: 1, channels: ['x'], continuesOutput: true };
}

/** Generates steps layer by layer: the dispatches of a step, and one in front that makes its input, again and again. */
export class LayeredGenerator implements Generator {
  readonly ready: Promise<unknown>;
  readonly work: number;
  readonly dispatchSteps = 1;
  readonly #bound: BoundProgram<BatchInPlace>;
  readonly #feed: Plan;

  constructor(engine: Engine, { rows, kind }: GroupSpec, { draws, results }: GeneratorMemory) {
    const { gpu, network } = engine;
    this.#bound = engine.programs.streaming(stepKey(rows));
    const { program, source } = this.#bound;
    const slots = network.streams!;
    const outputs = slots.get(STREAM_OUTPUT)!;
    const { x } = source;
    const { agenda } = program.batch!;
    const bindings = {
      update: { frames: agenda.updates },
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

  begin(slots: readonly number[]): void {
    const { agenda } = this.#bound.program;
    agenda.write(0, entryOf({ samples: slots, slots }), 0, 1);
    agenda.upload(1);
  }

  encode(pass: GPUComputePassEncoder, steps: number): void {
    for (let step = 0; step < steps; step++) {
      this.#feed.encode(pass, 0);
      this.#bound.encodeOne(pass, 0);
    }
  }
}
