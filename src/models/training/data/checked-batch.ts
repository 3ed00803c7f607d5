import { ShapeError } from '../../../runtime/errors.ts';
import { isList, knownOptions, show } from '../../../runtime/options.ts';
import type { Network } from '../../network/network.ts';
import type { Batch, InputBatch } from './batches.ts';
import {
  checkData,
  checkInputs,
  type CheckedData,
  type CheckedSamples,
  type CompiledNetwork,
  type SampleOptions,
} from './checked-data.ts';

/** Checks a batch of samples and targets, all of which are one batch. @throws ShapeError, ValueError */
export function checkBatch(
  where: string,
  model: CompiledNetwork,
  batch: Batch,
  { classWeight }: Pick<SampleOptions, 'classWeight'> = {},
): CheckedData {
  const { x, y, sampleWeight, lengths } = byName(where, batch, '[x, y]');
  return checkData(model, where, x, y, Number.MAX_SAFE_INTEGER, { sampleWeight, lengths, classWeight });
}

/** Checks a batch of samples to predict. @throws ShapeError, ValueError */
export function checkInputBatch(where: string, network: Network, batch: InputBatch): CheckedSamples {
  const { x, lengths } = byName(where, batch, '[x]');
  return checkInputs(network, where, x, { lengths });
}

type Named = Exclude<Batch, readonly unknown[]>;

/** @param form what a list has to hold at the least */
function byName(where: string, batch: Batch | InputBatch, form: '[x]' | '[x, y]'): Named {
  const isInput = form === '[x]';
  if (isBatchList(batch, isInput)) {
    const [x, y, sampleWeight] = batch as readonly Named['x'][];
    return { x, y, sampleWeight };
  }
  if (typeof batch === 'object' && batch !== null && !isList(batch) && 'x' in batch) {
    knownOptions(where, batch, ['x', 'y', 'sampleWeight', 'lengths']);
    return batch as Named;
  }
  const [what, names] = [isInput ? 'samples' : 'samples and targets', form.slice(1, -1)];
  throw new ShapeError(`${where} is ${show(batch)}, expected ${what} in a list, ${form}, or by name, { ${names} }.`);
}

/** Whether a list may be a batch, [x], [x, y] or [x, y, sampleWeight], and not samples that lack a list around them. */
function isBatchList(batch: Batch | InputBatch, isInput: boolean): boolean {
  if (!Array.isArray(batch) || batch.length < (isInput ? 1 : 2) || batch.length > 3) return false;
  const [x] = batch as readonly unknown[];
  // Targets have to be as many as the samples, so a flat x beside them is no slip.
  return !isInput || !Array.isArray(x) || typeof x[0] !== 'number';
}
