import { Frames } from '../../runtime/frames.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Plan } from '../../runtime/plan.ts';
import type { Shape } from '../../runtime/shape.ts';
import { Tensor } from '../../runtime/tensor.ts';
import { residentUpdates } from '../../shaders/resident-updates.ts';
import { activationNumber } from '../layers/activations.ts';
import { Dense } from '../layers/dense.ts';
import { Lstm } from '../layers/lstm.ts';
import { withSteps, type Network } from '../network.ts';
import { Agenda } from '../training/engine/agenda.ts';
import type { Compiled } from '../training/compile.ts';
import type { Explanation, Mode, Program, Run, Samples } from './program.ts';

/** Updates that one dispatch can run; how many it does is found out by the clock (`UpdateQueue`). */
const MOST_UPDATES = 2048;

/** Few threads, each with several units, beat one a unit where barriers are dear. */
const MOST_THREADS = 64;
const THREAD_STEP = 4;

/** The sizes and choices that the kernel is compiled for. */
type ResidentConstants = Parameters<typeof residentUpdates.grid>[0];

/**
 * All updates of a submit in one dispatch of one workgroup, with the weights in workgroup memory: for an LSTM with a
 * dense head that is small enough, trained by Adam.
 */
export class ResidentProgram implements Program {
  readonly questions = [];
  readonly agenda: Agenda;
  readonly inputSample: Shape;
  readonly outputSample: Shape;
  readonly targetSample: Shape;
  /** Frame n tells a dispatch to run n + 1 updates. */
  readonly #counts: Frames;
  /** Stands in for the states of a stateless model. */
  readonly #noStates: Tensor;

  private constructor(
    private readonly gpu: Gpu,
    private readonly network: Network,
    readonly mode: Mode,
    readonly rows: number,
    readonly steps: number,
    private readonly compiled: Compiled,
    private readonly constants: ResidentConstants,
  ) {
    this.inputSample = withSteps(network.inputShape, steps, network.inputShape);
    this.outputSample = withSteps(network.outputShape, steps, network.inputShape);
    this.targetSample = this.outputSample;
    this.agenda = new Agenda(gpu, rows, MOST_UPDATES);
    this.#noStates = Tensor.create(gpu, 'no states', [1]);
    this.#counts = new Frames(gpu, 'update counts', this.agenda.capacity);
    for (let index = 0; index < this.agenda.capacity; index++) this.#counts.set(index, [index + 1]);
    this.#counts.upload();
  }

  /** The program, or nothing if the network is of another kind or too large for a workgroup's memory. */
  static create(
    gpu: Gpu,
    network: Network,
    mode: Mode,
    rows: number,
    steps: number,
    compiled: Compiled,
  ): ResidentProgram | undefined {
    const constants = residentConstants(gpu, network, mode, rows, steps, compiled);
    return constants && new ResidentProgram(gpu, network, mode, rows, steps, compiled, constants);
  }

  attach({ x, y }: Samples): Run {
    const { network, compiled, agenda } = this;
    const plan = new Plan(this.gpu);
    plan.add(
      residentUpdates,
      {
        run: { frames: this.#counts },
        updates: agenda.updates,
        rows: agenda.rows,
        samples: x,
        targets: y!,
        states: network.slots?.all ?? this.#noStates,
        parameters: network.parameters.values,
        moments: compiled.moments,
        journal: compiled.journal.tensor,
      },
      this.constants,
    );
    return { ready: plan.ready(), encode: (pass, count) => plan.encode(pass, count - 1) };
  }

  get explanations(): Explanation[] {
    const why = 'all of the model fits into the memory of a workgroup';
    return this.network.layers.map(({ name }) => ({ layer: name, part: 'updates', way: 'resident', why }));
  }

  dispose(): void {
    this.agenda.dispose();
    this.#counts.dispose();
    this.#noStates.dispose();
  }
}

function residentConstants(
  gpu: Gpu,
  network: Network,
  mode: Mode,
  rows: number,
  steps: number,
  compiled: Compiled,
): ResidentConstants | undefined {
  // The kernel knows no other slots than the network's.
  if (!network.hasSlotsFor(rows)) return undefined;
  const { loss, metrics, optimizer, journal } = compiled;
  const [recurrent, head, ...more] = network.layers;
  if (!(recurrent instanceof Lstm) || !(head instanceof Dense) || more.length > 0) return undefined;
  const { useBias, goBackwards, dropout, recurrentDropout, activityRegularizer } = recurrent.options;
  if (!useBias || !head.useBias || goBackwards || activityRegularizer) return undefined;
  if (dropout > 0 || recurrentDropout > 0) return undefined;
  if (recurrent.outputShape.length !== 1 || metrics.length > 1 || !optimizer.adam) return undefined;
  const tookOver = compiled.takesOver(head);
  const fused = tookOver && loss.name === 'binaryCrossentropy';
  const linearSquared = loss.name === 'meanSquaredError' && head.finalActivation === 'linear';
  if (!loss.isPlain || (!fused && !linearSquared)) return undefined;
  const metric = metrics[0]?.ofElements ?? { METRIC: 0, THRESHOLD: 0.5 };
  if (metrics[0] && !metrics[0].ofElements) return undefined;
  const { parts } = network.parameters;
  if (parts.some(({ regularizer, constraint }) => regularizer ?? constraint)) return undefined;

  const [inputs, units, outputs] = [recurrent.features, recurrent.units, head.units];
  const elements = rows * units;
  const arrays = [
    4 * (inputs + 1 + units) * units, // weights
    (units + 1) * outputs, // head
    (steps + 1) * elements, // h
    (steps + 1) * elements, // c
    4 * steps * elements, // gates
    elements, // dc
    rows * outputs, // output_gradient
    2 * rows * outputs, // noted
  ];
  const bytes = arrays.reduce((sum, floats) => sum + 16 * Math.ceil(floats / 4), 0);
  if (bytes > gpu.device.limits.maxComputeWorkgroupStorageSize) return undefined;

  return {
    ROWS: rows,
    STEPS: steps,
    INPUTS: inputs,
    UNITS: units,
    OUTPUTS: outputs,
    TRAIN: mode === 'train' ? 1 : 0,
    STATEFUL: network.slots ? 1 : 0,
    FROM_LOGITS: fused ? 1 : 0,
    COLUMNS: journal.columns,
    CELL_STATES: network.slots ? network.slots.tensors[1].byteOffset / 4 : 0,
    HEAD: network.parameters.offset(1),
    SECOND_MOMENTS: network.parameters.values.size,
    ...optimizer.adam,
    THREADS: Math.min(MOST_THREADS, Math.ceil(elements / THREAD_STEP) * THREAD_STEP),
    ACTIVATION: activationNumber(recurrent.options.activation),
    RECURRENT_ACTIVATION: activationNumber(recurrent.recurrentActivation),
    ...metric,
  };
}
