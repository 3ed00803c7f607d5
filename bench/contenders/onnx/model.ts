import { onnx } from 'onnx-proto';
import type { Inputs } from '../../works/inputs.ts';
import type { Work } from '../../works/work.ts';

const FLOAT = onnx.TensorProto.DataType.FLOAT;
const INT = onnx.AttributeProto.AttributeType.INT;

type Weight = Inputs['weights'][number];

/**
 * An ONNX file:
 *
 * - an LSTM of x [T, B, I], h [1, B, H] and c [1, B, H], which gives lastH and lastC, [1, B, H] each, and with a dense head
 *   y [1, B, outputs], which are probabilities if the network feeds itself;
 * - for a product, the product of x [batch, features] and the weights, which gives y [batch, units].
 */
export function onnxModel(work: Work, weights: readonly Weight[]): Uint8Array {
  const graph = work.kind === 'product' ? productGraph(work, weights) : lstmGraph(work, weights);
  const model = onnx.ModelProto.create({ irVersion: 8, opsetImport: [{ domain: '', version: 14 }], graph });
  return onnx.ModelProto.encode(model).finish();
}

function productGraph({ batch, features, units }: Work, [weights]: readonly Weight[]): onnx.IGraphProto {
  return {
    name: 'product',
    node: [{ opType: 'MatMul', input: ['x', 'b'], output: ['y'] }],
    initializer: [tensor('b', weights.shape, weights.data)],
    input: [value('x', [batch, features])],
    output: [value('y', [batch, units])],
  };
}

function lstmGraph(work: Work, weights: readonly Weight[]): onnx.IGraphProto {
  const { kind, batch, steps, features, units, outputs } = work;
  const [kernel, recurrentKernel, bias] = weights.map(({ data }) => data);
  const head = outputs === undefined ? undefined : headOf(outputs, weights.slice(-2), kind === 'generate');
  const state = [1, batch, units];
  const biases = new Float32Array(8 * units);
  biases.set(gatesFirst(bias, 1, units));
  return {
    name: 'lstm',
    node: [
      {
        opType: 'LSTM',
        input: ['x', 'kernel', 'recurrentKernel', 'bias', '', 'h', 'c'],
        output: ['', 'lastH', 'lastC'],
        attribute: [{ name: 'hidden_size', type: INT, i: units }],
      },
      ...(head?.node ?? []),
    ],
    initializer: [
      tensor('kernel', [1, 4 * units, features], gatesFirst(kernel, features, units)),
      tensor('recurrentKernel', [1, 4 * units, units], gatesFirst(recurrentKernel, units, units)),
      tensor('bias', [1, 8 * units], biases),
      ...(head?.initializer ?? []),
    ],
    input: [value('x', [steps, batch, features]), value('h', state), value('c', state)],
    output: [value('lastH', state), value('lastC', state), ...(outputs ? [value('y', [1, batch, outputs])] : [])],
  };
}

/** y = lastH · kernel + bias, or the softmax of that. */
function headOf(outputs: number, [kernel, bias]: readonly Weight[], hasSoftmax: boolean) {
  return {
    node: [
      { opType: 'MatMul', input: ['lastH', 'headKernel'], output: ['product'] },
      { opType: 'Add', input: ['product', 'headBias'], output: [hasSoftmax ? 'logits' : 'y'] },
      ...(hasSoftmax ? [{ opType: 'Softmax', input: ['logits'], output: ['y'] }] : []),
    ],
    initializer: [tensor('headKernel', kernel.shape, kernel.data), tensor('headBias', [outputs], bias.data)],
  };
}

/** [inner, 4H] with the gates i, f, c, o, as in Keras, to [4H, inner] with the gates i, o, f, c. */
function gatesFirst(matrix: Float32Array, inner: number, units: number): Float32Array {
  const result = new Float32Array(matrix.length);
  [0, 3, 1, 2].forEach((source, gate) => {
    for (let unit = 0; unit < units; unit++) {
      for (let k = 0; k < inner; k++) {
        result[(gate * units + unit) * inner + k] = matrix[k * 4 * units + source * units + unit];
      }
    }
  });
  return result;
}

function tensor(name: string, dims: number[], data: Float32Array): onnx.ITensorProto {
  return { name, dims, dataType: FLOAT, rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function value(name: string, shape: readonly number[]): onnx.IValueInfoProto {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
}
