import { ValueError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import { Tensor } from '../../runtime/tensor.ts';
import type { Layer } from '../layers/layer.ts';
import { knownOptions, show } from '../layers/options.ts';
import type { Network } from '../network.ts';
import { Journal } from './journal.ts';
import { lossByName, type Loss, type LossName } from './losses.ts';
import { metricByName, type Metric, type MetricName } from './metrics.ts';
import type { Optimizer } from './optimizers.ts';

export interface CompileOptions {
  optimizer: Optimizer;
  loss: LossName;
  /** Default: none but the loss. */
  metrics?: readonly MetricName[];
}

/** What `model.compile` adds to a network: the loss, the metrics, the optimizer and its memory. */
export class Compiled {
  readonly optimizer: Optimizer;
  readonly loss: Loss;
  readonly metrics: readonly Metric[];
  readonly journal: Journal;
  /** What the optimizer keeps for each weight, one row behind the other. */
  readonly moments: Tensor;
  /** Optimizer steps so far. */
  iterations = 0;

  /** @throws ValueError before anything is made on the GPU */
  constructor(gpu: Gpu, network: Network, options: CompileOptions) {
    const where = 'model.compile';
    knownOptions(where, options, ['optimizer', 'loss', 'metrics']);
    if (typeof options.optimizer?.stepSize !== 'function') {
      throw new ValueError(`${where}: optimizer is ${show(options.optimizer)}, expected e.g. adam() or sgd().`);
    }
    this.optimizer = options.optimizer;
    this.loss = lossByName(where, options.loss);
    if (options.metrics !== undefined && !Array.isArray(options.metrics)) {
      throw new ValueError(`${where}: metrics is ${show(options.metrics)}, expected a list such as ["accuracy"].`);
    }
    this.metrics = (options.metrics ?? []).map((name) => metricByName(where, name, network.outputShape));
    this.journal = new Journal(gpu, 1 + this.metrics.length);
    const { size } = network.parameters.values;
    this.moments = Tensor.create(gpu, `${this.optimizer.name} moments`, [this.optimizer.moments, size]);
  }

  /** Whether the loss works out the final activation of this layer itself. */
  takesOver({ finalActivation }: Layer): boolean {
    return finalActivation !== undefined && finalActivation === this.loss.takesOver;
  }

  /** Counts an optimizer step and gives its length. */
  nextStepSize(): number {
    return this.optimizer.stepSize(++this.iterations);
  }

  /** Names of the journal's columns, as they stand in logs. */
  get names(): string[] {
    return ['loss', ...this.metrics.map(({ name }) => name)];
  }

  dispose(): void {
    this.journal.dispose();
    this.moments.dispose();
  }
}
