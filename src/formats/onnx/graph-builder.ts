import { ShapeError, ValueError, type Shape } from '../../index.ts';
import type { ArrayContents } from '../contents.ts';
import { show } from '../reading.ts';
import { sameShape, shapeText } from '../shape.ts';
import {
  ATTRIBUTE_TYPES,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './proto.ts';
import { FLOAT, floatTensor, INT64, intTensor } from './tensors.ts';

/** A dimension of an input or output: how many, or a name for any number. */
export type Dimension = number | string;

/** The array that passes from layer to layer: [batch, steps, features], or [batch, features] without steps. */
export interface Passing {
  readonly name: string;
  readonly batch: Dimension;
  readonly steps?: Dimension;
  readonly features: number;
}

/** Options of a layer. */
export type Options = Readonly<Record<string, unknown>>;

/** A whole number, a number that has a fraction, a text, or a list of them. */
export type AttributeValue =
  | { readonly i: number }
  | { readonly f: number }
  | string
  | readonly string[]
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] };

/** Collects the nodes and arrays of a graph. Names of nodes and arrays begin with that of their layer. */
export class GraphBuilder {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers: TensorProto[] = [];
  readonly #inputs: ValueInfoProto[] = [];
  readonly #outputs: ValueInfoProto[] = [];
  #weightsTaken = 0;

  constructor(
    readonly where: string,
    private readonly weights: readonly ArrayContents[],
  ) {}

  /** Adds an operator with one output, and returns the name of that. */
  node(
    layer: string,
    op: string,
    inputs: readonly string[],
    attributes: Record<string, AttributeValue> = {},
    part = op,
  ): string {
    const name = `${layer}/${part}`;
    this.nodeOf({ input: inputs, output: [name], name, opType: op }, attributes);
    return name;
  }

  /** Adds an operator with several outputs. */
  nodeOf(node: NodeProto, attributes: Record<string, AttributeValue>): void {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    this.#nodes.push({ ...node, attribute });
  }

  /** The next weight of the model. @throws ShapeError, ValueError if it is missing or has another shape */
  weight(layer: string, shape: Shape): ArrayContents {
    const weight = this.weights[this.#weightsTaken++] as ArrayContents | undefined;
    if (!weight) throw new ValueError(`${this.where}: layer "${layer}" lacks a weight ${shapeText(shape)}.`);
    if (!sameShape(weight.shape, shape)) {
      throw new ShapeError(
        `${this.where}: layer "${layer}": ${show(weight.name)} has shape ${shapeText(weight.shape)}, expected ` +
          `${shapeText(shape)}.`,
      );
    }
    return weight;
  }

  /** @throws ValueError if there are more weights than the layers have */
  allWritten(): void {
    const left = this.weights.length - this.#weightsTaken;
    if (left > 0)
      throw new ValueError(`${this.where}: there are ${left} weights more than the layers of the model have.`);
  }

  floats(name: string, shape: Shape, data: Float32Array<ArrayBuffer>): string {
    this.#initializers.push(floatTensor(name, shape, data));
    return name;
  }

  ints(name: string, values: readonly number[]): string {
    this.#initializers.push(intTensor(name, values));
    return name;
  }

  int(name: string, value: number): string {
    this.#initializers.push({ ...intTensor(name, [value]), dims: [] });
    return name;
  }

  input(name: string, shape: readonly Dimension[], areIndices = false): void {
    this.#inputs.push(valueInfo(name, shape, areIndices ? INT64 : FLOAT));
  }

  output(name: string, shape: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(name, shape, FLOAT));
  }

  /** The graph, with the output that is added last as the first. */
  graph(name: string): GraphProto {
    const output = [...this.#outputs.slice(-1), ...this.#outputs.slice(0, -1)];
    return { node: this.#nodes, name, initializer: this.#initializers, input: this.#inputs, output };
  }
}

function valueInfo(name: string, shape: readonly Dimension[], elemType: number): ValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

/** An attribute of a node as a file holds it. */
export function attributeOf(name: string, value: AttributeValue): AttributeProto {
  if (typeof value === 'string') return { name, s: value, type: ATTRIBUTE_TYPES.s };
  if ('i' in value) return { name, i: value.i, type: ATTRIBUTE_TYPES.i };
  if ('f' in value) return { name, f: value.f, type: ATTRIBUTE_TYPES.f };
  if ('ints' in value) return { name, ints: value.ints, type: ATTRIBUTE_TYPES.ints };
  if ('floats' in value) return { name, floats: value.floats, type: ATTRIBUTE_TYPES.floats };
  return { name, strings: value, type: ATTRIBUTE_TYPES.strings };
}
