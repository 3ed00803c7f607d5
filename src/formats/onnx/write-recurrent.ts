import type { ArrayContents } from '../contents.ts';
import { onnxActivation } from './activation-names.ts';
import { onnxShapes, onnxWeights, type Cell } from './gates.ts';
import type { GraphBuilder, Options, Passing } from './graph-builder.ts';

interface RecurrentLayer {
  readonly cell: Cell;
  readonly name: string;
  readonly options: Options;
  /** How two directions are merged; absent of a layer that has one. */
  readonly mergeMode?: string;
}

/** The operators that merge two directions, but for `'concat'`. */
const MERGE_OPS: Readonly<Record<string, string>> = { sum: 'ReduceSum', mul: 'ReduceProd', ave: 'ReduceMean' };

/** Adds the node of a recurrent layer, and those that bring its time-major arrays into the order of the batch and back. */
export function writeRecurrent(builder: GraphBuilder, layer: RecurrentLayer, input: Passing): Passing {
  const { cell, name, options, mergeMode } = layer;
  const units = options.units as number;
  const directions = mergeMode === undefined ? 1 : 2;
  const x = builder.node(name, 'Transpose', [input.name], { perm: { ints: [1, 0, 2] } }, 'timeMajor');
  const weights = writeWeights(builder, layer, input.features, directions);
  const isStateful = options.stateful === true;
  const initial = isStateful ? ['', ...cell.states.map((state) => `${name}/${state}/initial`)] : [];
  const [y, ...last] = ['sequence', ...cell.states].map((output) => `${name}/${output}`);
  const stateShape = [directions, input.batch, units];
  if (isStateful) for (const state of initial.slice(1)) builder.input(state, stateShape);
  if (isStateful || options.returnState === true) for (const state of last) builder.output(state, stateShape);
  const node = {
    input: [x, ...weights, ...initial],
    output: [y, ...last],
    name: `${name}/${cell.op}`,
    opType: cell.op,
  };
  const returnsSequences = options.returnSequences === true;
  builder.nodeOf(
    { ...node, output: returnsSequences ? node.output : ['', ...last] },
    {
      hidden_size: { i: units },
      direction: directions === 2 ? 'bidirectional' : options.goBackwards === true ? 'reverse' : 'forward',
      ...activationsOf(cell, options, directions),
      ...(cell.type === 'gru' && { linear_before_reset: { i: options.resetAfter === false ? 0 : 1 } }),
    },
  );
  const output = returnsSequences ? writeSequence(builder, layer, y) : writeLast(builder, layer, last[0]);
  const features = (mergeMode === 'concat' ? 2 : 1) * units;
  return { ...input, name: output, features, steps: returnsSequences ? input.steps : undefined };
}

/** W, R and B. @returns their names; that of B is empty where no layer has a bias */
function writeWeights(
  builder: GraphBuilder,
  { cell, name, options }: RecurrentLayer,
  features: number,
  directions: number,
): string[] {
  const units = options.units as number;
  const width = cell.fromOnnx.length * units;
  const hasTwoBiases = cell.type === 'gru' && options.resetAfter !== false;
  const parts = Array.from({ length: directions }, () => {
    const list: ArrayContents[] = [builder.weight(name, [features, width]), builder.weight(name, [units, width])];
    if (options.useBias !== false) list.push(builder.weight(name, hasTwoBiases ? [2, width] : [width]));
    return onnxWeights(cell, units, list);
  });
  const shapes = onnxShapes(cell, directions, features, units);
  const written = (key: 'w' | 'r' | 'b') => {
    const arrays = parts.flatMap((part) => part[key] ?? []);
    if (arrays.length === 0) return '';
    const joined = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
    arrays.forEach((array, d) => joined.set(array, d * array.length));
    return builder.floats(`${name}/${key.toUpperCase()}`, shapes[key], joined);
  };
  return [written('w'), written('r'), written('b')];
}

/** The attributes that name the activations of all directions, and the numbers that these take. */
function activationsOf(
  cell: Cell,
  { activation = 'tanh', recurrentActivation = 'sigmoid' }: Options,
  directions: number,
) {
  const names = cell.activations.map((_, n) =>
    cell.activations.length > 1 && n === 0 ? recurrentActivation : activation,
  );
  const all = Array.from({ length: directions }, () => names.map((name) => onnxActivation(name as string))).flat();
  const [alphas, betas] = [all.flatMap(({ alpha }) => alpha ?? []), all.flatMap(({ beta }) => beta ?? [])];
  return {
    activations: all.map(({ op }) => op),
    ...(alphas.length > 0 && { activation_alpha: { floats: alphas } }),
    ...(betas.length > 0 && { activation_beta: { floats: betas } }),
  };
}

/** Y [steps, directions, batch, units] as [batch, steps, features], the steps in the order of processing. */
function writeSequence(builder: GraphBuilder, { name, options, mergeMode }: RecurrentLayer, y: string): string {
  if (mergeMode === 'concat') {
    const side = builder.node(name, 'Transpose', [y], { perm: { ints: [2, 0, 1, 3] } }, 'directions');
    return builder.node(name, 'Reshape', [side, builder.ints(`${name}/shape`, [0, 0, -1])], {}, 'merged');
  }
  let steps = writeMerged(builder, name, mergeMode, y, 1);
  if (options.goBackwards === true) {
    const [start, end, step] = [-1, -(2 ** 31), -1].map((value, n) => builder.ints(`${name}/slice/${n}`, [value]));
    steps = builder.node(name, 'Slice', [steps, start, end, builder.ints(`${name}/slice/axis`, [0]), step]);
  }
  return builder.node(name, 'Transpose', [steps], { perm: { ints: [1, 0, 2] } }, 'batchMajor');
}

/** Y_h [directions, batch, units] as [batch, features]. */
function writeLast(builder: GraphBuilder, { name, mergeMode }: RecurrentLayer, h: string): string {
  if (mergeMode !== 'concat') return writeMerged(builder, name, mergeMode, h, 0);
  const side = builder.node(name, 'Transpose', [h], { perm: { ints: [1, 0, 2] } }, 'directions');
  return builder.node(name, 'Reshape', [side, builder.ints(`${name}/shape`, [0, -1])], {}, 'merged');
}

/** Removes the dimension of directions, of which there are one or two. */
function writeMerged(
  builder: GraphBuilder,
  name: string,
  mergeMode: string | undefined,
  input: string,
  axis: number,
): string {
  const op = mergeMode === undefined ? 'Squeeze' : MERGE_OPS[mergeMode];
  // Until opset 18 only some operators take axes as an input.
  if (op === 'ReduceProd' || op === 'ReduceMean') {
    return builder.node(name, op, [input], { axes: { ints: [axis] }, keepdims: { i: 0 } }, 'merged');
  }
  const axes = builder.ints(`${name}/axes`, [axis]);
  return builder.node(name, op, [input, axes], op === 'Squeeze' ? {} : { keepdims: { i: 0 } }, 'merged');
}
