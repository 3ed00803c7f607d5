import file from './orthogonal_initializer.json';
import type { GoldenTensor } from './tensor.ts';

/** Keras' Orthogonal: what it makes in this shape of these normal numbers. */
export interface OrthogonalCase {
  shape: [rows: number, columns: number];
  /** [max, min] of the shape. */
  gaussian: GoldenTensor;
  expected: GoldenTensor;
}

export const orthogonalCases = file.cases as unknown as readonly OrthogonalCase[];
