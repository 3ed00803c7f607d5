import type { LayerActivation } from '../../index.ts';
import { show } from '../reading.ts';
import type { GraphNode } from './graph-node.ts';

/** An activation as ONNX has it: the operator, and the two numbers that some of them take. */
export interface OnnxActivation {
  readonly op: string;
  readonly alpha?: number;
  readonly beta?: number;
}

/** The library's activations of single elements in ONNX. Numbers of a file are float32. */
const ACTIVATIONS: Readonly<Record<Exclude<LayerActivation, 'softmax'>, OnnxActivation>> = {
  tanh: { op: 'Tanh' },
  sigmoid: { op: 'Sigmoid' },
  relu: { op: 'Relu' },
  softsign: { op: 'Softsign' },
  softplus: { op: 'Softplus' },
  elu: { op: 'Elu', alpha: 1 },
  hardSigmoid: { op: 'HardSigmoid', alpha: Math.fround(1 / 6), beta: 0.5 },
  hardSigmoidLegacy: { op: 'HardSigmoid', alpha: Math.fround(0.2), beta: 0.5 },
  linear: { op: 'Affine', alpha: 1, beta: 0 },
};

/** The defaults of ONNX, where a file gives no numbers. */
const DEFAULTS: Readonly<Record<string, { alpha?: number; beta?: number }>> = {
  elu: { alpha: 1 },
  hardsigmoid: { alpha: Math.fround(0.2), beta: 0.5 },
};

/** The operators that are nodes of their own. */
export const ACTIVATION_OPS = ['Tanh', 'Sigmoid', 'Relu', 'Softsign', 'Softplus', 'Elu', 'HardSigmoid'];

export function onnxActivation(name: string): OnnxActivation {
  return ACTIVATIONS[name as keyof typeof ACTIVATIONS];
}

function takes(op: string): { alpha: boolean; beta: boolean } {
  const known = Object.values(ACTIVATIONS).find((one) => one.op.toLowerCase() === op);
  return { alpha: known?.alpha !== undefined, beta: known?.beta !== undefined };
}

/** @throws UnsupportedError if the library has no such activation */
function libraryActivation(node: GraphNode, given: OnnxActivation): LayerActivation {
  const found = Object.entries(ACTIVATIONS).find(
    ([, { op, alpha, beta }]) =>
      op.toLowerCase() === given.op.toLowerCase() && alpha === given.alpha && beta === given.beta,
  );
  if (found) return found[0] as LayerActivation;
  const numbers = given.alpha === undefined ? '' : ` with alpha ${given.alpha} and beta ${given.beta}`;
  node.refuse(
    `has the activation ${show(given.op)}${numbers}`,
    `Expected one of ${Object.keys(ACTIVATIONS).join(', ')}.`,
  );
}

/** The activation that a node computes. */
export function activationOfNode(node: GraphNode): LayerActivation {
  const { alpha, beta } = takes(node.op.toLowerCase());
  const defaults = DEFAULTS[node.op.toLowerCase()];
  return libraryActivation(node, {
    op: node.op,
    ...(alpha && { alpha: node.float('alpha', defaults.alpha!) }),
    ...(beta && { beta: node.float('beta', defaults.beta!) }),
  });
}

/**
 * The activations of a recurrent node, for each direction as many as `defaults`. Those that take numbers consume
 * `activation_alpha` and `activation_beta` in their order.
 */
export function recurrentActivations(
  node: GraphNode,
  directions: number,
  defaults: readonly string[],
): LayerActivation[][] {
  const given = node.strings('activations');
  const alphas = [...node.floats('activation_alpha')];
  const betas = [...node.floats('activation_beta')];
  const all = given.length > 0 ? given : Array.from({ length: directions }, () => defaults).flat();
  if (all.length !== directions * defaults.length) {
    node.refuse(`has ${all.length} activations, expected ${directions * defaults.length}`);
  }
  const read = all.map((op) => {
    const name = op.toLowerCase();
    const { alpha, beta } = takes(name);
    return libraryActivation(node, {
      op,
      ...(alpha && { alpha: alphas.shift() ?? DEFAULTS[name]?.alpha }),
      ...(beta && { beta: betas.shift() ?? DEFAULTS[name]?.beta }),
    });
  });
  if (alphas.length + betas.length > 0)
    node.refuse('has more activation_alpha or activation_beta than its activations take');
  return Array.from({ length: directions }, (_, d) => read.slice(d * defaults.length, (d + 1) * defaults.length));
}
