import { ValueError } from '../../index.ts';
import { optionalPackage } from '../optional-package.ts';
import { float, floats, int, ints, message, messages, presence, string, strings, bytes } from './wire.ts';
import { Wire, writeFields, type Message } from './wire.ts';

// The part of ONNX' messages that is needed, by the field numbers of onnx.proto.

const TENSOR = {
  dims: ints(1),
  dataType: int(2),
  segment: presence(3),
  floatData: floats(4),
  int32Data: ints(5),
  int64Data: ints(7),
  name: string(8),
  rawData: bytes(9),
  externalData: presence(13),
  dataLocation: int(14),
};
export type TensorProto = Message<typeof TENSOR>;

const ATTRIBUTE = {
  name: string(1),
  f: float(2),
  i: int(3),
  s: string(4),
  t: message(5, TENSOR),
  floats: floats(7),
  ints: ints(8),
  strings: strings(9),
  type: int(20),
  refAttrName: string(21),
};
export type AttributeProto = Message<typeof ATTRIBUTE>;

const NODE = {
  input: strings(1),
  output: strings(2),
  name: string(3),
  opType: string(4),
  attribute: messages(5, ATTRIBUTE),
  domain: string(7),
};
export type NodeProto = Message<typeof NODE>;

const DIMENSION = { dimValue: int(1), dimParam: string(2) };
const SHAPE = { dim: messages(1, DIMENSION) };
const TENSOR_TYPE = { elemType: int(1), shape: message(2, SHAPE) };
const VALUE_INFO = { name: string(1), type: message(2, { tensorType: message(1, TENSOR_TYPE) }) };
export type ValueInfoProto = Message<typeof VALUE_INFO>;

const GRAPH = {
  node: messages(1, NODE),
  name: string(2),
  initializer: messages(5, TENSOR),
  input: messages(11, VALUE_INFO),
  output: messages(12, VALUE_INFO),
  sparseInitializer: presence(15),
};
export type GraphProto = Message<typeof GRAPH>;

const ENTRY = { key: string(1), value: string(2) };

const MODEL = {
  irVersion: int(1),
  producerName: string(2),
  graph: message(7, GRAPH),
  opsetImport: messages(8, { domain: string(1), version: int(2) }),
  metadataProps: messages(14, ENTRY),
  functions: presence(25),
};
export type ModelProto = Message<typeof MODEL>;

/** The numbers of the types of attributes. */
export const ATTRIBUTE_TYPES = { f: 1, i: 2, s: 3, t: 4, floats: 6, ints: 7, strings: 8 } as const;

/** The most bytes of a protobuf message: its readers keep lengths in signed numbers of 32 bits. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Reads an ONNX file.
 *
 * @throws ValueError (as a rejection) if it is not one, or is damaged; UnsupportedError without the package pbf
 */
export async function readProto(where: string, file: Uint8Array<ArrayBuffer>): Promise<ModelProto> {
  const { PbfReader } = await loadPbf(where);
  return new Wire(where, new PbfReader(file)).message(MODEL, file.length, undefined);
}

/** @throws ValueError (as a rejection) if the file would be too large; UnsupportedError without the package pbf */
export async function writeProto(where: string, model: ModelProto): Promise<Uint8Array<ArrayBuffer>> {
  const weights = model.graph?.initializer?.reduce((sum, { rawData }) => sum + (rawData?.length ?? 0), 0) ?? 0;
  const tooLarge = () => {
    throw new ValueError(
      `${where}: the weights have ${weights} bytes, and an ONNX file at most ${MAX_BYTES}. Choose "keras".`,
    );
  };
  if (weights > MAX_BYTES) tooLarge();
  const { PbfWriter } = await loadPbf(where);
  const pbf = new PbfWriter();
  writeFields(pbf, MODEL, model);
  if (pbf.pos > MAX_BYTES) tooLarge();
  return new Uint8Array(pbf.finish());
}

const loadPbf = (where: string) => optionalPackage(where, 'pbf', () => import('pbf'));
