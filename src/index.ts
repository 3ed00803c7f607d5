export { requestGpu, type Gpu, type GpuOptions } from './runtime/gpu.ts';
export {
  BusyError,
  DeviceLostError,
  DisposedError,
  LimitError,
  LstmWebGpuError,
  ShaderError,
  ShapeError,
  UnsupportedError,
  ValueError,
} from './runtime/errors.ts';

export { sequential, type Model, type SequentialOptions } from './models/sequential.ts';
export { lstm, type LstmOptions } from './models/layers/lstm.ts';
export { dense, type DenseOptions } from './models/layers/dense.ts';
export { adam, sgd, type AdamOptions, type Optimizer, type SgdOptions } from './models/training/optimizers.ts';

export type { ArrayInput, NumberArray } from './models/arrays.ts';
export type { Weight, WeightInput } from './models/parameters.ts';
export type { Callback, Logs } from './models/training/callbacks.ts';
export type { CompileOptions } from './models/training/compile.ts';
export type { EvaluateOptions } from './models/training/evaluate.ts';
export type { FitOptions, History } from './models/training/fit.ts';
export type { PredictOptions } from './models/training/predict.ts';
export type { Progress } from './models/training/progress.ts';
