import { UnsupportedError, ValueError } from '../../index.ts';
import { show } from '../reading.ts';
import { ATTRIBUTE_TYPES, type AttributeProto, type NodeProto } from './proto.ts';
import { constantOf, type Constant } from './tensors.ts';

type Kind = keyof typeof ATTRIBUTE_TYPES;

/** A node of a graph, of which every input and attribute must be asked for: what nobody reads is refused. */
export class GraphNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The name of the layer that the node is a part of, by the custom that nodes are named layer/part. */
  readonly layerPath: string;
  readonly part: string;
  readonly where: string;
  readonly #attributes = new Map<string, AttributeProto>();
  readonly #unread: Set<string>;
  #inputsRead = 0;

  constructor(
    where: string,
    { opType = '', name = '', domain = '', input, output, attribute = [] }: NodeProto,
    index: number,
  ) {
    const slash = name.lastIndexOf('/');
    this.op = opType;
    this.layerPath = name.slice(0, Math.max(0, slash));
    this.part = name.slice(slash + 1);
    this.where = `${where}: node ${name === '' ? index : show(name)} (${show(opType).slice(1, -1)})`;
    this.inputs = input ?? [];
    this.outputs = output ?? [];
    if (domain !== '' && domain !== 'ai.onnx') {
      throw new UnsupportedError(
        `${this.where} is an operator of domain ${show(domain)}, expected one of ONNX itself.`,
      );
    }
    for (const one of attribute) {
      if (this.#attributes.has(one.name ?? '')) this.refuse(`has the attribute ${show(one.name)} twice`);
      this.#attributes.set(one.name ?? '', one);
    }
    this.#unread = new Set(this.#attributes.keys());
  }

  /** @throws UnsupportedError */
  refuse(problem: string, advice = ''): never {
    throw new UnsupportedError(`${this.where} ${problem}.${advice && ` ${advice}`}`);
  }

  /** The name of an input; undefined if it is left out. */
  input(index: number): string | undefined {
    this.#inputsRead = Math.max(this.#inputsRead, index + 1);
    return this.inputs[index] || undefined;
  }

  int(name: string, fallback: number): number {
    return this.#value(name, 'i', fallback);
  }

  float(name: string, fallback: number): number {
    return this.#value(name, 'f', fallback);
  }

  string(name: string, fallback: string): string {
    return this.#value(name, 's', fallback);
  }

  ints(name: string): readonly number[] | undefined {
    return this.#value(name, 'ints', undefined);
  }

  floats(name: string): readonly number[] {
    return this.#value<readonly number[]>(name, 'floats', []);
  }

  strings(name: string): readonly string[] {
    return this.#value<readonly string[]>(name, 'strings', []);
  }

  tensor(name: string): Constant | undefined {
    const proto = this.#attribute(name, 't')?.t;
    return proto && constantOf(this.where, proto, name);
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  /** @throws UnsupportedError if there is an attribute or an input that nobody asked for */
  allRead(): void {
    for (const name of this.#unread) this.refuse(`has the attribute ${show(name)}, which is not supported`);
    const extra = this.inputs.findIndex((name, index) => index >= this.#inputsRead && name !== '');
    if (extra >= 0) this.refuse(`has an input ${extra}, ${show(this.inputs[extra])}, which is not supported`);
  }

  #value<T>(name: string, kind: Kind, fallback: T): T {
    const attribute = this.#attribute(name, kind);
    // A number that is zero, or an empty list, is left out by some writers.
    const empty = { i: 0, f: 0, s: '' };
    return attribute ? ((attribute[kind] ?? (empty as Record<string, unknown>)[kind] ?? []) as T) : fallback;
  }

  #attribute(name: string, kind: Kind): AttributeProto | undefined {
    const attribute = this.#attributes.get(name);
    this.#unread.delete(name);
    if (!attribute) return undefined;
    if (attribute.refAttrName) this.refuse(`refers to an attribute of a function, ${show(attribute.refAttrName)}`);
    if (attribute.type !== ATTRIBUTE_TYPES[kind]) {
      throw new ValueError(
        `${this.where}: attribute "${name}" has type ${attribute.type}, expected ${ATTRIBUTE_TYPES[kind]}.`,
      );
    }
    if (kind === 'f' || kind === 'floats') {
      const numbers = [attribute.f ?? 0, ...(attribute.floats ?? [])];
      if (!numbers.every(Number.isFinite)) throw new ValueError(`${this.where}: attribute "${name}" is not finite.`);
    }
    return attribute;
  }
}
