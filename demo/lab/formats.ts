/** The formats of files, in the words of those who use them. */
export const FORMATS = {
  keras: {
    label: '.keras',
    of: 'Keras 3',
    holds:
      'All of a training: architecture, weights, optimizer and random states. It goes on from there with the same bits.',
  },
  h5: {
    label: '.h5',
    of: 'Keras, in its older form',
    holds: 'Architecture, weights, loss, metrics and optimizer. Random states have no place in it.',
  },
  weights: {
    label: '.weights.h5',
    of: 'Keras, weights alone',
    holds: 'Weights alone, for a model of the same layers that is made elsewhere.',
  },
  tfjs: {
    label: 'TensorFlow.js',
    of: 'TensorFlow.js, a layers model',
    holds: 'Architecture and weights, in a JSON file and shards beside it. Loss and optimizer stay here.',
  },
  safetensors: {
    label: '.safetensors',
    of: 'PyTorch, weights as safetensors',
    holds:
      'Weights under the names that PyTorch gives them, for modules of the same sizes. Loss and optimizer stay here.',
  },
  onnx: {
    label: '.onnx',
    of: 'ONNX, a graph of operators',
    holds: 'The operators that compute the outputs, with their weights. Nothing to go on training with.',
  },
} as const;

export type FormatName = keyof typeof FORMATS;
