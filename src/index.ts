export { requestGpu, type Gpu, type GpuOptions } from './runtime/gpu.ts';
export type { Tuning } from './runtime/autotune/tuning-options.ts';
export type { SampleShape, Shape } from './runtime/shape.ts';
export {
  BusyError,
  DeviceLostError,
  DisposedError,
  LimitError,
  LstmWebGpuError,
  ShaderError,
  ShapeError,
  SlotsFullError,
  SnapshotError,
  UnsupportedError,
  ValueError,
} from './runtime/errors.ts';

export type { Model } from './models/model.ts';
export type { LayerSummary, ModelSummary } from './models/network/summary.ts';
export { sequential, type SequentialOptions } from './models/sequential.ts';
export type { Schedule } from './models/execution/schedule.ts';
export type { Precision } from './shaders/precision.ts';
export { trainMany } from './models/train-many.ts';
export type { LayerDefinition, NameOption } from './models/network/layers/layer.ts';
export type { RecurrentOptions } from './models/network/layers/recurrent-options.ts';
export type { RecurrentWeightRules, WeightRules } from './models/network/layers/weight-rules.ts';
export { lstm, type LstmOptions } from './models/network/layers/lstm.ts';
export { keras1 } from './models/keras1.ts';
export { gru, type GruOptions } from './models/network/layers/gru.ts';
export { simpleRnn, type SimpleRnnOptions } from './models/network/layers/simple-rnn.ts';
export { dense, type DenseOptions, type FeedforwardOptions } from './models/network/layers/dense.ts';
export { conv1d, type Conv1dOptions, type Conv1dPadding } from './models/network/layers/conv1d.ts';
export { activation, type LayerActivation } from './models/network/layers/activation.ts';
export { bidirectional, type BidirectionalOptions, type MergeMode } from './models/network/layers/bidirectional.ts';
export { dropout, type DropoutOptions } from './models/network/layers/dropout.ts';
export { embedding, type EmbeddingOptions } from './models/network/layers/embedding.ts';
export { lastStep } from './models/network/layers/last-step.ts';
export { masking, type MaskingOptions } from './models/network/layers/masking.ts';
export { repeatVector } from './models/network/layers/repeat-vector.ts';
export { adam, adamw, rmsprop, sgd } from './models/optimizers.ts';
export type { StepOptions } from './models/network/optimizer/step-options.ts';
export type { AdamOptions, Optimizer, RmspropOptions, SgdOptions } from './models/network/optimizer/rules.ts';
export {
  cosineDecay,
  exponentialDecay,
  inverseTimeDecay,
  piecewiseConstantDecay,
  polynomialDecay,
  type CosineDecayOptions,
  type ExponentialDecayOptions,
  type LearningRateSchedule,
  type PiecewiseConstantDecayOptions,
  type PolynomialDecayOptions,
} from './models/network/optimizer/learning-rate-schedules.ts';

export type { ArrayInput, NamedInput } from './models/network/arrays.ts';
export type { Nested, NumberArray, NumberList, ShapedInput } from './runtime/numbers.ts';
export type { Weight, WeightInput } from './models/network/parameters.ts';
export type {
  Callback,
  EvaluateBatchesOptions,
  EvaluateOptions,
  MaybePromise,
  ModelInTraining,
} from './models/training/callbacks/callback.ts';
export type { Logs } from './models/execution/logs.ts';
export { Monitor, type MonitorOptions } from './models/training/callbacks/monitor.ts';
export {
  earlyStopping,
  type EarlyStopping,
  type EarlyStoppingOptions,
} from './models/training/callbacks/early-stopping.ts';
export { learningRateScheduler } from './models/training/callbacks/learning-rate-scheduler.ts';
export { terminateOnNaN } from './models/training/callbacks/terminate-on-nan.ts';
export { reduceLROnPlateau, type ReduceLROnPlateauOptions } from './models/training/callbacks/reduce-lr-on-plateau.ts';
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  huber,
  meanAbsoluteError,
  meanSquaredError,
  sparseCategoricalCrossentropy,
  type BinaryCrossentropyOptions,
  type CategoricalCrossentropyOptions,
  type HuberOptions,
  type Loss,
  type LossName,
  type SparseCategoricalCrossentropyOptions,
} from './models/network/objective/losses.ts';
export type { MetricName, MetricOptions } from './models/network/objective/metrics.ts';
export type { ClassWeight } from './models/training/data/sample-weights.ts';
export { l1, l1l2, l2, type Regularizer } from './models/network/objective/regularizers.ts';
export {
  maxNorm,
  minMaxNorm,
  nonNeg,
  unitNorm,
  type Constraint,
  type MinMaxNormOptions,
} from './models/network/optimizer/constraints.ts';
export type { AnyIterable, Batch, Batches, InputBatch } from './models/training/data/batches.ts';
export type { ValidationData, SampleOptions } from './models/training/data/checked-data.ts';
export type { CompileOptions } from './models/execution/compiled.ts';
export type { ProgressOfMany, TrainManyOptions } from './models/training/many/fit-many.ts';
export type { FitOptions } from './models/training/fit.ts';
export type { FitBatchesOptions } from './models/training/fit-batches.ts';
export type { TrainingOptions } from './models/training/training-plan.ts';
export type { TrainingHistory } from './models/training/train.ts';
export type { PredictOnBatchOptions, Prediction, PredictOptions } from './models/training/predict.ts';
export type { PushInput } from './models/streams/chunk.ts';
export type { GpuArray, GpuOutput, GpuOutputOption } from './models/streams/gpu-arrays.ts';
export type { SlotsOptions } from './models/streams/slots-options.ts';
export type { InspectedLayer } from './models/streams/inspection.ts';
export type { Stream } from './models/streams/stream.ts';
export type { StreamOptions } from './models/streams/stream-options.ts';
export type { StreamSnapshot } from './models/streams/snapshot.ts';
export type { RestoreStreamOptions } from './models/streams/restore-stream.ts';
export type {
  FeedbackOptions,
  GenerateBeginning,
  Generated,
  GeneratedClasses,
  GenerateOptions,
  SampleClassesOptions,
  Sampling,
} from './models/streams/generate-options.ts';
export type { NestedNumbers, OutputArray } from './models/training/output-array.ts';
export type { Trace } from './models/training/trace.ts';
export type { LayerSteps, LayerTrace } from './models/training/traced-steps.ts';
export type { Pace, Progress } from './models/training/progress.ts';
export type { InitialState } from './models/training/data/initial-states.ts';
export type { Lengths } from './models/training/data/lengths.ts';
export type { ResetPolicy, ResetRule } from './models/training/reset-policy.ts';
export type { Explanation, Mode } from './models/execution/program.ts';
export type { ExplanationRow } from './models/training/engine/program-cache.ts';
export type { OptimizerState, OptimizerStateInput } from './models/training/engine/optimizer-state.ts';
export type { RandomState } from './models/training/engine/random-state.ts';
export type { LayerState, LayerStateInput, StateSelection } from './models/training/engine/states.ts';
export type { InitializerName, InitializerOption } from './models/network/initializers.ts';
export type { Random } from './models/network/random.ts';
export type { Activation } from './models/operations/recurrence/activations.ts';
