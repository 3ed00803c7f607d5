import * as ort from 'onnxruntime-web';

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
