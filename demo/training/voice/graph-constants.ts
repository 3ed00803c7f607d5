import { PbfReader } from 'pbf';

/** An array that a graph of ONNX holds. */
export interface GraphConstant {
  shape: readonly number[];
  data: Float32Array<ArrayBuffer>;
}

interface Node {
  op?: string;
  output?: string;
  tensor?: GraphConstant;
  branch?: Map<string, GraphConstant>;
}

/** The numbers in onnx.proto of the fields that are read, and of the type float32. */
const MODEL = { graph: 7 };
const GRAPH = { node: 1 };
const NODE = { output: 2, op: 4, attribute: 5 };
const ATTRIBUTE = { name: 1, tensor: 5, graph: 6 };
const TENSOR = { dims: 1, type: 2, raw: 9 };
const FLOAT = 1;

/**
 * The float32 constants in the first branch of the first choice that a graph of ONNX makes, by their names. Silero's file has
 * two networks, and a choice between them by the rate of the samples, whose first branch is that for 16 kHz.
 *
 * @throws Error if there is no such branch, or if it is no such file at all
 */
export function constantsOfFirstBranch(file: Uint8Array<ArrayBuffer>): ReadonlyMap<string, GraphConstant> {
  const branch = nodesOf(file).find(({ op }) => op === 'If')?.branch;
  if (!branch) throw new Error('The file of the voice detector holds no choice between networks: is it another file?');
  return branch;
}

function nodesOf(file: Uint8Array<ArrayBuffer>): Node[] {
  const found: { nodes?: Node[] } = {};
  try {
    new PbfReader(file).readFields((field, into, pbf) => {
      if (field === MODEL.graph) into.nodes = within(pbf, readGraph, []);
    }, found);
  } catch (cause) {
    throw new Error('The file of the voice detector cannot be read: it is damaged, or another file.', { cause });
  }
  return found.nodes ?? [];
}

/** Reads a message inside of another. */
function within<T>(pbf: PbfReader, read: (field: number, into: T, pbf: PbfReader) => void, into: T): T {
  const end = pbf.readVarint() + pbf.pos;
  return pbf.readFields(read, into, end);
}

function readGraph(field: number, nodes: Node[], pbf: PbfReader): void {
  if (field === GRAPH.node) nodes.push(within(pbf, readNode, {}));
}

function readNode(field: number, node: Node, pbf: PbfReader): void {
  if (field === NODE.op) node.op = pbf.readString();
  if (field === NODE.output) node.output ??= pbf.readString();
  if (field === NODE.attribute) readAttribute(node, pbf);
}

function readAttribute(node: Node, pbf: PbfReader): void {
  const attribute: { name?: string } = {};
  const read = (field: number): void => {
    if (field === ATTRIBUTE.name) attribute.name = pbf.readString();
    if (field === ATTRIBUTE.tensor) node.tensor = tensorOf(pbf);
    if (field === ATTRIBUTE.graph) {
      const nodes = within(pbf, readGraph, [] as Node[]);
      if (attribute.name === 'then_branch') node.branch = constantsOf(nodes);
    }
  };
  within(pbf, read, attribute);
}

function constantsOf(nodes: readonly Node[]): Map<string, GraphConstant> {
  return new Map(nodes.flatMap(({ output, tensor }) => (output && tensor ? [[output, tensor] as const] : [])));
}

/** @returns `undefined` for a tensor of another type than float32 */
function tensorOf(pbf: PbfReader): GraphConstant | undefined {
  const shape: number[] = [];
  let [type, bytes] = [0, new Uint8Array()];
  const read = (field: number): void => {
    if (field === TENSOR.dims) pbf.readPackedVarint(shape);
    if (field === TENSOR.type) type = pbf.readVarint();
    if (field === TENSOR.raw) bytes = pbf.readBytes().slice();
  };
  within(pbf, read, undefined);
  return type === FLOAT ? { shape, data: new Float32Array(bytes.buffer) } : undefined;
}
