import { costModel } from '../../../runtime/autotune/cost-model.ts';
import type { TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import { Frames } from '../../../runtime/frames.ts';
import type { Gpu } from '../../../runtime/gpu.ts';
import { sumThreads } from '../../../runtime/kernel.ts';
import { Plan } from '../../../runtime/plan.ts';
import { elementCount, type Shape } from '../../../runtime/shape.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import { Tensor } from '../../../runtime/tensor.ts';
import { batchGather } from '../../../shaders/batches/batch-gather.ts';
import { batchScatter } from '../../../shaders/batches/batch-scatter.ts';
import { stateGather } from '../../../shaders/batches/state-gather.ts';
import { stateScatter } from '../../../shaders/batches/state-scatter.ts';
import { stepWeights } from '../../../shaders/losses/step-weights.ts';
import { recordActivityPenalty } from '../../network/layers/activity.ts';
import type { Recorded, Recording, Signal } from '../../network/layers/layer.ts';
import { stepsAndFeatures, timeMajor, withSteps, type Network } from '../../network/network.ts';
import { Agenda } from '../agenda.ts';
import type { Compiled } from '../compiled.ts';
import type { ReportRecording } from '../../network/objective/losses.ts';
import { recordPenalties, recordStep } from '../optimizer-step.ts';
import { LayeredDecisions, type LayeredReason } from './layered-decisions.ts';
import type { Demands, Explanation, Mode, Program, Run, RunInPlace, Samples } from '../program.ts';
import { stackFrom } from '../wavefront/stacks.ts';
import { recordWavefront } from '../wavefront/wavefront.ts';

/** Updates in one submit at the most: each takes many dispatches. */
const MOST_UPDATES = 256;

/** A state of a layer, and where it lies in the plan: B rows of a tensor from `firstRow` on. */
interface PlannedState {
  name: string;
  size: number;
  tensor: Tensor;
  firstRow: number;
}

/**
 * One update of a network as a plan, for one batch size and one number of steps: forward; for training and testing the
 * loss and the metrics; for training the backward pass and the optimizer's step. All memory it needs is made once, by
 * `allocate`.
 */
export class LayeredProgram implements Program {
  accepted?: Promise<void>;
  readonly agenda: Agenda;
  readonly inputSample: Shape;
  readonly outputSample: Shape;
  readonly targetSample: Shape;
  readonly #plan: Plan;
  readonly #input: Tensor;
  readonly #target: Tensor;
  /** What the samples of the batch weigh, step by step: one number if no sample has a weight. */
  readonly #sampleWeights: Tensor;
  /** Which steps of the input count. */
  readonly #mask?: Tensor;
  /** Before which steps states are reset. */
  readonly #resets?: Tensor;
  readonly #output: Tensor;
  /** Before the first step and after the last one, layer by layer. */
  readonly #statesBefore: PlannedState[] = [];
  readonly #statesAfter: PlannedState[] = [];
  readonly #decisions: LayeredDecisions;
  readonly #scratch: (Tensor | Frames)[] = [];

  constructor(
    private readonly gpu: Gpu,
    private readonly network: Network,
    readonly mode: Mode,
    readonly rows: number,
    readonly steps: number,
    readonly compiled?: Compiled,
    private readonly demands: Demands = {},
    reason: LayeredReason = { schedule: 'layered' },
  ) {
    this.#decisions = new LayeredDecisions(gpu, reason);
    this.#plan = new Plan(gpu);
    this.agenda = new Agenda(gpu, rows, { mostUpdates: MOST_UPDATES });
    this.inputSample = withSteps(network.inputShape, steps, network.inputShape);
    this.outputSample = withSteps(network.outputShape, steps, network.inputShape);
    this.targetSample = withSteps(compiled?.targetShape ?? network.outputShape, steps, network.inputShape);
    const { STEPS } = stepsAndFeatures(this.outputSample);
    const [inputSteps] = this.inputSample;
    this.#input = this.#tensor('batch input', timeMajor(this.inputSample, rows));
    this.#target = this.#tensor('batch target', mode === 'predict' ? [1] : timeMajor(this.targetSample, rows));
    this.#sampleWeights = this.#tensor('batch weights', demands.isWeighted ? [STEPS, rows] : [1]);
    if (demands.isReset) this.#resets = this.#tensor('batch resets', [inputSteps, rows]);
    if (demands.isMasked) this.#mask = this.#tensor('batch mask', [inputSteps, rows]);
    this.#output = this.#record(compiled);
  }

  allocate(): void {
    this.agenda.allocate();
    for (const item of this.#scratch) item.allocate();
    this.#plan.bind();
  }

  attach(samples: Partial<Samples>, slots = this.network.slots): Run {
    const { x, y, weights, mask, resets, states, results, finalStates } = samples;
    const { rows, inputSample, outputSample, targetSample, demands } = this;
    const update = this.#update;
    const agenda = this.agenda.rows;
    const into = new Plan(this.gpu);
    const outOf = new Plan(this.gpu);
    const gather = (samples: Tensor, batch: Tensor, sample: Shape) =>
      into.add(
        batchGather,
        { update, rows: agenda, samples, batch },
        { ...stepsAndFeatures(sample), ROWS: rows, SAMPLE_STEPS: samples.shape.length === 3 ? samples.shape[1] : 1 },
      );
    const scatter = (batch: Tensor, samples: Tensor, sample: Shape, FIRST: number) =>
      outOf.add(
        batchScatter,
        { update, rows: agenda, batch, samples },
        { ...stepsAndFeatures(sample), ROWS: rows, FIRST },
      );
    if (x) gather(x, this.#input, inputSample);
    if (y) gather(y, this.#target, targetSample);
    if (weights) gather(weights, this.#sampleWeights, [...outputSample.slice(0, -1), 1]);
    if (mask) gather(mask, this.#mask!, [inputSample[0], 1]);
    if (resets) gather(resets, this.#resets!, [inputSample[0], 1]);
    for (const { name, size, tensor } of this.#statesBefore) {
      const given = states?.get(name);
      const stored = demands.initialStates?.includes(name) ? undefined : slots?.get(name);
      const bindings = { update, rows: agenda, state: tensor };
      if (given) gather(given, tensor, [size]);
      else if (stored) into.add(stateGather, { ...bindings, slots: stored }, { ROWS: rows, UNITS: size });
    }
    for (const { name, size, tensor, firstRow } of this.#statesAfter) {
      const stored = slots?.get(name);
      const bindings = { update, rows: agenda, state: tensor };
      if (stored) outOf.add(stateScatter, { ...bindings, slots: stored }, { FIRST: firstRow, ROWS: rows, UNITS: size });
      const wanted = finalStates?.get(name);
      if (wanted) scatter(tensor, wanted, [size], firstRow / rows);
    }
    if (results) scatter(this.#output, results, outputSample, 0);
    const plans = [into, this.#plan, outOf];
    return {
      ready: Promise.all(plans.map((plan) => plan.ready())),
      encode: (pass, count) => {
        for (let index = 0; index < count; index++) {
          for (const plan of plans) plan.encode(pass, index);
        }
      },
    };
  }

  get work(): number {
    const { dispatchMs, throughput } = costModel(this.gpu);
    return this.#decisions.work + dispatchMs * throughput * this.#plan.length;
  }

  get tuningTasks(): readonly TuningTask[] {
    return this.#decisions.tuningTasks;
  }

  get explanations(): readonly Explanation[] {
    return this.#decisions.explanations;
  }

  inPlace(slots?: StateSlots): RunInPlace {
    const { rows, network, demands } = this;
    const { initialStates = [] } = demands;
    const returned = network.layers.flatMap(({ returnsState, states }) => (returnsState ? states : []));
    const rowsOf = (states: readonly PlannedState[], name: string) => {
      const { tensor, size, firstRow } = states.find((state) => state.name === name)!;
      return tensor.view(name, [rows, size], firstRow * size);
    };
    const places = {
      x: this.#input,
      mask: this.#mask,
      states: initialStates.map((name) => rowsOf(this.#statesBefore, name)),
      output: this.#output,
      finalStates: returned.map(({ name }) => rowsOf(this.#statesAfter, name)),
    };
    return { ...this.attach({}, slots), places };
  }

  get byteLength(): number {
    return this.#scratch.reduce((sum, { byteLength }) => sum + byteLength, this.agenda.byteLength);
  }

  dispose(): void {
    this.agenda.dispose();
    for (const item of this.#scratch) item.dispose();
  }

  get #update() {
    return { frames: this.agenda.updates };
  }

  /** Records the update. @returns the outputs */
  #record(compiled: Compiled | undefined): Tensor {
    const { network, mode } = this;
    const tookOver = compiled?.takesOver(network.layers.at(-1)!) ?? false;
    const recorded = this.#forward(tookOver);
    const { values: output, mask } = recorded.at(-1)!.output;
    if (!compiled) return output;
    const { prediction, gradient } = this.#report(compiled, output, mask, tookOver);
    if (mode === 'train') this.#backward(recorded, gradient);
    for (const penalty of recorded.flatMap(({ penalties = [] }) => penalties)) {
      recordActivityPenalty(this.#plan, this.#update, compiled.journal, penalty);
    }
    recordPenalties(this.#plan, this.#update, network.parameters, compiled.journal);
    if (mode === 'train') recordStep(this.#plan, this.#update, network.parameters, compiled, this.#tensor);
    return prediction;
  }

  #forward(withoutLastActivation: boolean): Recorded[] {
    const { layers } = this.network;
    const recordingOf = (index: number) => this.#recording(index, withoutLastActivation && index + 1 === layers.length);
    const all: Recorded[] = [];
    let input: Signal = { values: this.#input, mask: this.#mask };
    for (let first = 0; first < layers.length;) {
      const stack = stackFrom(layers, first);
      const recordings = stack.map((_, n) => recordingOf(first + n));
      const isWavefront = this.#decisions.isWavefront(stack, recordings, input);
      const recorded = isWavefront
        ? recordWavefront(stack, recordings, input)
        : layers[first].record(recordingOf(first), input);
      all.push(recorded);
      input = recorded.output;
      first += isWavefront ? stack.length : 1;
    }
    return all;
  }

  #backward(recorded: readonly Recorded[], lossGradient: Tensor): void {
    let gradient: Tensor | undefined = lossGradient;
    for (let index = recorded.length - 1; index >= 0; index--) {
      gradient = recorded[index].backward(gradient!, index > 0);
    }
  }

  #report(compiled: Compiled, output: Tensor, mask: Tensor | undefined, tookOver: boolean) {
    const { loss, metrics, journal } = compiled;
    const { isWeighted = false } = this.demands;
    const shared = { ...stepsAndFeatures(this.outputSample), ROWS: this.rows, COLUMNS: journal.columns };
    const THREADS = sumThreads(elementCount(output.shape), this.gpu.device.limits);
    const column = (COLUMN: number, weights: Tensor | undefined): ReportRecording => ({
      plan: this.#plan,
      update: this.#update,
      target: this.#target,
      weights: weights ?? this.#sampleWeights,
      journal: journal.tensor,
      tensor: this.#tensor,
      constants: { ...shared, COLUMN, THREADS, WEIGHTED: weights ? 1 : 0 },
    });
    const result = loss.record(column(0, this.#stepWeights(mask, isWeighted, true)), output, tookOver);
    metrics.forEach((metric, index) => {
      const weights = this.#stepWeights(mask, isWeighted && metric.isWeighted, false);
      metric.record(column(1 + 2 * index, weights), result.prediction);
    });
    return result;
  }

  /** What each step of each row weighs in the loss or in a metric; nothing if all weigh the same. */
  #stepWeights(mask: Tensor | undefined, isWeighted: boolean, isNormalized: boolean): Tensor | undefined {
    if (!mask) return isWeighted ? this.#sampleWeights : undefined;
    const weights = this.#tensor('step weights', mask.shape);
    const bindings = { update: this.#update, mask, sample_weights: this.#sampleWeights, weights };
    const { STEPS } = stepsAndFeatures(this.outputSample);
    const flags = { WEIGHTED: isWeighted ? 1 : 0, NORMALIZED: isNormalized ? 1 : 0 };
    const THREADS = sumThreads(STEPS * this.rows, this.gpu.device.limits);
    this.#plan.add(stepWeights, bindings, { STEPS, ROWS: this.rows, THREADS, ...flags });
    return weights;
  }

  #recording(index: number, withoutFinalActivation: boolean): Recording {
    const { rows, steps, network } = this;
    const plan = this.#plan;
    const update = this.#update;
    const { parameters, layers } = network;
    const firstMatrix = network.firstMatrix(index);
    const ofLayer = (views: Tensor[]) => views.slice(firstMatrix, firstMatrix + layers[index].matrices.length);
    const { states } = layers[index];
    return {
      plan,
      rows,
      steps,
      withoutFinalActivation,
      isTraining: this.mode === 'train',
      precision: network.precision,
      resets: this.#resets,
      update,
      weights: ofLayer(parameters.views('values')),
      gradients: this.mode === 'train' ? ofLayer(parameters.views('gradient')) : [],
      tensor: this.#tensor,
      frames: (struct, list) => {
        const frames = Frames.of(this.gpu, `frames of ${layers[index].name}`, struct, list);
        this.#scratch.push(frames);
        return frames.bindings;
      },
      decide: (part, task) => this.#decisions.decide(layers[index].name, part, task),
      loadState: (state, tensor) => this.#statesBefore.push({ ...states[state], tensor, firstRow: 0 }),
      storeState: (state, tensor, firstRow) => this.#statesAfter.push({ ...states[state], tensor, firstRow }),
    };
  }

  readonly #tensor: Recording['tensor'] = (label, shape, data) => {
    const tensor = Tensor.planned(this.gpu, label, shape, data);
    this.#scratch.push(tensor);
    return tensor;
  };
}
