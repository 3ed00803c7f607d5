import { ValueError } from '../../index.ts';
import type { ArrayContents, ModelContents } from '../contents.ts';
import { show } from '../reading.ts';
import { shapeText } from '../shape.ts';
import { KEY, readArchitecture } from './architecture.ts';
import { modulesOf } from './modules.ts';
import { pair } from './pair.ts';
import { numbersOf, readSafetensors, type SafeTensor } from './safetensors.ts';
import { storedModules, type StoredModule } from './stored-modules.ts';

type Architecture = Pick<ModelContents, 'inputShape' | 'layers'>;

/**
 * Reads a model that this library saved as safetensors: the architecture lies in the metadata of the file.
 *
 * @throws ValueError, ShapeError, UnsupportedError (as rejections) if the file is damaged, or holds weights alone
 */
export async function readTorch(where: string, file: Uint8Array<ArrayBuffer>): Promise<ModelContents> {
  const { tensors, metadata } = readSafetensors(where, file);
  const json = metadata.get(KEY);
  if (json === undefined) {
    throw new ValueError(
      `${where}: a state_dict holds weights alone, here of ${modulesText(storedModules(where, tensors))}. Make the model ` +
        `with sequential, then loadWeights(model, source).`,
    );
  }
  const architecture = readArchitecture(where, json);
  return { ...architecture, weights: weightsOf(where, tensors, architecture) };
}

/**
 * Reads a state_dict of PyTorch for a model: the arrays of `nn.LSTM`, `nn.GRU`, `nn.RNN` (or their cells), `nn.Linear`,
 * `nn.Conv1d` and `nn.Embedding`, whatever the paths before their names. Numbers are float32, or of a half precision
 * that float32 holds exactly. The two biases of an LSTM and of an RNN are added up, since the layers here have one.
 *
 * A module is found by the shapes of its arrays; where several have the same, by the names of the layers.
 *
 * @returns the weights in the order of `getWeights`
 * @throws ValueError, ShapeError, UnsupportedError (as rejections) if an array is missing, left over or of another shape
 */
export async function readTorchWeights(
  where: string,
  file: Uint8Array<ArrayBuffer>,
  model: Architecture,
): Promise<ArrayContents[]> {
  return weightsOf(where, readSafetensors(where, file).tensors, model);
}

function weightsOf(where: string, tensors: readonly SafeTensor[], { layers, inputShape }: Architecture) {
  const pairs = pair(where, modulesOf(where, layers, inputShape), storedModules(where, tensors));
  return pairs.flatMap(({ wanted, stored }) => {
    const arrays = wanted.arrays.map(({ part }) => numbersOf(where, stored.parts.get(part)!));
    return wanted.toLibrary(arrays).map((array) => ({ name: stored.name, ...array }));
  });
}

/** The most modules that a message lists. */
const MAX_LISTED = 6;

/** Lists the modules of a state_dict, for those who have to make the model. */
function modulesText(stored: readonly StoredModule[]): string {
  const list = stored.slice(0, MAX_LISTED).map((module) => `${show(module.name)} ${moduleText(module)}`);
  return (
    [...list, ...(stored.length > MAX_LISTED ? [`${stored.length - MAX_LISTED} more`] : [])].join(', ') || 'no modules'
  );
}

const GATES: Readonly<Record<number, string>> = { 4: 'LSTM', 3: 'GRU', 1: 'RNN' };

function moduleText({ isRecurrent, parts }: StoredModule): string {
  const [, inputs] = (parts.get('weight_ih') ?? parts.get('weight'))?.shape ?? [];
  if (!isRecurrent) return `(${[...parts].map(([part, { shape }]) => `${part} ${shapeText(shape)}`).join(', ')})`;
  const [rows, units] = parts.get('weight_hh')?.shape ?? [];
  const kind = GATES[rows / units] ?? 'recurrent';
  return `(${parts.has('weight_ih_reverse') ? 'bidirectional ' : ''}${kind}, ${inputs} to ${units})`;
}
