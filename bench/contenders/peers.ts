import type { Contender } from './contender.ts';
import { onnxRuntime } from './onnx/index.ts';
import { tfjs } from './tfjs.ts';

/** The other libraries. Only a browser runs them. */
export const peers: readonly Contender[] = [
  tfjs('cpu'),
  tfjs('wasm'),
  tfjs('webgpu'),
  onnxRuntime('wasm'),
  onnxRuntime('webgpu'),
];
