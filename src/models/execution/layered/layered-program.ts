import { costModel } from '../../../runtime/autotune/cost-model.ts';
import type { TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import { Frames } from '../../../runtime/frames.ts';
import { recordPass, type Gpu } from '../../../runtime/gpu.ts';
import { Plan } from '../../../runtime/plan.ts';
import { SizesTable } from '../../../runtime/sizes-table.ts';
import type { Shape } from '../../../runtime/shape.ts';
import { Tensor } from '../../../runtime/tensor.ts';
import type { Recorded, Recording, Signal, TracedLayer } from '../../network/layers/layer.ts';
import { stepsAndFeatures, timeMajor, withSteps, type Network } from '../../network/network.ts';
import { LayeredAgenda } from '../agenda.ts';
import type { ChannelName, Channels } from '../channels.ts';
import type { Compiled } from '../compiled.ts';
import { LayeredDecisions, type LayeredOptions } from './layered-decisions.ts';
import type { Explanation, Mode, Program, ProgramKey, Replay, Samples } from '../program.ts';
import { RunningTime } from './running-time.ts';
import { StateCopies } from './state-copies.ts';
import { recordGather, recordScatter, streamOutputs, type BatchOutput } from './transfers.ts';
import { stackFrom } from '../wavefront/stacks.ts';
import { recordWavefront } from '../wavefront/wavefront.ts';

/** The most updates of a submit, since each takes many dispatches. */
const MAX_UPDATES = 256;

/**
 * A program that computes a network layer by layer. Its plan is one update: the forward pass, and what follows it if the update
 * trains or tests (`objective.ts`).
 */
export class LayeredProgram implements Program {
  accepted?: Promise<void>;
  readonly agenda: LayeredAgenda;
  readonly countsSteps: boolean;
  readonly #outputSample: Shape;
  readonly #plan: Plan;
  /** The sizes of general kernels, which only a software adapter needs: what a card compiles in milliseconds needs none. */
  readonly #sizes?: SizesTable;
  /** The batch, time-major. An initial state is the first B rows of the tensor in which a layer keeps those of all steps. */
  readonly #batch: Channels<Tensor> & { y: Tensor; weights: Tensor };
  /** The last states, layer by layer, and behind them the output. */
  readonly #outputs: BatchOutput[] = [];
  readonly #decisions: LayeredDecisions;
  readonly traced: TracedLayer[] = [];
  readonly #scratch: (Tensor | Frames)[] = [];
  readonly #runningTime = new RunningTime();

  constructor(
    private readonly gpu: Gpu,
    private readonly network: Network,
    private readonly key: ProgramKey,
    private readonly options: LayeredOptions = { schedule: 'layered' },
  ) {
    this.#decisions = new LayeredDecisions(gpu, options);
    this.#sizes = gpu.isSoftware ? new SizesTable(gpu) : undefined;
    this.#plan = new Plan(gpu, this.#sizes);
    this.agenda = new LayeredAgenda(gpu, key.rows, MAX_UPDATES);
    this.#outputSample = network.outputSample(network.outputShape, key.steps);
    this.#batch = this.#batchTensors();
    const { output: tensor, countsSteps } = this.#record();
    this.countsSteps = countsSteps;
    if (key.continuesOutput) this.#outputs.push(...streamOutputs(tensor, this.#batch.x, key.rows));
    this.#outputs.push({ name: 'output', tensor, firstRow: 0 });
  }

  get mode(): Mode {
    return this.key.mode;
  }

  get compiled(): Compiled | undefined {
    return this.key.compiled;
  }

  get rows(): number {
    return this.key.rows;
  }

  get steps(): number {
    return this.key.steps;
  }

  allocate(): void {
    this.agenda.allocate();
    for (const item of this.#scratch) item.allocate();
    this.#plan.bind();
  }

  attach({ inputs, outputs, slots = this.key.isAside ? undefined : this.network.slots }: Samples): Replay {
    const { gpu, agenda, key } = this;
    const slotsOf = (name: string) => (key.channels.includes(name as ChannelName) ? undefined : slots?.get(name));
    const gather = new Plan(gpu, this.#sizes);
    recordGather(gather, agenda, this.#batch, inputs, slotsOf);
    const scatter = new Plan(gpu, this.#sizes);
    recordScatter(scatter, agenda, this.#outputs, outputs, slots);
    const plans = [gather, this.#plan, scatter];
    const encodeOne = (pass: GPUComputePassEncoder, index: number) => {
      for (const plan of plans) plan.encode(pass, index);
    };
    const noteRun = (count: number, ran = plans) => {
      if (this.#runningTime.add(gpu, count * this.work)) for (const plan of ran) plan.optimizeInBackground();
    };
    let copies: StateCopies | undefined;
    return {
      ready: Promise.all(plans.map((plan) => plan.ready())),
      encode: (pass, count) => {
        for (let index = 0; index < count; index++) encodeOne(pass, index);
        noteRun(count);
      },
      encodeOne: (pass, index) => {
        encodeOne(pass, index);
        noteRun(1);
      },
      encodeRuns: (encoder, runs) => {
        copies ??= new StateCopies(this.#batch, this.#outputs, slots);
        copies.load(encoder, runs);
        recordPass(encoder, 'update', (pass) => this.#plan.encode(pass, 0));
        copies.store(encoder, runs);
        noteRun(1, [this.#plan]);
      },
    };
  }

  get batch(): NonNullable<Program['batch']> {
    const views = this.network.returnedStates.map(({ name, size }) => {
      const { tensor, firstRow } = this.#outputs.find((output) => output.name === name)!;
      return [name, tensor.view(name, [this.rows, size], firstRow * size)];
    });
    const { tensor } = this.#outputs.at(-1)!;
    const output = tensor.view('output', timeMajor(this.#outputSample, this.rows), 0);
    return { agenda: this.agenda, inputs: this.#batch, outputs: { output, ...Object.fromEntries(views) } };
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

  get byteLength(): number {
    const own = this.agenda.byteLength + (this.#sizes?.byteLength ?? 0);
    return this.#scratch.reduce((sum, { byteLength }) => sum + byteLength, own);
  }

  dispose(): void {
    this.agenda.dispose();
    this.#sizes?.dispose();
    for (const item of this.#scratch) item.dispose();
  }

  /** The parts that only training needs, if the update trains. */
  get #training() {
    return this.mode === 'train' ? this.options.training : undefined;
  }

  get #update() {
    return { frames: this.agenda.updates };
  }

  /** Makes a tensor for each channel; for targets and weights that do not exist it has one number, so that it can be bound. */
  #batchTensors() {
    const { network, rows } = this;
    const { mode, channels, compiled } = this.key;
    const input = withSteps(network.sampleShape, this.steps, network.sampleShape);
    const target = network.outputSample(compiled?.targetShape ?? network.outputShape, this.steps);
    const { STEPS } = stepsAndFeatures(this.#outputSample);
    const perStep = (name: 'mask' | 'resets') =>
      channels.includes(name) ? this.#tensor(`batch ${name}`, [input[0], rows]) : undefined;
    return {
      x: this.#tensor('batch input', timeMajor(input, rows)),
      y: this.#tensor('batch target', mode === 'predict' ? [1] : timeMajor(target, rows)),
      weights: this.#tensor('batch weights', channels.includes('weights') ? [STEPS, rows] : [1]),
      mask: perStep('mask'),
      resets: perStep('resets'),
    };
  }

  /** Records the update. @returns the tensor of the model's output, and whether the journal tells how many steps count */
  #record(): { output: Tensor; countsSteps: boolean } {
    const { network, key } = this;
    const { compiled } = key;
    const isActivationFused = compiled?.fusesActivationOf(network.layers.at(-1)!) ?? false;
    const recorded = this.#forward(isActivationFused);
    if (!compiled) return { output: recorded.at(-1)!.output.values, countsSteps: false };
    const recording = { plan: this.#plan, update: this.#update, tensor: this.#tensor, batch: this.#batch };
    const objective = { ...recording, network, key, compiled, outputSample: this.#outputSample, isActivationFused };
    return this.options.training!.recordObjective(objective, recorded);
  }

  #forward(isActivationFused: boolean): Recorded[] {
    const { layers } = this.network;
    const recordingOf = (index: number) => this.#recording(index, isActivationFused && index + 1 === layers.length);
    const recorded: Recorded[] = [];
    let input: Signal = { values: this.#batch.x, mask: this.#batch.mask };
    for (let first = 0; first < layers.length;) {
      const stack = stackFrom(layers, first);
      const recordings = stack.map((_, n) => recordingOf(first + n));
      const isWavefront = this.#decisions.isWavefront(stack, recordings, input);
      const next = isWavefront
        ? recordWavefront(stack, recordings, input, this.#training?.wavefront)
        : layers[first].record(recordingOf(first), input);
      recorded.push(next);
      input = next.output;
      first += isWavefront ? stack.length : 1;
    }
    return recorded;
  }

  #recording(index: number, withoutFinalActivation: boolean): Recording {
    const { rows, steps, network } = this;
    const plan = this.#plan;
    const update = this.#update;
    const { parameters, layers } = network;
    const firstMatrix = network.firstMatrix(index);
    const layerViews = (views: Tensor[]) => views.slice(firstMatrix, firstMatrix + layers[index].matrices.length);
    const { states } = layers[index];
    return {
      plan,
      rows,
      steps,
      withoutFinalActivation,
      training: this.#training?.layers,
      precision: network.precision,
      resets: this.#batch.resets,
      continuesOutput: this.key.continuesOutput ?? false,
      update,
      weights: layerViews(parameters.views('values')),
      gradients: this.#training ? layerViews(parameters.views('gradient')) : [],
      tensor: this.#tensor,
      frames: (struct, list) => {
        const frames = Frames.of(this.gpu, `frames of ${layers[index].name}`, struct, list);
        this.#scratch.push(frames);
        return frames.bindings;
      },
      decide: (part, task) => this.#decisions.decide(layers[index].name, part, task),
      loadState: (state, tensor) => {
        this.#batch[states[state].name] = tensor;
      },
      storeState: (state, tensor, firstRow) => {
        this.#outputs.push({ name: states[state].name, tensor, firstRow });
      },
      trace: this.key.traces ? (layer) => this.traced.push(layer) : undefined,
    };
  }

  readonly #tensor: Recording['tensor'] = (label, shape, data) => {
    const tensor = Tensor.planned(this.gpu, label, shape, data);
    this.#scratch.push(tensor);
    return tensor;
  };
}
