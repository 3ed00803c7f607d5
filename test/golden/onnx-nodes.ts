import type { CellName } from '../reference/cells.ts';
import gru from './onnx_backend_node_gru.json';
import lstm from './onnx_backend_node_lstm.json';
import type { GoldenTensor } from './tensor.ts';

export interface OnnxNode {
  name: string;
  attributes: { hidden_size: number; direction?: 'forward' | 'reverse' | 'bidirectional'; layout?: number };
  /** X [T, B, I], or [B, T, I] with layout 1; W [D, gates * H, I]; R [D, gates * H, H]; B [D, 2 * gates * H]. */
  inputs: Record<'X' | 'W' | 'R', GoldenTensor> & Partial<Record<'B' | 'P', GoldenTensor>>;
  /** Y_h, Y_c [D, B, H], or [B, D, H] with layout 1. */
  outputs: { Y_h: GoldenTensor; Y_c?: GoldenTensor };
}

/** One direction of an ONNX node, in Keras' layout and batch-major. */
export interface OnnxDirection {
  name: string;
  cell: CellName;
  goBackwards: boolean;
  units: number;
  shape: readonly [batch: number, steps: number, features: number];
  x: readonly number[];
  kernel: readonly number[];
  recurrentKernel: readonly number[];
  bias: readonly number[];
  /** The last h, and of some LSTMs c, [B, H]. */
  states: readonly number[][];
}

/** Keras' gates i, f, c, o among the ONNX gates i, o, f, c; those of a GRU are z, r, h in both. */
const ORDER = { lstm: [0, 2, 3, 1], gru: [0, 1, 2] };

function directionsOf(cell: 'lstm' | 'gru', node: OnnxNode): OnnxDirection[] {
  const { attributes, inputs, outputs } = node;
  const { hidden_size: units, direction = 'forward', layout = 0 } = attributes;
  const { X, W, R, B } = inputs;
  const order = ORDER[cell];
  const width = order.length * units;
  const [first, second, features] = X.shape;
  const [batch, steps] = layout === 1 ? [first, second] : [second, first];
  const x = Array.from({ length: X.data.length }, (_, n) => {
    const [row, t, k] = [Math.floor(n / (steps * features)), Math.floor(n / features) % steps, n % features];
    return X.data[(layout === 1 ? row * steps + t : t * batch + row) * features + k];
  });
  return Array.from({ length: W.shape[0] }, (_, d) => {
    /** Row g * H + u of ONNX becomes column of Keras. */
    const columns = (data: readonly number[], depth: number) =>
      Array.from({ length: depth * width }, (__, n) => {
        const column = n % width;
        const row = order[Math.floor(column / units)] * units + (column % units);
        return data[(d * width + row) * depth + Math.floor(n / width)];
      });
    const biases = B ? B.data.slice(2 * d * width, 2 * (d + 1) * width) : Array<number>(2 * width).fill(0);
    const bias = Array.from({ length: width }, (__, column) => {
      const row = order[Math.floor(column / units)] * units + (column % units);
      return biases[row] + biases[width + row];
    });
    const last = ({ data }: GoldenTensor) => data.slice(d * batch * units, (d + 1) * batch * units);
    return {
      name: `${node.name}, direction ${d}`,
      cell,
      goBackwards: direction === 'reverse' || d === 1,
      units,
      shape: [batch, steps, features],
      x,
      kernel: columns(W.data, features),
      recurrentKernel: columns(R.data, units),
      bias,
      states: [outputs.Y_h, outputs.Y_c].filter((state) => state !== undefined).map(last),
    };
  });
}

const nodes = (cases: unknown) => cases as OnnxNode[];

/** Left out: peepholes, which Keras does not have. */
export const onnxDirections: readonly OnnxDirection[] = [
  ...nodes(lstm.cases)
    .filter(({ inputs }) => !inputs.P)
    .flatMap((node) => directionsOf('lstm', node)),
  ...nodes(gru.cases).flatMap((node) => directionsOf('gru', node)),
];

/** All nodes with the names of their operators. */
export const onnxNodes: readonly { op: 'LSTM' | 'GRU'; node: OnnxNode }[] = [
  ...nodes(lstm.cases).map((node) => ({ op: 'LSTM' as const, node })),
  ...nodes(gru.cases).map((node) => ({ op: 'GRU' as const, node })),
];
