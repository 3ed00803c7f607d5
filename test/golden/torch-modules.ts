import type { LayerContents } from '../../src/formats/contents.ts';
import type { DrawnLayer } from '../reference/drawn-model.ts';
import type { GoldenTensor } from './tensor.ts';
import recorded from './torch_modules.json';

/** A state_dict that PyTorch saved, and outputs of its module. */
interface TorchModuleCase {
  file: string;
  /** [B, T, I], or indices [B, T] */
  x: GoldenTensor;
  y: GoldenTensor;
  /** The layers that are the module. */
  layers: DrawnLayer[];
  features?: number;
}

const recurrent = {
  activation: 'tanh',
  recurrentActivation: 'sigmoid',
  useBias: true,
  returnSequences: true,
  goBackwards: false,
  zeroOutputForMask: false,
} as const;
const gru = (): DrawnLayer => ({ kind: 'gru', options: { ...recurrent, units: 5, resetAfter: true } });

const LAYERS: Record<string, Pick<TorchModuleCase, 'layers' | 'features'>> = {
  'torch_gru_tagger.safetensors': {
    layers: [
      { kind: 'embedding', options: { inputDim: 7, outputDim: 4, maskZero: false } },
      gru(),
      gru(),
      { kind: 'dense', options: { units: 3, activation: 'tanh', useBias: true } },
    ],
  },
  'torch_rnn_relu_bidir.f16.safetensors': {
    features: 3,
    layers: [
      {
        kind: 'bidirectional',
        cell: 'simpleRnn',
        mergeMode: 'concat',
        options: { ...recurrent, units: 4, activation: 'relu', recurrentActivation: undefined },
      },
    ],
  },
  'torch_lstm_cell.safetensors': { features: 2, layers: [{ kind: 'lstm', options: { ...recurrent, units: 3 } }] },
};

export const torchModules: readonly TorchModuleCase[] = recorded.cases.map((one) => ({ ...one, ...LAYERS[one.file] }));

/** The layers of the recorded runs of LSTMs whose weights there are files of. */
export const torchFiles: readonly { run: string; files: string[]; layers: LayerContents[]; features: number }[] = [
  {
    run: 'post_i1_h10_b1_t20',
    files: ['torch_post_i1_h10_b1_t20.safetensors', 'torch_post_i1_h10_b1_t20.bf16.safetensors'],
    layers: [{ type: 'lstm', options: { units: 10, returnSequences: true } }],
    features: 1,
  },
  {
    run: 'two_layer_bidir_i3_h5_b4_t6',
    files: ['torch_two_layer_bidir_i3_h5_b4_t6.safetensors', 'torch_two_layer_bidir_i3_h5_b4_t6.bf16.safetensors'],
    layers: [0, 1].map(() => ({
      type: 'bidirectional',
      options: { layer: { type: 'lstm', options: { units: 5, returnSequences: true } } },
    })),
    features: 3,
  },
];
