import {
  formatOf,
  loadModel,
  loadWeights,
  verifyModel,
  type FormatName,
  type RecordedBatch,
  type Verification,
} from '../../../src/formats/index.ts';
import type { Gpu, Model, ModelSummary } from '../../../src/index.ts';
import type { JobContext } from './job-context.ts';
import { keepModel, keptModel } from './kept-models.ts';
import { sortFiles, type GivenFiles } from './model-files.ts';

export interface OpenOptions {
  /** Those of a model, recorded batches for it, or both. Without a model the one that is open is compared with the batches. */
  files: readonly File[];
  /** Puts the weights of the files into the model that is open, instead of opening another. */
  weightsOnly: boolean;
}

export interface PhaseNews {
  /** The part of the work that begins. */
  phase: string;
}

/** The model that is open now. */
export interface OpenedModel {
  /** The file that was opened, and its format. Absent if only recorded batches were given. */
  source?: { name: string; format: FormatName };
  /** Whether the files gave weights alone, for a model that was open. */
  hasNewWeights: boolean;
  summary: ModelSummary;
  compiled?: { optimizer: string; loss: string; updates: number };
  /** How far it is from recorded outputs. Absent if none were given. */
  verification?: Verification & { name: string };
}

/** Opens the files of a model, and compares it with recorded batches, if there are any. */
export async function openModel(
  { gpu, signal, tell }: JobContext<PhaseNews>,
  { files, weightsOnly }: OpenOptions,
): Promise<OpenedModel> {
  tell({ phase: 'Looking at the files …' });
  const { model: own, samples } = await sortFiles(files);
  signal.throwIfAborted();
  const format = own.length > 0 ? await formatOf(own) : undefined;
  const hasNewWeights = format !== undefined && (weightsOnly || format === 'weights');
  if (format) tell({ phase: `Reading ${own.length === 1 ? own[0].name : `${own.length} files`} …` });
  if (hasNewWeights) await putWeights(gpu, own);
  else if (format) await open(gpu, own, signal);
  const model = keptModel('imported', gpu);
  const verification = samples && (await compare(model, samples, signal, tell));
  const source = format && { name: mainName(own), format };
  return { source, hasNewWeights, ...(await describe(model)), verification };
}

/** The file that names the others, which are shards of numbers. */
function mainName(files: readonly File[]): string {
  return (files.find(({ name }) => !name.endsWith('.bin')) ?? files[0]).name;
}

async function open(gpu: Gpu, files: readonly File[], signal: AbortSignal): Promise<void> {
  const model = await loadModel(gpu, files);
  // The one that was open stays so if the reader has stopped meanwhile.
  if (signal.aborted) model.dispose();
  signal.throwIfAborted();
  keepModel('imported', gpu, model);
}

async function putWeights(gpu: Gpu, files: readonly File[]): Promise<void> {
  let model: Model;
  try {
    model = keptModel('imported', gpu);
  } catch (error) {
    const words = `${files[0].name} gives weights alone, which need an open network of the same layers.`;
    throw new Error(`${words} ${(error as Error).message}`, { cause: error });
  }
  await loadWeights(model, files);
}

async function describe(model: Model): Promise<Pick<OpenedModel, 'summary' | 'compiled'>> {
  // Options that are functions do not survive the way to the page, and files hold none.
  const summary = JSON.parse(JSON.stringify(model)) as ModelSummary;
  const { compileOptions } = model;
  if (!compileOptions) return { summary };
  const { optimizer, loss } = compileOptions;
  const { iterations } = await model.getOptimizerState();
  const lossName = typeof loss === 'string' ? loss : loss.name;
  return { summary, compiled: { optimizer: optimizer.name, loss: lossName, updates: iterations } };
}

async function compare(
  model: Model,
  { name, batches }: NonNullable<GivenFiles['samples']>,
  signal: AbortSignal,
  tell: JobContext<PhaseNews>['tell'],
): Promise<Verification & { name: string }> {
  tell({ phase: `Comparing with ${name} …` });
  model.resetStates();
  function* untilStopped(): Generator<RecordedBatch> {
    for (const batch of batches) {
      signal.throwIfAborted();
      yield batch as RecordedBatch;
    }
  }
  return { name, ...(await verifyModel(model, untilStopped())) };
}
