import * as ort from 'onnxruntime-web';
import type { ModelContents } from '../../../src/formats/contents.ts';

// Tests run beside others on few cores.
ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

/** The outputs that ONNX Runtime computes. */
export async function outputsOf(
  file: Uint8Array,
  inputs: Record<string, ort.Tensor>,
): Promise<ort.InferenceSession.OnnxValueMapType> {
  const session = await ort.InferenceSession.create(file);
  const outputs = await session.run(inputs);
  await session.release();
  return outputs;
}

/** Weights without their names, which are not part of a format. */
export const weightsOf = ({ weights }: ModelContents) =>
  weights!.map(({ shape, data }) => ({ shape: [...shape], data: [...data] }));
