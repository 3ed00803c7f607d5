import { ValueError } from '../../../runtime/errors.ts';
import type { Partition } from '../../../shaders/resident/partition.ts';
import {
  residentConstants,
  whyNotResident,
  type ResidentConstants,
  type ResidentSpec,
} from '../../execution/resident/resident-model.ts';
import type { CheckedData } from '../data/checked-data.ts';
import type { ModelOfMany } from './runs.ts';

/** The constants in which models that train together must agree. */
interface Form extends Omit<ResidentConstants, keyof Partition> {
  /** The batch size of a stateful model. */
  batchSize: number | undefined;
}

/** Names of the constants for the error message, which names the first that differs, so the most informative come first. */
const WORDS: Record<keyof Form, string> = {
  STATEFUL: 'stateful layers',
  batchSize: 'batchSize',
  ROWS: 'batch size',
  STEPS: 'time steps',
  INPUTS: 'features',
  UNITS: 'units of the lstm',
  OUTPUTS: 'units of the dense layer',
  TRAIN: 'mode',
  LOSS: 'loss',
  HEAD_ACTIVATION: 'activation of the dense layer',
  COLUMNS: 'metrics',
  CELL_STATES: 'states',
  STATES: 'states',
  HEAD: 'weights of the lstm',
  PARAMETERS: 'weights',
  ACTIVATION: 'activation',
  RECURRENT_ACTIVATION: 'recurrentActivation',
  METRIC: 'metric',
  THRESHOLD: 'threshold of the metric',
};

/** @throws ValueError unless all models fit into a workgroup each and differ in numbers only */
export function assertSameForm(
  where: string,
  models: readonly ModelOfMany[],
  data: Pick<CheckedData, 'rows' | 'steps'>,
): void {
  const [first, ...others] = models.map((model, index): Form => {
    const { network } = model.engine;
    const spec = residentSpec(model, 'train', data);
    const unsupportedReason = whyNotResident(spec);
    if (unsupportedReason !== undefined) {
      throw new ValueError(
        `${where}: models[${index}] cannot be trained together with others, since ${unsupportedReason}. Models that ` +
          `can are one lstm with a dense layer behind it, with plain adam and binaryCrossentropy or meanSquaredError, and ` +
          `small enough for a workgroup at this batch size. Train this one with model.fit.`,
      );
    }
    return { ...residentConstants(spec), batchSize: network.slots && network.batchSize };
  });
  others.forEach((other, index) => {
    const different = (Object.keys(WORDS) as (keyof Form)[]).find((name) => other[name] !== first[name]);
    if (different === undefined) return;
    throw new ValueError(
      `${where}: models[${index + 1}] differs from models[0] in ${WORDS[different]}. Models that train together may differ ` +
        `in weights, seed, learning rate, betas and epsilon of adam. Train models of another kind in a call of their own.`,
    );
  });
}

/** The resident program of a model for batches of this data. */
export function residentSpec(
  { engine, compiled }: ModelOfMany,
  mode: 'train' | 'test',
  { rows, steps }: Pick<CheckedData, 'rows' | 'steps'>,
): ResidentSpec {
  const { gpu, network } = engine;
  return { gpu, network, mode, rows, steps, compiled };
}
