import { UnsupportedError, ValueError } from '../../index.ts';
import type { ArrayContents } from '../contents.ts';
import { show } from '../reading.ts';
import type { GraphNode } from './graph-node.ts';
import type { TensorProto } from './proto.ts';
import { constantOf, type Constant } from './tensors.ts';
import { KIND_NAMES, type Axis, type Flow, type Sizes, type Value } from './values.ts';

/** A layer in the making. */
export interface DraftLayer {
  readonly type: string;
  readonly options: Record<string, unknown>;
  readonly weights: ArrayContents[];
  /** The common beginning of the names of its nodes. */
  readonly path: string;
  readonly recurrent?: DraftRecurrent;
}

export interface DraftRecurrent {
  readonly directions: number;
  readonly states: number;
  /** Whether Y is in the order of the input although the layer goes from its end to its beginning. */
  readonly isReversed: boolean;
  readonly hasLengths: boolean;
  /** Whether its initial states are inputs of the graph. */
  readonly hasInitialStates: boolean;
  /** Whether it is decided if the layer returns sequences: a later node has taken Y or Y_h. */
  isSettled: boolean;
}

/** A model is a chain, so each initializer serves one layer, or a few that share it; more would only blow up memory. */
const MAX_SHARING = 8;

/** The graph as far as it is read: the values of its arrays, and the layers in order. */
export class Chain {
  readonly layers: DraftLayer[] = [];
  /** The dimensions of the samples, in the order of the graph. */
  input?: Flow;
  /** Whether padding is masked at this place, which begins with the first layer that is given lengths. */
  mask: 'unknown' | 'on' | 'off' = 'unknown';
  #version = 0;
  readonly #values = new Map<string, Value>();
  readonly #initializers = new Map<string, TensorProto>();
  readonly #unused: Set<string>;
  #budget: number;

  constructor(
    readonly where: string,
    readonly opset: number,
    initializers: readonly TensorProto[],
    fileBytes: number,
  ) {
    for (const proto of initializers) {
      const { name = '' } = proto;
      if (this.#initializers.has(name))
        throw new ValueError(`${where}: there are two initializers ${show(name)}, expected one.`);
      this.#initializers.set(name, proto);
    }
    this.#unused = new Set(this.#initializers.keys());
    this.#budget = MAX_SHARING * fileBytes;
  }

  hasInitializer(name: string): boolean {
    return this.#initializers.has(name);
  }

  define(name: string, value: Value, isInput = false): void {
    if (this.#values.has(name) || this.hasInitializer(name)) {
      throw new ValueError(`${this.where}: there are two arrays ${show(name)}, expected one of each name.`);
    }
    this.#values.set(name, value);
    if (isInput) this.#unused.add(name);
  }

  /** The value of an array, or undefined if there is none of this name so far. */
  lookUp(name: string): Value | undefined {
    this.#unused.delete(name);
    const known = this.#values.get(name);
    const proto = known ? undefined : this.#initializers.get(name);
    if (!proto) return known;
    const constant = constantOf(this.where, proto, name);
    this.#values.set(name, constant);
    return constant;
  }

  /** The value of an input of a node; undefined if it is left out. @throws ValueError */
  optional(node: GraphNode, index: number): Value | undefined {
    const name = node.input(index);
    if (name === undefined) return undefined;
    const value = this.lookUp(name);
    if (value) return value;
    throw new ValueError(`${node.where}: there is no array ${show(name)} before it.`);
  }

  value(node: GraphNode, index: number): Value {
    const value = this.optional(node, index);
    if (value) return value;
    throw new ValueError(`${node.where}: input ${index} is missing.`);
  }

  flow(node: GraphNode, index: number): Flow {
    const value = this.value(node, index);
    if (value.kind === 'flow') return value;
    node.refuse(`has ${KIND_NAMES[value.kind]} as input ${index}, expected ${KIND_NAMES.flow}`);
  }

  /** A constant of float32 numbers. */
  weights(node: GraphNode, index: number): Constant {
    const value = this.value(node, index);
    if (value.kind === 'constant' && !value.isInteger) return value;
    node.refuse(`has as input ${index} no constant numbers of type FLOAT`, 'Weights must be initializers.');
  }

  /** Whole numbers known from the file. */
  numbers(node: GraphNode, index: number): readonly number[] | undefined {
    const value = this.optional(node, index);
    if (!value) return undefined;
    const list = sizesOf(value)?.sizes;
    if (list?.every((size) => typeof size === 'number')) return list;
    node.refuse(`has an input ${index} that is not known from the file`);
  }

  /**
   * Takes an array for the next layer. After a recurrent layer this decides whether it returns sequences.
   *
   * @param keepsDirections whether two directions may still be apart
   */
  take(node: GraphNode | undefined, flow: Flow, keepsDirections = false): Flow {
    const refuse = (problem: string): never => {
      if (node) node.refuse(problem);
      throw new UnsupportedError(`${this.where}: the output of the graph ${problem}.`);
    };
    if (!this.isNewest(flow)) {
      refuse('takes an array that is not the newest: the graph branches, and a model here is a chain of layers');
    }
    this.#settle(flow, refuse);
    const axes = flow.axes.filter(({ role, size }) => role !== 'directions' || size !== 1);
    if (!keepsDirections && axes.some(({ role }) => role === 'directions')) {
      refuse('takes two directions apart, expected them merged, such as by Transpose and Reshape');
    }
    return { ...flow, axes, finals: undefined };
  }

  /** Whether the next layer can take an array. */
  isNewest({ version, finals }: Flow): boolean {
    if (!finals) return version === this.#version;
    const recurrent = this.layers.at(-1)?.recurrent;
    const last = this.layers.length - 1;
    return (
      recurrent?.isSettled === false &&
      finals.length === recurrent.directions &&
      finals.every(({ layer, state, direction }, n) => layer === last && state === 0 && direction === n)
    );
  }

  #settle({ finals }: Flow, refuse: (problem: string) => never): void {
    const layer = this.layers.at(-1);
    const recurrent = layer?.recurrent;
    if (!recurrent || recurrent.isSettled) return;
    recurrent.isSettled = true;
    layer.options.returnSequences = !finals;
    if (finals) this.mask = 'off';
    if (finals || !recurrent.hasLengths) return;
    if (recurrent.isReversed) refuse('takes Y of direction "reverse" with sequence_lens, expected Y_h');
    if (recurrent.directions === 1) layer.options.zeroOutputForMask = true;
  }

