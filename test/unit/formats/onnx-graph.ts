import { writeProto, type ModelProto, type NodeProto, type TensorProto } from '../../../src/formats/onnx/proto.ts';
import { attributeOf, type AttributeValue } from '../../../src/formats/onnx/graph-builder.ts';
import { floatTensor } from '../../../src/formats/onnx/tensors.ts';

type Dimension = number | string;

/** A graph in short form, from which a test makes a file. */
export interface Graph {
  /** The shapes of inputs; those of indices and lengths have a type of their own. */
  inputs: Readonly<Record<string, readonly Dimension[] | { type: number; shape: readonly Dimension[] }>>;
  outputs: readonly string[];
  /** Operator, inputs, outputs, attributes, and a name. */
  nodes: readonly (readonly [
    op: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    name?: string,
  ])[];
  initializers?: readonly TensorProto[];
  opset?: number;
  /** Changes the file before it is written. */
  more?: Partial<ModelProto>;
}

const info = (name: string, elemType: number, shape?: readonly Dimension[]) => {
  const dim = shape?.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType, shape: dim && { dim } } } };
};

export async function onnxFile({
  inputs,
  outputs,
  nodes,
  initializers,
  opset = 17,
  more,
}: Graph): Promise<Uint8Array<ArrayBuffer>> {
  return writeProto('test', {
    irVersion: 8,
    opsetImport: [{ domain: '', version: opset }],
    graph: {
      name: 'test',
      node: nodes.map(([opType, input, output, attributes = {}, name]): NodeProto => ({
        opType,
        input,
        output,
        name,
        attribute: Object.entries(attributes).map(([key, value]) => attributeOf(key, value)),
      })),
      initializer: initializers,
      input: Object.entries(inputs).map(([name, given]) =>
        'type' in given ? info(name, given.type, given.shape) : info(name, 1, given),
      ),
      output: outputs.map((name) => info(name, 1)),
    },
    ...more,
  });
}

export const floats = (name: string, shape: readonly number[], data: ArrayLike<number>) =>
  floatTensor(name, shape, Float32Array.from(data));
