import { saveModel, type FormatName } from '../../../src/formats/index.ts';
import type { ModelName } from '../../lab/models.ts';
import type { JobContext } from './job-context.ts';
import { keptModel } from './kept-models.ts';
import type { PhaseNews } from './open-model.ts';

/** Numbers in their shape. */
export interface Shaped {
  data: Float32Array;
  shape: readonly number[];
}

/** Predicts with the model that is open. A stateful one begins without memory and carries it from sample to sample. */
export async function predictWith(
  { gpu, signal, tell }: JobContext<PhaseNews>,
  { data, shape }: Shaped,
): Promise<Shaped> {
  tell({ phase: 'Predicting …' });
  const model = keptModel('imported', gpu);
  model.resetStates();
  const isStateful = model.toJSON().batchSize !== undefined;
  const outputs = await model.predict({ data, shape }, { signal, batchSize: isStateful ? 1 : undefined });
  return { data: Float32Array.from(outputs.data), shape: outputs.shape };
}

/** Makes the files of a model that was trained or opened. */
export async function writeModel(
  { gpu, signal, tell }: JobContext<PhaseNews>,
  { name, format }: { name: ModelName; format: FormatName },
): Promise<File[]> {
  tell({ phase: 'Writing …' });
  const files = await saveModel(keptModel(name, gpu), { format, name });
  signal.throwIfAborted();
  return [files].flat();
}
