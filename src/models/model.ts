import { DisposedError, ValueError } from '../runtime/errors.ts';
import type { Gpu } from '../runtime/gpu.ts';
import { refuseUnknownProperties } from '../runtime/known-properties.ts';
import { knownOptions, trueOrFalse } from '../runtime/options.ts';
import type { ArrayInput } from './network/arrays.ts';
import type { Network } from './network/network.ts';
import type { Weight, WeightInput } from './network/parameters.ts';
import { Random } from './network/random.ts';
import { chainText, tableText, type LayerSummary, type ModelSummary } from './network/summary.ts';
import type { Schedule } from './execution/schedule.ts';
import type { EvaluateBatchesOptions, EvaluateOptions } from './training/callbacks/callback.ts';
import { requireCompiled, type CompileOptions } from './execution/compiled.ts';
import type { Batches, InputBatch } from './training/data/batches.ts';
import type { SampleOptions } from './training/data/checked-data.ts';
import { Calls } from './training/engine/calls.ts';
import { Engine } from './training/engine/engine.ts';
import type { OptimizerState, OptimizerStateInput } from './training/engine/optimizer-state.ts';
import { prepareRandomState, randomStateOf, type RandomState } from './training/engine/random-state.ts';
import type { Run } from './training/engine/run.ts';
import type { ExplanationRow } from './training/engine/program-cache.ts';
import {
  prepareReading,
  prepareStates,
  type LayerState,
  type LayerStateInput,
  type StateSelection,
} from './training/engine/states.ts';
import { prepareWeights, readWeights } from './training/engine/weights.ts';
import type { FitBatchesOptions } from './training/fit-batches.ts';
import type { FitOptions } from './training/fit.ts';
import type { TrainingHistory } from './training/train.ts';
import type { Logs } from './execution/logs.ts';
import type { ModelOfMany } from './training/many/runs.ts';
import { modelInTraining } from './training/model-in-training.ts';
import type { OnBatch } from './training/on-batch.ts';
import { prepareAnyPredict } from './training/prepare.ts';
import { preparePredictOnBatch } from './training/predict-on-batch.ts';
import type { PredictOnBatchOptions, PredictOptions, Prediction } from './training/predict.ts';
import type { PushInput } from './streams/chunk.ts';
import type { Generated, GenerateOptions } from './streams/generate-options.ts';
import type { GpuOutput, GpuOutputOption } from './streams/gpu-arrays.ts';
import { generateAll, pushAll } from './streams/many-streams.ts';
import { restoreStream, type RestoreStreamOptions } from './streams/restore-stream.ts';
import type { SlotsOptions } from './streams/slots-options.ts';
import type { StreamSnapshot } from './streams/snapshot.ts';
import type { StreamOptions } from './streams/stream-options.ts';
import { openStream, type Stream } from './streams/stream.ts';
import { Streams } from './streams/streams.ts';
import type { OutputArray } from './training/output-array.ts';
import { prepareTrace, type Trace } from './training/trace.ts';
import { trainingCodeOf, type TrainingCode } from './training/training-code.ts';

/**
 * A network with its weights and its states on the GPU. Arrays go in as `{ data, shape }`, nested or flat (see `ArrayInput`),
 * and come out as `{ data, shape }`; predictions have `toNested`, `row` and `argmax` beside them.
 *
 * States of a stateful model follow Keras: row i of a batch continues row i of the batch before, in `fit`, `evaluate`
 * and `predict` alike, until `resetStates`. Validation inside `fit`, and an `evaluate` or `predict` with a larger batch size
 * than the model's, have states of their own, which start from zero.
 *
 * Calls take effect in the order in which they are made, whether they are awaited or not, and arrays given to a call may be
 * used again as soon as it has returned. Until a `fit` or `trainMany` has ended, other calls are refused with BusyError, but
 * for `getWeights`, `getStates` and `resetStates`, which then take effect between two of its batches, or before the first, and
 * for those of its callbacks (see `Callback`). While an asynchronous callback of `evaluate` has not returned, other calls are
 * refused too, but for `evaluate` and `predict` of a model without stateful layers, which then run between two batches.
 *
 * Every method throws DisposedError after `dispose` and DeviceLostError after the loss of the device. Setting a property that a
 * model does not have, or a method, throws ValueError.
 */
