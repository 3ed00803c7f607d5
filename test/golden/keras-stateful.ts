import file from './keras_stateful_training.json';
import type { GoldenTensor } from './tensor.ts';

type States = [h: GoldenTensor, c: GoldenTensor];

/** A training run of Keras with LSTM and Dense(1, sigmoid), on binary cross-entropy. */
export interface KerasRun {
  name: string;
  initial_weights: Record<string, GoldenTensor>;
  final_weights: Record<string, GoldenTensor>;
  /** Absent where they are zero: after a reset, or without state. */
  final_states?: States;
}

/** Runs of the element-wise loop on X [6, 20] with y_i = X[i, 0]; Adam with Keras' defaults. */
export interface KerasLoop extends KerasRun {
  X: GoldenTensor;
  'per_step_[loss,acc]': [loss: number, accuracy: number][];
  /** Only in the run with resets: one pair a sequence. */
  'states_before_each_reset_[h,c]'?: States[];
}

/** Runs of `fit` on X, element by element or window by window, two epochs. */
export interface KerasFit extends KerasRun {
  X: GoldenTensor;
  window?: number;
  history: { loss: number[]; accuracy: number[] };
}

/** Three epochs of `fit` with batches of two and SGD(0.1), then `evaluate` and `predict` on the validation data. */
export interface KerasBatchFit extends KerasRun {
  x: GoldenTensor;
  y: GoldenTensor;
  x_val: GoldenTensor;
  y_val: GoldenTensor;
  history: { loss: number[]; accuracy: number[]; val_loss?: number[]; val_accuracy?: number[] };
  states_at_epoch_end: States[];
  'then_evaluate_[loss,acc]': [loss: number, accuracy: number];
  then_predict: GoldenTensor;
}

const byName = <T extends KerasRun>(name: string): T => {
  const found = (file.cases as unknown as KerasRun[]).find((run) => run.name === name);
  if (!found) throw new Error(`No run "${name}" was recorded.`);
  return found as T;
};

export const kerasLoops = {
  'with resets': byName<KerasLoop>('post_elementwise_stateful_train_on_batch'),
  'without resets': byName<KerasLoop>('post_elementwise_stateful_no_reset'),
  stateless: byName<KerasLoop>('post_elementwise_stateless'),
};

export const kerasFits = {
  'resets by a callback': byName<KerasFit>('post_callback_fit'),
  'stateless windows': byName<KerasFit>('post_windowed_bs1_stateless'),
  'stateful windows': byName<KerasFit>('post_windowed_bs1_stateful_no_reset'),
};

export const kerasBatchFit = byName<KerasBatchFit>('stateful_fit_bs2');

/** The same run with its validation data in `fit`, from whose states training goes on. */
export const kerasValidatedFit = byName<KerasBatchFit>('stateful_fit_bs2_with_validation_data');

/** Keras' order: kernel, recurrent kernel and bias of the LSTM, kernel and bias of the dense layer. */
export function inOrder(weights: Record<string, GoldenTensor>): GoldenTensor[] {
  return ['lstm/kernel', 'lstm/recurrent_kernel', 'lstm/bias', 'dense/kernel', 'dense/bias'].map(
    (name) => weights[name],
  );
}

/** Every window of every sequence of X, sequence by sequence, with y = the sequence's first element. */
export function windowsOf({ X, window = 1 }: KerasFit): { x: number[]; y: number[]; samples: number } {
  const [sequences, length] = X.shape;
  const x: number[] = [];
  const y: number[] = [];
  for (let sequence = 0; sequence < sequences; sequence++) {
    for (let start = 0; start + window <= length; start++) {
      x.push(...X.data.slice(sequence * length + start, sequence * length + start + window));
      y.push(X.data[sequence * length]);
    }
  }
  return { x, y, samples: y.length };
}
