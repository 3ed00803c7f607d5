import type { ArrayInput } from '../../../../../src/index.ts';
import type { rng } from '../../../../harness/random.ts';
import type { Numbers } from '../../../../reference/arrays.ts';
import type { NetworkKind } from './network-kinds.ts';

export type Random = ReturnType<typeof rng>;

/** A chunk in one of the forms in which it can be pushed. */
export interface Given {
  x: ArrayInput | number;
  /** Its numbers, which nobody changes. */
  data: Numbers;
  steps: number;
  /** The shape that its outputs have. */
  shape: readonly number[];
  /** Overwrites the caller's array. */
  spoil: () => void;
}

const SPOILED = 77;

export function numbers({ number }: NetworkKind, random: Random, count: number): number[] {
  return Array.from({ length: count }, () => number(() => random.uniform(0, 1)));
}

/** Numbers of a chunk, in a form that is drawn. */
export function chunkOf(kind: NetworkKind, random: Random, steps: number): Given {
  const { features, isIndices, outputs, givesSequences } = kind;
  const data = numbers(kind, random, steps * features);
  const row = (t: number) => data.slice(t * features, (t + 1) * features);
  const rows = Array.from({ length: steps }, (_, t) => row(t));
  const given = (x: ArrayInput | number, isStep: boolean, spoil: () => void): Given => {
    const shape = givesSequences && !isStep ? [steps, outputs] : [outputs];
    return { x, data, steps, shape, spoil };
  };
  const isStep = steps === 1;
  switch (random.integer(0, isIndices ? 4 : 7)) {
    case 0: {
      if (isStep && features === 1) return given(data[0], true, () => {});
      const list = [...data];
      return given(list, isStep, () => list.fill(SPOILED));
    }
    case 1: {
      const list = Float64Array.from(data);
      return given(list, isStep, () => list.fill(SPOILED));
    }
    case 2: {
      const all = new Float32Array(data.length + 5);
      const list = all.subarray(3, 3 + data.length);
      list.set(data);
      return given(list, isStep, () => all.fill(SPOILED));
    }
    case 3: {
      const list = [...data];
      const shape = isIndices ? [steps] : [steps, features];
      return given({ data: list, shape }, isIndices && isStep, () => list.fill(SPOILED));
    }
    case 4: {
      const list = Float32Array.from(data);
      return given(list, isStep, () => list.fill(SPOILED));
    }
    case 5:
      return given(rows, false, () => rows.forEach((each) => each.fill(SPOILED)));
    case 6: {
      const typed = rows.map((each) => Float32Array.from(each));
      return given(typed, false, () => typed.forEach((each) => each.fill(SPOILED)));
    }
    default: {
      const list = Float32Array.from(data);
      const shape = isStep ? [features] : [steps, features];
      return given({ data: list, shape }, isStep, () => list.fill(SPOILED));
    }
  }
}

/** Something that cannot be pushed. */
export function wrongChunk({ features, isIndices }: NetworkKind, random: Random): ArrayInput {
  const wrong: unknown[] = [
    [],
    new Float32Array(0),
    Array.from({ length: features }, () => NaN),
    Array.from({ length: features }, () => Infinity),
    'steps',
    null,
    undefined,
    {},
    { data: [1, 2, 3], shape: [2, features] },
    [[[1]]],
    { data: new Float32Array(2 * features + 2), shape: [2, features + 1] },
    [Array.from({ length: features }, () => 1), Array.from({ length: features + 1 }, () => 1)],
    { data: [], shape: [0, features] },
    ...(isIndices ? [[1.5], [-1], [5], [1, 2, 99]] : []),
    ...(features > 1 ? [1, [1, 2, 3]] : []),
  ];
  return wrong[random.integer(0, wrong.length - 1)] as ArrayInput;
}
