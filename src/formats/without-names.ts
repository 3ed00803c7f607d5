import type { OptimizerState, OptimizerStateInput } from '../index.ts';
import type { ArrayContents } from './contents.ts';

type Unnamed = Pick<ArrayContents, 'data' | 'shape'>;

/** Arrays of a file, whose names are not those of the library: it checks their shapes and their order alone. */
export function withoutNames(arrays: readonly Unnamed[]): Unnamed[] {
  return arrays.map(({ data, shape }) => ({ data, shape }));
}

/** The state of an optimizer in a file, whose arrays are named as its weights are there. */
export function stateWithoutNames({ moments, ...rest }: OptimizerState): OptimizerStateInput {
  const unnamed = Object.entries(moments).map(([name, arrays]) => [name, withoutNames(arrays)]);
  return { ...rest, moments: Object.fromEntries(unnamed) as OptimizerStateInput['moments'] };
}
