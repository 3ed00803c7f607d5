import file from './keras_early_stopping.json';

/** What Keras' EarlyStopping does with a series of values, driven directly. */
export interface KerasEarlyStopping {
  params: {
    monitor?: string;
    mode?: 'min' | 'max';
    min_delta?: number;
    patience?: number;
    baseline?: number;
    restore_best_weights?: boolean;
    start_from_epoch?: number;
  };
  monitor_values: number[];
  stopped: boolean;
  last_epoch_run: number;
  /** 0 if it did not stop. */
  stopped_epoch: number;
  best: number;
  best_epoch: number;
  /** The epoch whose weights the model has at the end; null if those of the last one. */
  restored_epoch: number | null;
}

export const kerasEarlyStoppings = file.cases as readonly KerasEarlyStopping[];
