import type { Constant } from './tensors.ts';

/** A dimension of the arrays that pass from layer to layer. What it stands for shows where a layer uses it. */
export interface Axis {
  role?: 'batch' | 'time' | 'directions' | 'features';
  /** Absent if it is any number. */
  size?: number;
}

/** A size in a computed shape: a number, or that of a dimension which may be any. */
export type Size = number | Axis;

/** A computed shape, or a single size of it. */
export interface Sizes {
  readonly kind: 'sizes';
  readonly sizes: readonly Size[];
  readonly isScalar: boolean;
}

/** An array of zeros whose shape may depend on the batch. */
export interface Zeros {
  readonly kind: 'zeros';
}

/** Initial states or lengths of sequences, which whoever runs the graph gives. */
export interface Given {
  readonly kind: 'given';
  readonly name: string;
}

/** A state of a recurrent layer after its last step, in one direction. */
export interface Final {
  /** The number of the layer. */
  readonly layer: number;
  /** 0 for h, 1 for c. */
  readonly state: number;
  readonly direction: number;
}

/** An array on its way through the layers. */
export interface Flow {
  readonly kind: 'flow';
  readonly axes: readonly Axis[];
  /** Which of the network's intermediate arrays it is, since a layer can only take the newest. */
  readonly version: number;
  /** Whether its steps are in the order opposite to that of the library. */
  readonly isReversed: boolean;
  /** Whether its numbers are whole: indices of an embedding. */
  readonly isInteger: boolean;
  /** The states along the dimension of directions, or those merged into the features, if it is made of last states. */
  readonly finals?: readonly Final[];
}

export type Value = Constant | Sizes | Zeros | Given | Flow;

/** In words what a value is, for error messages. */
export const KIND_NAMES: Readonly<Record<Value['kind'], string>> = {
  constant: 'a constant',
  sizes: 'a shape',
  zeros: 'zeros',
  given: 'a state or lengths',
  flow: 'an output of a layer',
};

export const sizeOf = (axis: Axis): Size => axis.size ?? axis;