  /** Adds a layer behind an array that was taken. */
  add(layer: DraftLayer, taken: Flow, axes: readonly Axis[]): Flow {
    for (const { data } of layer.weights) this.#budget -= data.byteLength;
    if (this.#budget < 0) {
      throw new ValueError(
        `${this.where}: the weights of all layers are more than ${MAX_SHARING} times as large as the file.`,
      );
    }
    this.layers.push(layer);
    return this.changed(taken, axes);
  }

  /** The newest array, after the last layer was added or changed. */
  changed({ isReversed }: Flow, axes: readonly Axis[]): Flow {
    return { kind: 'flow', axes, isReversed, isInteger: false, version: ++this.#version };
  }

  /** The samples, which are the first array. */
  begin(axes: readonly Axis[], isInteger: boolean): Flow {
    this.input = { kind: 'flow', axes, isReversed: false, isInteger, version: this.#version };
    return this.input;
  }

  /** Behind this place no padding is masked: the recurrent layer that had the mask keeps it to itself. */
  endMask(): void {
    if (this.mask === 'on') this.layers.findLast(({ recurrent }) => recurrent !== undefined)!.options.passMask = false;
    this.mask = 'off';
  }

  /** Says what a dimension stands for. */
  assign(node: GraphNode, axis: Axis, role: NonNullable<Axis['role']>): void {
    axis.role ??= role;
    if (axis.role !== role) node.refuse(`takes the dimension of ${axis.role} as that of ${role}`);
  }

  /** @throws ValueError if an initializer or an input of the graph was used by no node */
  allUsed(): void {
    for (const name of this.#unused) {
      throw new ValueError(
        `${this.where}: no node uses ${show(name)}, which is an initializer or an input of the graph.`,
      );
    }
  }
}

/** A value as sizes, if it is a list of whole numbers or a single one. */
export function sizesOf(value: Value): Sizes | undefined {
  if (value.kind === 'sizes') return value;
  if (value.kind !== 'constant' || !value.isInteger || value.shape.length > 1) return undefined;
  return { kind: 'sizes', sizes: Array.from(value.data), isScalar: value.shape.length === 0 };
}