export class Model {
  /**
   * Set to true, from a callback or from outside, to end `fit` after the batches already queued; a batch that it waits for need
   * not come. The history's last entry then may cover only a part of an epoch, or of its validation.
   *
   * @throws ValueError when set to anything but true or false
   */
  get stopTraining(): boolean {
    return this.#stopTraining;
  }

  set stopTraining(stop: boolean) {
    this.#stopTraining = trueOrFalse('model.stopTraining', 'stopTraining', stop);
    if (stop) this.#calls.stop();
  }

  #stopTraining = false;
  readonly #gpu: Gpu;
  readonly #network: Network;
  readonly #engine: Engine;
  readonly #calls: Calls;
  readonly #streams: Streams<Stream>;
  /** How to train and to test, which the optimizer of `compile` brings with it. */
  #trainingCode?: TrainingCode & { onBatch: OnBatch };

  /** @internal Use `sequential`. */
  constructor(gpu: Gpu, network: Network, random: Random, schedule: Schedule, onEvict?: SlotsOptions['onEvict']) {
    this.#gpu = gpu;
    this.#network = network;
    refuseUnknownProperties(this);
    this.#engine = new Engine(gpu, network, schedule, { shuffle: random, dropout: new Random(random.integer()) });
    const isStateful = network.slots !== undefined;
    const modelFor = (run: Run) => modelInTraining(this.#engine, run, this.#trainingCode);
    this.#calls = new Calls(gpu, modelFor, this, isStateful);
    this.#streams = new Streams(this.#engine, this.#calls, onEvict);
  }

  /** How many weights the model has. */
  get parameterCount(): number {
    return this.#network.parameters.count;
  }

  /**
   * The learning rate as it was last set, which can be done at any time. Set after the call of a `fit` that has not ended, it
   * holds for the batches which that `fit` has not queued yet: for all of them if it still waits for its turn. Otherwise it
   * holds for the calls made from then on. `compile` brings that of its optimizer. It cannot be set if the optimizer has a
   * schedule.
   *
   * @throws ValueError before `compile`; when set, if it is not a number of at least 0, or the optimizer has a schedule;
   * BusyError when set while a callback of `evaluate` has not returned
   * @see keras/src/optimizers/base_optimizer.py learning_rate
   */
  get learningRate(): number {
    const where = 'model.learningRate';
    Model.#callsOf(this, where).assertUsable(where);
    return requireCompiled(where, this.#engine.compiled).latestLearningRate;
  }

  set learningRate(rate: number) {
    const where = 'model.learningRate';
    Model.#callsOf(this, where).assertUsable(where);
    const compiled = requireCompiled(where, this.#engine.compiled);
    compiled.setLearningRate(where, rate, (use) => this.#calls.betweenBatches(where, use));
  }

  /** The options of the last `compile`, or `undefined` before it. */
  get compileOptions(): CompileOptions | undefined {
    return this.#engine.compiled?.options;
  }

  /** How many updates the optimizer has made since `compile`; 0 before it. It can be asked for after the loss of the device. */
  get iterations(): number {
    return this.#engine.compiled?.iterations ?? 0;
  }

  /** The layers in their order: name, type, output shape, number of weights, and the options that they were given. */
  get layers(): readonly LayerSummary[] {
    return this.#network.summaries;
  }

  /**
   * The table that Keras prints: a line for each layer with the shape of its output and the number of its weights. `layers`
   * holds the same as data.
   */
  summary(): string {
    return tableText(this.layers, this.parameterCount);
  }

  /** The layers in one line, such as `Model [20, 1] → lstm [10] → dense [1], 491 parameters`. */
  toString(): string {
    return `Model ${chainText(this.#network.inputShape, this.layers)}, ${this.parameterCount} parameters`;
  }

  /** The architecture, which `JSON.stringify` writes, without the weights: see `getWeights`. */
  toJSON(): ModelSummary {
    return this.#network.summary;
  }

  /**
   * Chooses the optimizer, the loss and the metrics. The optimizer starts anew; weights and states stay.
   *
   * @throws ValueError if there is no such loss or metric; BusyError while `fit` runs
   */
  compile(options: CompileOptions): void {
    const where = 'model.compile';
    Model.#callsOf(this, where).assertReady(where);
    const trainingCode = trainingCodeOf(where, options);
    const compiled = new trainingCode.Compiled(this.#gpu, this.#network, options);
    const freeFormer = this.#engine.recompile(compiled, trainingCode.createProgram);
    this.#trainingCode ??= { ...trainingCode, onBatch: new trainingCode.OnBatch(this.#engine) };
    // The former one is freed even if the model is disposed before its turn comes.
    void this.#calls.inTurn(() => this.#engine.queue.inOrder(freeFormer, freeFormer));
  }

  /**
   * Trains on samples x [samples, timesteps, features] and targets y [samples, outputs].
   *
   * @returns a value an epoch for the loss and each metric, means over the samples
   * @throws ShapeError, ValueError (as rejections) before training begins; BusyError while another `fit` runs; the reason of
   * `options.signal` when that is aborted
   * @see keras/src/backend/tensorflow/trainer.py fit
   */
  fit(x: ArrayInput, y: ArrayInput, options?: FitOptions): Promise<TrainingHistory>;
  /**
   * Trains on batches of an iterable, `[x, y]` or `{ x, y, sampleWeight, lengths }`, so that no data set has to fit into the
   * memory of the GPU: see `Batches`. Each is uploaded beside the update of the one before. An error in a batch, or of the
   * iterable, ends training after the batches before.
   */
  fit(batches: Batches, options?: FitBatchesOptions): Promise<TrainingHistory>;
  async fit(
    x: ArrayInput | Batches,
    y?: ArrayInput | FitBatchesOptions,
    options?: FitOptions,
  ): Promise<TrainingHistory> {
    const where = 'model.fit';
    Model.#callsOf(this, where).assertReady(where);
    const { work, signal } = this.#trainingCodeFor(where).prepareFit(this.#engine, x, y, options);
    this.stopTraining = false;
    return this.#calls.run(where, 'fit', work, signal);
  }

  /**
   * The loss and the metrics over samples x and targets y, without training. A callback of `fit` may call it too: it then
   * has states of its own, from zero, and those of training are left alone.
   *
   * @throws ShapeError, ValueError (as rejections); BusyError while `fit` runs
   */
  evaluate(x: ArrayInput, y: ArrayInput, options?: EvaluateOptions): Promise<Logs>;
  /** The same for batches of an iterable. One with more rows than a stateful model has starts from zero, as in `predict`. */
  evaluate(batches: Batches, options?: EvaluateBatchesOptions): Promise<Logs>;
  async evaluate(
    x: ArrayInput | Batches,
    y?: ArrayInput | EvaluateBatchesOptions,
    options?: EvaluateOptions,
  ): Promise<Logs> {
    const where = 'model.evaluate';
    Model.#callsOf(this, where).assertUsable(where);
    const run = this.#calls.host;
    if (run) return run.model!.evaluate(x as ArrayInput, y as ArrayInput, options);
    this.#calls.assertReady(where);
    const { work, signal } = this.#trainingCodeFor(where).prepareEvaluate(this.#engine, x, y, options);
    return this.#calls.run(where, 'evaluate', work, signal);
  }

  /**
   * The outputs for samples x: [samples, outputs], or [samples, timesteps, outputs] if the last layer gives sequences;
   * beside them `states`, the last ones of layers with `returnState`, and `outputs`, the two of `mergeMode: null`. A
   * callback of `fit` may call it too: it then has states of its own, from zero.
   *
   * Samples may come as batches of an iterable, none of which is kept on the GPU: see `Batches`. Of the options that leaves
   * `signal`. A batch with more rows than a stateful model has starts from zero, and its states are not kept.
   *
   * @throws ShapeError, ValueError (as rejections); BusyError while `fit` runs
   */
  async predict(x: ArrayInput | Batches<InputBatch>, options: PredictOptions = {}): Promise<Prediction> {
    const where = 'model.predict';
    Model.#callsOf(this, where).assertUsable(where);
    const run = this.#calls.host;
    if (run) return run.model!.predict(x, options);
    this.#calls.assertReady(where);
    const { work, signal } = prepareAnyPredict(this.#engine, x, options);
    return this.#calls.run(where, 'predict', work, signal);
  }

  /**
   * Looks inside: the gates, h and c of every recurrent layer at each step of samples x, as `predict` takes them, or of one
   * sequence, [timesteps, features], beside the outputs. All begin from zero, or from `initialState`; states in slots are
   * neither read nor changed. Long inputs go through the GPU in parts, so that only the result takes much memory.
   *
   * @returns `outputs`, and `layers` in their order: `gates` by Keras' names, `h`, and `c` of an lstm, [samples, timesteps,
   * units] each. The steps are those of the layer's input, also for one that goes backwards
   * @throws ShapeError, ValueError (as rejections); BusyError while `fit` runs
   */
  async trace(x: ArrayInput, options: PredictOnBatchOptions = {}): Promise<Trace> {
    const where = 'model.trace';
    Model.#callsOf(this, where).assertReady(where);
    return this.#calls.run(where, 'predict', prepareTrace(this.#engine, x, options));
  }

  /**
   * Trains on one batch. Calls need not be awaited one by one: those made in one go are sent in order in one submit, and their
   * losses are read together.
   *
   * @returns the loss and the metrics of this batch, before its step
   * @throws ShapeError, ValueError (as rejections); BusyError while `fit` runs
   */
  async trainOnBatch(x: ArrayInput, y: ArrayInput, options: SampleOptions = {}): Promise<Logs> {
    const where = 'model.trainOnBatch';
    Model.#callsOf(this, where).assertReady(where);
    return this.#calls.inOrder(where, this.#trainingCodeFor(where).onBatch.prepare(where, 'train', x, y, options));
  }

  /**
   * The loss and the metrics of one batch of any size, without training. With more rows than a stateful model has, all
   * states start from zero and none is kept.
   *
   * @throws ShapeError, ValueError (as rejections); BusyError while `fit` runs
   */
  async testOnBatch(x: ArrayInput, y: ArrayInput, options: SampleOptions = {}): Promise<Logs> {
    const where = 'model.testOnBatch';
    Model.#callsOf(this, where).assertReady(where);
    return this.#calls.inOrder(where, this.#trainingCodeFor(where).onBatch.prepare(where, 'test', x, y, options));
  }

  /**
   * The outputs for one batch of any size. With more rows than a stateful model has, all states start from zero and
   * none is kept.
   *
   * @throws ShapeError, ValueError (as rejections); BusyError while `fit` runs
   */
  async predictOnBatch(x: ArrayInput, options: PredictOnBatchOptions = {}): Promise<Prediction> {
    const where = 'model.predictOnBatch';
    Model.#callsOf(this, where).assertReady(where);
    return this.#calls.inOrder(where, preparePredictOnBatch(this.#engine, x, options));
  }

  /**
   * Lets the states start from zero again: all of them, or those of the listed rows. Takes effect between the batches
   * before this call and those after it. Without stateful layers there is nothing to do, as in Keras, and no row to list.
   *
   * @throws ValueError if there is no such slot; then no state is reset
   */
  resetStates(slots?: readonly number[]): void {
    const where = 'model.resetStates';
    Model.#callsOf(this, where).assertUsable(where);
    const range = this.#calls.caller?.range ?? 'training';
    const rows = this.#engine.checkRows(where, range, slots);
    void this.#calls.betweenBatches(where, () => this.#engine.resetStates(range, rows));
  }

  /**
   * Opens a stream: a sequence of any length that is pushed through the model chunk by chunk. Its states stay on the GPU, in
   * one of the `slots` that the model was built with. They are zero at first, and apart from those of `fit`, `evaluate` and
   * `predict`.
   *
   * @throws ValueError if the model was built without slots, or an open stream has the name; SlotsFullError if all have open
   * streams
   */
  openStream(options: StreamOptions = {}): Stream {
    const where = 'model.openStream';
    Model.#callsOf(this, where).assertUsable(where);
    knownOptions(where, options, ['name', 'trace']);
    return openStream(where, this.#streams, options);
  }

  /** The open streams, in the order in which they were opened. */
  get streams(): readonly Stream[] {
    return [...this.#streams.open.values()];
  }

  /**
   * Opens a stream that goes on from a snapshot, with its name unless an open stream has that. The layers must be those of the
   * model that made it, and the weights too: if these must be read first, results of the stream wait for that, reject with
   * SnapshotError if the weights are others, and it is closed.
   *
   * @throws SnapshotError before anything is taken, if the snapshot is damaged, or known to be of another model; ValueError,
   * SlotsFullError as `openStream`
   */
  restoreStream(saved: StreamSnapshot, options: RestoreStreamOptions = {}): Stream {
    const where = 'model.restoreStream';
    Model.#callsOf(this, where).assertUsable(where);
    return restoreStream(where, this.#streams, saved, options);
  }

  /**
   * Saves all open streams as they are at this moment, in one submit: see `stream.save`.
   *
   * @returns snapshots in the order of `model.streams`
   */
  async saveStreams(): Promise<StreamSnapshot[]> {
    const where = 'model.saveStreams';
    Model.#callsOf(this, where).assertUsable(where);
    return Promise.all(this.streams.map((stream) => stream.save()));
  }

  /**
   * Pushes chunks, which may differ in length, into many streams at once, as `stream.push` does into one. A stream that is
   * there twice gets its chunks in their order.
   *
   * @returns the outputs of each chunk, in the order of the chunks
   * @throws ShapeError, ValueError, DisposedError (as rejections) before anything is pushed; BusyError as `stream.push`; what
   * the device refuses, such as a buffer that is destroyed, while the other chunks are pushed
   */
  pushAll(chunks: Iterable<readonly [stream: Stream, x: PushInput]>): Promise<OutputArray[]>;
  /** The same with outputs that stay on the GPU, as `stream.push` gives them. */
  pushAll(chunks: Iterable<readonly [stream: Stream, x: PushInput]>, options: GpuOutputOption): Promise<GpuOutput[]>;
  async pushAll(
    chunks: Iterable<readonly [stream: Stream, x: PushInput]>,
    options?: GpuOutputOption,
  ): Promise<OutputArray[] | GpuOutput[]> {
    const where = 'model.pushAll';
    Model.#callsOf(this, where).assertUsable(where);
    return pushAll(where, this.#streams, chunks, options);
  }

  /**
   * Lets the model feed itself in many streams at once, as `stream.generate` does in one; numbers of steps and options may
   * differ. A stream that is there twice goes on from what it has generated first.
   *
   * @returns the result of each stream, in the order of the requests
   * @throws ShapeError, ValueError, DisposedError (as rejections) before anything is generated; BusyError as `stream.push`.
   * A stream whose first push the device has refused fails while the others go on
   */
  async generateAll<O extends GenerateOptions>(
    requests: Iterable<readonly [stream: Stream, steps: number, options: O]>,
  ): Promise<Generated<O>[]> {
    const where = 'model.generateAll';
    Model.#callsOf(this, where).assertUsable(where);
    return generateAll(where, this.#streams, requests);
  }

  /** The weights in Keras' order and layout: kernel [I, 4H], recurrentKernel [H, 4H], bias [4H], gates i, f, c, o. */
  async getWeights(): Promise<Weight[]> {
    const where = 'model.getWeights';
    Model.#callsOf(this, where).assertUsable(where);
    return this.#calls.betweenBatches(where, () => readWeights(this.#engine));
  }

  /**
   * Replaces all weights, in the order of `getWeights`. The optimizer and the states stay as they are. NaN and Infinity are
   * taken, so that what `getWeights` gave can always be set again; a name, where there is one, must be the right one.
   *
   * @throws ShapeError, ValueError before any weight is replaced; BusyError while `fit` runs
   */
  setWeights(weights: readonly WeightInput[]): void {
    const where = 'model.setWeights';
    Model.#callsOf(this, where).assertReady(where);
    void this.#calls.inOrder(where, prepareWeights(where, this.#engine, weights));
  }

  /**
   * The states of the stateful layers, in the order of the layers: for an LSTM h and c, [rows, units] each.
   *
   * @param selection one layer, or some rows; default: all
   * @throws ValueError (as a rejection) if there is no such layer or slot, or no layer is stateful
   */
  async getStates(selection: StateSelection = {}): Promise<LayerState[]> {
    const where = 'model.getStates';
    Model.#callsOf(this, where).assertUsable(where);
    return this.#calls.betweenBatches(where, prepareReading(where, this.#engine, selection));
  }

  /**
   * Replaces states, given in the order of `getStates`; the next batch continues them. So a sequence can be stopped, kept
   * and taken up again in any slot. NaN and Infinity are taken, as by `setWeights`, and names are checked.
   *
   * @throws ShapeError, ValueError before any state is replaced; BusyError while `fit` runs
   */
  setStates(states: readonly LayerStateInput[], selection: StateSelection = {}): void {
    const where = 'model.setStates';
    Model.#callsOf(this, where).assertReady(where);
    void this.#calls.inOrder(where, prepareStates(where, this.#engine, states, selection));
  }

  /**
   * All that the optimizer remembers, so that a training can be resumed: how many updates there have been, its learning rate,
   * and its moments, in Keras' layout.
   *
   * @throws ValueError (as a rejection) before `compile`
   */
  async getOptimizerState(): Promise<OptimizerState> {
    const where = 'model.getOptimizerState';
    Model.#callsOf(this, where).assertUsable(where);
    const { readOptimizerState } = this.#trainingCodeFor(where);
    return this.#calls.betweenBatches(where, () => readOptimizerState(this.#engine, this.#engine.compiled!));
  }

  /**
   * Replaces all that the optimizer remembers; the next update goes on from there. Together with the weights, the states and
   * the random state it continues another training with the same bits.
   *
   * @throws ShapeError, ValueError before anything is replaced, also before `compile`; BusyError while `fit` runs
   */
  setOptimizerState(state: OptimizerStateInput): void {
    const where = 'model.setOptimizerState';
    Model.#callsOf(this, where).assertReady(where);
    const { prepareOptimizerState } = this.#trainingCodeFor(where);
    void this.#calls.inOrder(where, prepareOptimizerState(where, this.#engine, this.#engine.compiled!, state));
  }

  /** Where the sources of random numbers stand from which `fit` draws the order of samples and the seeds of dropout. */
  async getRandomState(): Promise<RandomState> {
    const where = 'model.getRandomState';
    Model.#callsOf(this, where).assertUsable(where);
    return this.#calls.betweenBatches(where, () => randomStateOf(this.#engine.randoms));
  }

  /**
   * Sets the sources of random numbers to where those of another model, or of this one, stood.
   *
   * @throws ValueError before anything is set; BusyError while `fit` runs
   */
  setRandomState(state: RandomState): void {
    const where = 'model.setRandomState';
    Model.#callsOf(this, where).assertReady(where);
    void this.#calls.inOrder(where, prepareRandomState(where, this.#engine.randoms, state));
  }

  /**
   * Explains how the model is computed: for each mode, batch size and number of steps that was run so far, the candidate that
   * was chosen for each part of a layer, and why. The rows suit `console.table`.
   */
  explain(): ExplanationRow[] {
    const where = 'model.explain';
    Model.#callsOf(this, where).assertUsable(where);
    return [...this.#engine.programs.explain(), ...this.#streams.explanations];
  }

  /**
   * The parts of the model that `trainMany` works with.
   *
   * @internal
   * @throws DisposedError, DeviceLostError, BusyError, ValueError if the model cannot be trained now
   */
  forMany(where: string): ModelOfMany {
    Model.#callsOf(this, where).assertReady(where);
    return {
      engine: this.#engine,
      compiled: requireCompiled(where, this.#engine.compiled),
      calls: this.#calls,
    };
  }

  /** @throws ValueError if a method was called without the model, or on a copy of it, which has no private fields */
  static #callsOf(model: Model | undefined, where: string): Calls {
    if (#calls in Object(model)) return model!.#calls;
    throw new ValueError(
      `${where}: called without its model, or on a proxy of it. Call it on the model itself, as (x) => model.predict(x) does.`,
    );
  }

  /** @throws ValueError if the model was not compiled */
  #trainingCodeFor(where: string) {
    requireCompiled(where, this.#engine.compiled);
    return this.#trainingCode!;
  }

  /** Frees the memory on the GPU. Calls that have not ended are rejected with DisposedError. */
  dispose(): void {
    const error = new DisposedError('model.dispose: the model was disposed before this work was done.');
    if (!Model.#callsOf(this, 'model.dispose').close(error)) return;
    this.#engine.dispose(error);
    this.#streams.dispose();
    this.#network.dispose();
  }
}
