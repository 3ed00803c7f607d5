/** All contenders, in the order of the table's columns. */
export const contenderTitles = {
  ours: 'lstm-webgpu',
  plain: 'plain loop',
  'tfjs-cpu': 'TF.js cpu',
  'tfjs-wasm': 'TF.js wasm',
  'tfjs-webgpu': 'TF.js webgpu',
  'ort-wasm': 'ORT Web wasm',
  'ort-webgpu': 'ORT Web webgpu',
  cudnn: 'cuDNN (PyTorch)',
} as const;

export type ContenderId = keyof typeof contenderTitles;

export const contenderIds = Object.keys(contenderTitles) as ContenderId[];

/** Those that compute on the GPU; the others use the processor. */
export const gpuIds: readonly ContenderId[] = ['ours', 'tfjs-webgpu', 'ort-webgpu', 'cudnn'];

/** Those that a browser runs. */
export const browserIds = contenderIds.filter((id) => id !== 'cudnn');

/** Those that any WebGPU environment runs; the others are libraries for the browser. */
export const ownIds: readonly ContenderId[] = ['ours', 'plain'];
