import { UnsupportedError, ValueError } from '../../index.ts';
import type { Files, LayerContents, ModelContents } from '../contents.ts';
import { layerNames } from '../layer-names.ts';
import { show } from '../reading.ts';
import { KEY, writeArchitecture } from './architecture.ts';
import { modulesOf } from './modules.ts';
import { writeSafetensors } from './safetensors.ts';

/**
 * Writes the weights of a model as a state_dict of PyTorch. It fits a module that has, for each layer with weights, an
 * attribute of the layer's name: an `nn.LSTM`, `nn.GRU` or `nn.RNN` with one level, bidirectional for `bidirectional`, an
 * `nn.Linear` for `dense`, an `nn.Conv1d`, an `nn.Embedding`. For a model of `lstm({ units: 10 })` and
 * `dense({ units: 1, activation: 'sigmoid' })` on one feature:
 *
 * ```python
 * class Model(torch.nn.Module):
 *     def __init__(self):
 *         super().__init__()
 *         self.lstm = torch.nn.LSTM(1, 10, batch_first=True)
 *         self.dense = torch.nn.Linear(10, 1)
 *
 *     def forward(self, x):
 *         sequence, _ = self.lstm(x)
 *         return torch.sigmoid(self.dense(sequence[:, -1]))
 *
 * model = Model()
 * model.load_state_dict(safetensors.torch.load_file('model.safetensors'))
 * ```
 *
 * All else that a model does is written in `forward`: activations, taking the last step, dropout, masks, goBackwards. The bias
 * of an LSTM or RNN becomes `bias_ih`, beside a `bias_hh` of zeros. The architecture lies in the file's metadata, so that this
 * library can load the model again. Not in the file are what the model was compiled with, and all that training remembers.
 *
 * @param name the name of the file
 * @throws UnsupportedError, ValueError (as rejections) with the name of a layer that no module of PyTorch is equal to
 */
export async function writeTorch(where: string, contents: ModelContents, name: string): Promise<Files> {
  const { layers, inputShape, weights } = contents;
  if (!weights) throw new ValueError(`${where}: the model has no weights, and a state_dict is nothing but weights.`);
  const names = layerNames(layers);
  layers.forEach((layer, n) => assertEqualModule(`${where}: layer ${show(names[n])}`, layer));
  const left = [...weights];
  const arrays = modulesOf(where, layers, inputShape).flatMap((module) => {
    const own = left.splice(0, module.weightCount);
    const end = module.isRecurrent ? '_l0' : '';
    const data = module.toTorch(own.map((weight) => weight.data));
    return module.arrays.map(({ part, shape }, n) => ({
      name: `${module.layer}.${part.replace(/(_reverse)?$/, `${end}$1`)}`,
      shape,
      data: data[n],
    }));
  });
  return new Map([[name, writeSafetensors(arrays, { format: 'pt', [KEY]: writeArchitecture(contents) })]]);
}

/** The functions that a recurrent module of PyTorch has built in, and the options here that choose them. */
const BUILT_IN: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  lstm: { activation: ['tanh'], recurrentActivation: ['sigmoid'] },
  gru: { activation: ['tanh'], recurrentActivation: ['sigmoid'], resetAfter: [true] },
  simpleRnn: { activation: ['tanh', 'relu'] },
};

/** @throws UnsupportedError if a recurrent layer has an option that PyTorch's module has not */
function assertEqualModule(where: string, { type, options }: LayerContents): void {
  if (type === 'bidirectional') return assertEqualModule(where, options.layer as LayerContents);
  for (const [option, values] of Object.entries(BUILT_IN[type] ?? {})) {
    const value = options[option] ?? values[0];
    if (values.includes(value)) continue;
    throw new UnsupportedError(
      `${where} has ${option}: ${show(value)}, but PyTorch's module has ${values.map(show).join(' or ')} built in. Choose ` +
        `another format, such as "keras".`,
    );
  }
}
