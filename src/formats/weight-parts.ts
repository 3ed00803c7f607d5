import type { LayerContents } from './contents.ts';

/** A weight that a layer has by its options: its name in Keras, and its shape. */
export interface WeightPart {
  /** Which direction it belongs to, in a layer of two. */
  readonly direction?: 'forward' | 'backward';
  readonly name: 'kernel' | 'recurrent_kernel' | 'bias' | 'embeddings';
  readonly shape: readonly number[];
}

/** How many gates each kind of recurrent layer has. */
const GATES: Readonly<Record<string, number>> = { lstm: 4, gru: 3, simpleRnn: 1 };

/** The types of recurrent layers, without `bidirectional`. */
export const RECURRENT_TYPES: readonly string[] = Object.keys(GATES);

/**
 * The weights that a layer has, in the order of `getWeights`.
 *
 * @param features those of its input
 */
export function weightParts({ type, options }: LayerContents, features: number): WeightPart[] {
  const units = options.units as number;
  const bias = (shape: number[]) => (options.useBias === false ? [] : [{ name: 'bias', shape } as const]);
  switch (type) {
    case 'lstm':
    case 'gru':
    case 'simpleRnn': {
      const columns = GATES[type] * units;
      const hasTwoBiases = type === 'gru' && options.resetAfter !== false;
      return [
        { name: 'kernel', shape: [features, columns] },
        { name: 'recurrent_kernel', shape: [units, columns] },
        ...bias(hasTwoBiases ? [2, columns] : [columns]),
      ];
    }
    case 'bidirectional': {
      const parts = weightParts(options.layer as LayerContents, features);
      return (['forward', 'backward'] as const).flatMap((direction) => parts.map((part) => ({ ...part, direction })));
    }
    case 'dense':
      return [{ name: 'kernel', shape: [features, units] }, ...bias([units])];
    case 'conv1d':
      return [
        { name: 'kernel', shape: [options.kernelSize as number, features, options.filters as number] },
        ...bias([options.filters as number]),
      ];
    case 'embedding':
      return [{ name: 'embeddings', shape: [options.inputDim as number, options.outputDim as number] }];
    default:
      return [];
  }
}
