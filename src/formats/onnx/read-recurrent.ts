import { show } from '../reading.ts';
import { recurrentActivations } from './activation-names.ts';
import type { Chain, DraftRecurrent } from './chain.ts';
import { libraryWeights, type Cell } from './gates.ts';
import type { GraphNode } from './graph-node.ts';
import { isZero } from './read-sizes.ts';
import type { Axis, Flow } from './values.ts';

/** The names of inputs 5 and 6. */
const INITIAL_NAMES = ['initial_h', 'initial_c'];

/** Reads an LSTM, GRU or RNN. @returns Y, Y_h and, of an LSTM, Y_c */
export function readRecurrent(chain: Chain, node: GraphNode, cell: Cell): Flow[] {
  const given = chain.flow(node, 0);
  const weights = {
    w: chain.weights(node, 1),
    r: chain.weights(node, 2),
    b: chain.optional(node, 3) && chain.weights(node, 3),
  };
  const units = node.int('hidden_size', weights.r.shape[2] ?? 0);
  const direction = node.string('direction', 'forward');
  if (!['forward', 'reverse', 'bidirectional'].includes(direction)) node.refuse(`has direction ${show(direction)}`);
  const isBatchMajor = node.int('layout', 0) !== 0;
  refuseExtras(chain, node);

  const taken = chain.take(node, given);
  if (taken.axes.length !== 3) node.refuse(`takes ${taken.axes.length} dimensions, expected steps, batch and features`);
  const [batch, time] = isBatchMajor ? taken.axes : [taken.axes[1], taken.axes[0]];
  const features = taken.axes[2];
  chain.assign(node, batch, 'batch');
  chain.assign(node, time, 'time');
  chain.assign(node, features, 'features');
  if (features.size === undefined) node.refuse('takes features of which the graph does not tell how many there are');

  const directions = direction === 'bidirectional' ? 2 : 1;
  const goBackwards = (direction === 'reverse') !== taken.isReversed;
  if (directions === 2 && taken.isReversed) node.refuse('goes in both directions over reversed steps');
  const hasLengths = readLengths(chain, node, time, taken.isReversed);
  const options: Record<string, unknown> = {
    units,
    ...activationsOf(node, cell, directions),
    useBias: weights.b !== undefined,
  };
  if (cell.type === 'gru') options.resetAfter = node.int('linear_before_reset', 0) !== 0;
  if (goBackwards) options.goBackwards = true;
  const recurrent: DraftRecurrent = {
    directions,
    states: cell.states.length,
    isReversed: direction === 'reverse',
    hasLengths,
    hasInitialStates: readInitialStates(chain, node, cell),
    isSettled: false,
  };
  const size = { directions, features: features.size, units, hasTwoBiases: options.resetAfter === true };
  const list = libraryWeights(node.where, cell, weights, size);
  const layer = { type: cell.type, options, weights: list, path: node.layerPath, recurrent };
  const both: Axis = { role: 'directions', size: directions };
  const hidden: Axis = { role: 'features', size: units };
  const sequence = isBatchMajor ? [batch, time, both, hidden] : [time, both, batch, hidden];
  const y = chain.add(layer, { ...taken, isReversed: direction === 'reverse' }, sequence);
  const last = isBatchMajor ? [batch, both, hidden] : [both, batch, hidden];
  const finals = cell.states.map((_, state) =>
    Array.from({ length: directions }, (__, d) => ({ layer: chain.layers.length - 1, state, direction: d })),
  );
  return [y, ...finals.map((parts): Flow => ({ ...y, axes: last, isReversed: false, finals: parts }))];
}

/** @throws UnsupportedError for what Keras' layers do not have */
function refuseExtras(chain: Chain, node: GraphNode): void {
  if (node.has('clip')) node.refuse(`has clip ${node.float('clip', 0)}, which no layer here has`);
  if (node.op !== 'LSTM') return;
  if (node.int('input_forget', 0) !== 0) node.refuse('has input_forget 1, which no layer here has');
  const peepholes = chain.optional(node, 7);
  if (peepholes && !isZero(peepholes)) node.refuse('has peepholes (input P), which no layer here has');
}

/** Whether sequences have lengths. */
function readLengths(chain: Chain, node: GraphNode, time: Axis, isReversed: boolean): boolean {
  const lengths = chain.optional(node, 4);
  if (lengths?.kind === 'constant') {
    const isFull = time.size !== undefined && Array.from(lengths.data).every((length) => length === time.size);
    if (!isFull)
      node.refuse(
        'has constant sequence_lens of less than all steps',
        'Make them an input, and give lengths to predict.',
      );
  } else if (lengths && lengths.kind !== 'given') {
    node.refuse('computes sequence_lens, expected an input of the graph');
  }
  const hasLengths = lengths?.kind === 'given';
  if (hasLengths && chain.mask === 'off')
    node.refuse('has sequence_lens, and a layer before it has none or gives no sequences');
  if (hasLengths && isReversed) node.refuse('has sequence_lens over reversed steps');
  if (hasLengths) chain.mask = 'on';
  else chain.endMask();
  return hasLengths;
}

/** Whether the initial states are given to the graph; otherwise they are zero. */
function readInitialStates(chain: Chain, node: GraphNode, { states }: Cell): boolean {
  const initial = states.map((_, n) => chain.optional(node, 5 + n));
  initial.forEach((value, n) => {
    if (!value || value.kind === 'given' || isZero(value)) return;
    const name = INITIAL_NAMES[n];
    node.refuse(
      `starts from ${name} that is not zero`,
      'Make it an input of the graph, and give initialState to predict.',
    );
  });
  return initial.some((value) => value?.kind === 'given');
}

/** The activations of the gates and of candidate and output, which must be the same in all directions. */
function activationsOf(node: GraphNode, { activations }: Cell, directions: number) {
  const [first, ...others] = recurrentActivations(node, directions, activations);
  if (others.some((other) => String(other) !== String(first)))
    node.refuse('has other activations in its second direction');
  if (first.length === 1) return { activation: first[0] };
  const [recurrentActivation, activation, output = activation] = first;
  if (output !== activation) {
    node.refuse(`has the activation ${activation} of the candidate and ${output} of the output, expected the same`);
  }
  return { activation, recurrentActivation };
}
