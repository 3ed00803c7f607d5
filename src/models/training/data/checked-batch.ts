import { ShapeError } from '../../../runtime/errors.ts';
import { isList, knownOptions, show } from '../../../runtime/options.ts';
import type { Network } from '../../network/network.ts';
import type { InputBatch } from './batches.ts';
import { checkInputs, type CheckedSamples } from './checked-data.ts';

/** Checks a batch of samples to predict. @throws ShapeError, ValueError */
export function checkInputBatch(where: string, network: Network, batch: InputBatch): CheckedSamples {
  const { x, lengths } = byName(where, batch);
  return checkInputs(network, where, x, { lengths });
}

type Named = Exclude<InputBatch, readonly unknown[]>;

function byName(where: string, batch: InputBatch): Named {
  if (isBatchList(batch)) return { x: (batch as readonly Named['x'][])[0] };
  if (typeof batch === 'object' && batch !== null && !isList(batch) && 'x' in batch) {
    knownOptions(where, batch, ['x', 'y', 'sampleWeight', 'lengths']);
    return batch as Named;
  }
  throw new ShapeError(`${where} is ${show(batch)}, expected samples in a list, [x], or by name, { x }.`);
}

/** Whether a list may be a batch, [x], [x, y] or [x, y, sampleWeight], and not samples that lack a list around them. */
function isBatchList(batch: InputBatch): boolean {
  if (!Array.isArray(batch) || batch.length < 1 || batch.length > 3) return false;
  const [x] = batch as readonly unknown[];
  return !Array.isArray(x) || typeof x[0] !== 'number';
}
