// A project that uses the library in every form that its types should take. `package-types.test.ts` compiles it, strictly.
import {
  adam,
  bidirectional,
  dense,
  earlyStopping,
  exponentialDecay,
  l2,
  lstm,
  requestGpu,
  sequential,
  trainMany,
  type ArrayInput,
  type Batch,
  type Callback,
  type FitOptions,
  type Gpu,
  type InitializerOption,
  type LayerDefinition,
  type LayerSummary,
  type Logs,
  type Model,
  type Optimizer,
  type Prediction,
  type Random,
  type SequentialOptions,
  type TrainingHistory,
  type Weight,
} from 'lstm-webgpu';
import {
  backupAndRestore,
  download,
  indexedDbStorage,
  loadModel,
  loadWeights,
  modelCheckpoint,
  saveModel,
  verifyModel,
  type ModelSource,
  type ModelStorage,
  type Verification,
} from 'lstm-webgpu/formats';
import { oneHot, standardize, statefulBatches, vocabulary, windows, type UnroundedArray } from 'lstm-webgpu/data';

/** With such a type, which most declarations have, an array may lie in shared memory. */
const annotated: Float32Array = new Float32Array(6);
const listed: ArrayLike<number> = annotated;
const readonlyNumbers: readonly number[] = [0, 1];
const shape = [2, 3, 1] as const;

export const inputs: readonly [ArrayInput, ...ArrayInput[]] = [
  { data: annotated, shape: [2, 3, 1] },
  { data: listed, shape },
  { data: new Float64Array(6), shape: new Uint32Array(shape) },
  [[[1], [2], [3]], [[4]]],
  [annotated.subarray(0, 3), annotated.subarray(3)],
  annotated,
  readonlyNumbers,
  new BigInt64Array(6),
];

export const initializer: InitializerOption = ([rows = 1, columns = 1], random: Random) =>
  Array.from({ length: rows * columns }, () => random.normal());

const layers: LayerDefinition[] = [
  bidirectional(lstm({ units: 4, returnSequences: true, kernelInitializer: initializer })),
  lstm({ units: 4, stateful: true, kernelRegularizer: l2(0.01) }),
  dense({ units: 1, activation: 'sigmoid' }),
];

export async function train(device: GPUDevice): Promise<Weight[]> {
  const gpu: Gpu = await requestGpu({ device, powerPreference: 'low-power' });
  const options: SequentialOptions = { inputShape: [null, 1], batchSize: 2, layers };
  const model: Model = await sequential(gpu, options);
  const learningRate = exponentialDecay({ initialLearningRate: 0.01, decaySteps: 100, decayRate: 0.9 });
  const optimizer: Optimizer = adam({ learningRate });
  model.compile({ optimizer, loss: 'binaryCrossentropy', metrics: ['accuracy'] });

  const callback: Callback = { onEpochEnd: async (_epoch, _logs, own) => void (await own.getWeights()) };
  const fitting: FitOptions = {
    epochs: 2,
    resetStates: 'epoch',
    sampleWeight: annotated,
    validationData: [inputs[0], readonlyNumbers],
    callbacks: [callback, earlyStopping({ patience: 1 })],
    signal: new AbortController().signal,
  };
  const { history }: TrainingHistory = await model.fit(inputs[0], readonlyNumbers, fitting);
  const histories: TrainingHistory[] = await trainMany([model], annotated, annotated);
  const logs: Logs = await model.evaluate(annotated, [0, 1]);
  const losses: (number[] | number | undefined)[] = [history['loss'], histories[0]?.epoch, logs['loss']];
  console.log(losses, await use(model), gpu.adapterName, model.explain()[0]?.why);
  return model.getWeights();
}

async function use(model: Model): Promise<string> {
  const batches = async function* () {
    yield { x: annotated, lengths: new Uint8Array(2) };
  };
  const many: Prediction = await model.predict(batches);
  const pairs = async function* (): AsyncGenerator<Batch> {
    yield [annotated, annotated];
  };
  const { epoch }: TrainingHistory = await model.fit(pairs, { epochs: 1, resetStates: 'epoch' });
  const { states }: Prediction = await model.predict(annotated, { initialState: [annotated, annotated] });
  const classes: number[] = many.argmax();
  model.setStates(await model.getStates({ slots: [0] }), { slots: [1] });
  model.setWeights([{ name: 'dense/kernel', data: annotated, shape: [4, 1] }]);
  const [first]: readonly LayerSummary[] = model.layers;
  return `${first?.name} ${classes.length} ${epoch.length} ${states?.[0]?.row(0).length} ${model.summary()}`;
}

/** Batches as they are written first: no type is given, so that those of lists in generators are not known to be pairs. */
export async function goThrough(model: Model): Promise<Prediction> {
  const x = [
    [[1], [2]],
    [[3], [4]],
  ];
  const y = [0, 1];
  function* batches() {
    for (let n = 0; n < x.length; n++) yield [[x[n]!], [y[n]!]];
  }
  async function* flat() {
    yield [annotated, readonlyNumbers];
  }
  const list = [
    [x, y],
    [x, y],
  ];
  await model.fit(batches, { epochs: 2, resetStates: 20 });
  console.log(await model.evaluate(batches, { resetStates: 20 }));
  await model.fit(flat);
  // @ts-expect-error targets are missing: an array holds samples, and batches only in a function.
  const forgotten = () => model.fit(x);
  console.log(forgotten.name);
  await model.fit(() => list);
  await model.fit(() => [[annotated, annotated] as const, { x, y }]);
  await model.fit(async function* () {
    yield [x, y, annotated];
    yield { x, y, lengths: [2, 1] };
  });
  return model.predict(function* () {
    yield [x];
    yield [annotated];
  });
}

export function prepare(texts: readonly string[]): UnroundedArray[] {
  const scale = standardize(annotated);
  const { x, y } = windows(scale.apply(annotated), { length: 2, targets: readonlyNumbers });
  const batches = statefulBatches([annotated, annotated], { batchSize: 2, timesteps: 3 });
  const words = vocabulary(texts, { split: 'word' });
  return [x, y, batches.x, oneHot(words.encode('a b'), { classes: words.tokens.length })];
}

export async function keep(gpu: Gpu, given: FileList, address: URL): Promise<Verification> {
  const storage: ModelStorage = indexedDbStorage('training');
  const backup: File | undefined = await storage.read();
  const sources: ModelSource[] = [
    address,
    './model.json',
    given,
    Array.from(given),
    annotated,
    annotated.buffer,
    { a: address },
  ];
  const model: Model = await loadModel(gpu, backup ?? sources[0]!, { batchSize: 2, seed: 1 });
  const each = modelCheckpoint('{epoch:02d}.weights.h5', {
    saveWeightsOnly: true,
    storage: (path) => ({ write: (file) => loadWeights(model, new File([file], path)) }),
  });
  const best = modelCheckpoint(storage, { monitor: 'valLoss', saveBestOnly: true });
  const callbacks: Callback[] = [backupAndRestore(storage), each, best];
  await model.fit(annotated, annotated, { callbacks, epochs: 2 });
  const shards: File[] = await saveModel(model, { format: 'tfjs' });
  const file: File = await saveModel(model, { states: true, name: 'own' });
  download([...shards, file]);
  return verifyModel(model, [{ x: annotated, y: readonlyNumbers, lengths: [1, 2] }]);
}
