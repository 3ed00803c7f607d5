import type { SampleShape } from '../../runtime/shape.ts';
import { ValueError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { nonNegative, show } from '../../runtime/options.ts';
import { MovableTensor } from '../../runtime/movable-tensor.ts';
import type { Tensor } from '../../runtime/tensor.ts';
import type { Layer } from '../network/layers/layer.ts';
import type { Network } from '../network/network.ts';
import type { AgendaSteps } from './agenda.ts';
import { Journal } from './journal.ts';
import type { Logs } from './logs.ts';
import { lossOf, targetShape, type Loss, type LossName } from '../network/objective/losses.ts';
import { metricOf, type Metric, type MetricName, type MetricOptions } from '../network/objective/metrics.ts';
import type { Optimizer } from '../network/optimizer/rules.ts';

export interface CompileOptions {
  optimizer: Optimizer;
  /** A loss by its name, or with options: `binaryCrossentropy({ labelSmoothing: 0.1 })`. */
  loss: LossName | Loss;
  /** Metrics by name, or with options: `{ metric: 'binaryAccuracy', threshold: 0.7, name: 'sure' }`. Default: none. */
  metrics?: readonly (MetricName | MetricOptions)[];
  /** Metrics in which sample weights count, as they do in the loss; in the others they do not. Default: none. */
  weightedMetrics?: readonly (MetricName | MetricOptions)[];
}

/** The loss, the metrics, the optimizer and its memory, which `model.compile` adds to a network. */
export class Compiled {
  static #count = 0;
  /** A number that no other instance has, for keys of programs. */
  readonly id = Compiled.#count++;
  readonly optimizer: Optimizer;
  /** The options of the call, as they were given. */
  readonly options: CompileOptions;
  readonly loss: Loss;
  /** The shape of a sample's target. */
  readonly targetShape: SampleShape;
  readonly metrics: readonly Metric[];
  readonly journal: Journal;
  /** The memory of the optimizer's moments. */
  readonly momentStorage: MovableTensor;
  /** The number of updates so far, including those that only accumulated their gradient. */
  iterations = 0;
  /** The learning rate of the updates that are queued next. */
  #learningRate: Optimizer['learningRate'];
  /** Learning rates that were set and whose turn has not come, in order. */
  readonly #waitingRates: number[] = [];

  /** @throws ValueError, LimitError before anything is made on the GPU */
  constructor(gpu: Gpu, network: Network, options: CompileOptions) {
    const where = 'model.compile';
    const { name, hasTwoOutputs } = network.layers.at(-1)!;
    if (hasTwoOutputs) {
      throw new ValueError(
        `${where}: ${name} has two outputs (mergeMode: null), and a loss needs one. Such a model can only predict; ` +
          `to train it, build it with another mergeMode and set the same weights.`,
      );
    }
    const { optimizer, loss, metrics = [], weightedMetrics = [] } = options;
    this.options = { optimizer, loss, metrics, weightedMetrics };
    this.optimizer = optimizer;
    this.#learningRate = options.optimizer.learningRate;
    this.loss = lossOf(where, options.loss, network.outputShape);
    this.targetShape = targetShape(this.loss, network.outputShape);
    this.metrics = [
      ...checkMetrics(where, 'metrics', options, network, this.loss),
      ...checkMetrics(where, 'weightedMetrics', options, network, this.loss),
    ];
    const duplicate = this.names.find((name, index) => this.names.indexOf(name) < index);
    if (duplicate !== undefined) {
      throw new ValueError(
        `${where}: two metrics are called "${duplicate}". Give one a name: { metric: '…', name: '…' }.`,
      );
    }
    const { size } = network.parameters;
    this.momentStorage = new MovableTensor(gpu, `${this.optimizer.name} moments`, [this.momentNames.length, size]);
    this.journal = new Journal(gpu, this.stepsColumn + 1);
  }

  /** The column of the journal for the number of steps that count in the loss, behind those of the loss and the metrics. */
  get stepsColumn(): number {
    return 1 + 2 * this.metrics.length;
  }

  /** The names of the rows of `moments`. The accumulated gradient is one more row, behind those of the optimizer. */
  get momentNames(): readonly string[] {
    const { moments, gradientAccumulationSteps } = this.optimizer;
    return gradientAccumulationSteps === undefined ? moments : [...moments, 'accumulatedGradient'];
  }

  /** The optimizer's moments: a row for each number that it stores per weight. */
  get moments(): Tensor {
    return this.momentStorage.tensor;
  }

  /** Whether the loss computes the final activation of this layer itself. */
  fusesActivationOf({ finalActivation }: Layer): boolean {
    return finalActivation !== undefined && finalActivation === this.loss.fusedActivation;
  }

  /** The learning rate of the next update. @throws ValueError if a schedule returns anything but a number of at least 0 */
  get learningRate(): number {
    return this.#valueOf(this.#learningRate);
  }

  /** The learning rate once all rates that were set have had their turn. @throws ValueError as `learningRate` */
  get latestLearningRate(): number {
    return this.#waitingRates.at(-1) ?? this.learningRate;
  }

  /**
   * Sets the learning rate of all updates that are queued after the turn of the call.
   *
   * @param inTurn calls its argument, after which updates use the rate, when the turn of the call has come, and returns a
   * promise if that is not at once. Default: at once
   * @throws ValueError if the optimizer has a schedule, or the rate is not a number of at least 0
   * @see keras/src/optimizers/base_optimizer.py learning_rate
   */
  setLearningRate(
    where: string,
    rate: number,
    inTurn: (use: () => void) => void | Promise<void> = (use) => use(),
  ): void {
    if (typeof this.#learningRate === 'function') {
      throw new ValueError(
        `${where}: the optimizer has a schedule for its learning rate, which therefore cannot be set. Compile with a ` +
          `number as learningRate instead.`,
      );
    }
    nonNegative(where, 'learningRate', rate);
    const turn = inTurn(() => {
      this.#learningRate = rate;
    });
    if (!turn) return;
    this.#waitingRates.push(rate);
    const end = () => void this.#waitingRates.shift();
    turn.then(end, end);
  }

  /** Goes on as after so many updates, with a learning rate unless the optimizer has a schedule. */
  continueFrom(iterations: number, learningRate: number | undefined): void {
    this.iterations = iterations;
    if (learningRate !== undefined) this.#learningRate = learningRate;
  }

  /**
   * The optimizer's steps in the next updates, which are not counted yet. They end before the first whose learning rate cannot
   * be used.
   *
   * @throws ValueError if that is the next one
   */
  nextSteps(count: number): AgendaSteps {
    const { optimizer, iterations } = this;
    const accumulated = optimizer.gradientAccumulationSteps ?? 1;
    const learningRates = this.#learningRates(count);
    const sizes = new Float32Array(learningRates.length);
    for (let n = 0; n < sizes.length; n++) {
      sizes[n] = optimizer.stepSize(Math.ceil((iterations + n + 1) / accumulated), learningRates[n]);
    }
    const accumulating =
      accumulated === 1
        ? undefined
        : Uint8Array.from(sizes, (_, n) => ((iterations + n + 1) % accumulated === 0 ? 0 : 1));
    return { sizes, learningRates, accumulating, adam: optimizer.adam };
  }

  /** Whether its next steps are those of another model, both being trained by plain Adam. */
  hasStepsOf(other: Compiled): boolean {
    const [own, { adam }] = [this.optimizer.adam, other.optimizer];
    return (
      own !== undefined &&
      adam !== undefined &&
      typeof this.#learningRate === 'number' &&
      this.#learningRate === other.#learningRate &&
      this.iterations === other.iterations &&
      own.ONE_MINUS_BETA1 === adam.ONE_MINUS_BETA1 &&
      own.ONE_MINUS_BETA2 === adam.ONE_MINUS_BETA2 &&
      own.EPSILON === adam.EPSILON
    );
  }

  /** The learning rates of the next updates, up to the first that cannot be used. @throws ValueError if that is the next one */
  #learningRates(count: number): Float64Array {
    const rate = this.#learningRate;
    if (typeof rate !== 'function') return new Float64Array(count).fill(rate);
    const rates = new Float64Array(count);
    for (let n = 0; n < count; n++) {
      try {
        rates[n] = this.#valueOf(rate, this.iterations + n);
      } catch (error) {
        if (n === 0) throw error;
        return rates.subarray(0, n);
      }
    }
    return rates;
  }

  /** @throws ValueError if a schedule returns anything but a number of at least 0 */
  #valueOf(rate: Optimizer['learningRate'], iteration = this.iterations): number {
    if (typeof rate !== 'function') return rate;
    return nonNegative(`${this.optimizer.name}, update ${iteration}`, 'learningRate', rate(iteration));
  }

  /** The keys of logs: the loss and the metrics. */
  get names(): string[] {
    return ['loss', ...this.metrics.map(({ name }) => name)];
  }

  /** The means over samples, from the sums of the journal's columns: see `Journal`. */
  logs(sums: ArrayLike<number>, samples: number): Logs {
    const logs: Logs = { loss: sums[0] / samples };
    this.metrics.forEach(({ name }, index) => {
      const [sum, weight] = [sums[1 + 2 * index], sums[2 + 2 * index]];
      logs[name] = weight === 0 ? 0 : sum / weight;
    });
    return logs;
  }

  dispose(): void {
    this.journal.dispose();
    this.momentStorage.dispose();
  }
}

/** @throws ValueError if the model was not compiled */
export function requireCompiled(where: string, compiled: Compiled | undefined): Compiled {
  if (compiled) return compiled;
  throw new ValueError(
    `${where}: the model has no loss yet. Call model.compile({ optimizer: adam(), loss: 'binaryCrossentropy' }) first.`,
  );
}

/** @throws ValueError */
function checkMetrics(
  where: string,
  option: 'metrics' | 'weightedMetrics',
  options: CompileOptions,
  { outputShape }: Network,
  loss: Loss,
): Metric[] {
  const given: unknown = options[option] ?? [];
  if (!Array.isArray(given)) {
    throw new ValueError(`${where}: ${option} is ${show(given)}, expected a list such as ["accuracy"].`);
  }
  return given.map((metric) => metricOf(where, metric, outputShape, loss, option === 'weightedMetrics'));
}
