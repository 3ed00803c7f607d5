import { ValueError } from '../../index.ts';
import { show } from '../reading.ts';
import type { SafeTensor } from './safetensors.ts';

/** The arrays of a file that can be one layer here: those of a module of PyTorch, or of one level of a stacked module. */
export interface StoredModule {
  /** The path of the module, with the level behind it if the module has several: `encoder.rnn`, `lstm_l1`. */
  readonly name: string;
  /** The path of the module; empty if it is itself what was saved. */
  readonly module: string;
  readonly level: number;
  readonly isRecurrent: boolean;
  /** The arrays by their names in the module, without the level: `weight_ih`, `bias_hh_reverse`. */
  readonly parts: ReadonlyMap<string, SafeTensor>;
}

/** Names of arrays of `nn.LSTM`, `nn.GRU` and `nn.RNN`, and of their cells, which have no level. */
const RECURRENT = /^((?:weight|bias)_(?:ih|hh|hr))(?:_l(\d{1,6})(_reverse)?)?$/;

/** Sorts arrays by modules and levels. @throws ValueError if a level of a module is missing */
export function storedModules(where: string, tensors: readonly SafeTensor[]): StoredModule[] {
  const found = new Map<string, Omit<StoredModule, 'name'> & { parts: Map<string, SafeTensor> }>();
  for (const tensor of tensors) {
    const { module, level, isRecurrent, part } = placeOf(tensor.name);
    const key = keyOf(module, isRecurrent ? level : undefined);
    const stored = found.get(key) ?? { module, level, isRecurrent, parts: new Map<string, SafeTensor>() };
    const twin = stored.parts.get(part);
    if (twin) {
      throw new ValueError(`${where}: ${show(twin.name)} and ${show(tensor.name)} are the same array of a module.`);
    }
    stored.parts.set(part, tensor);
    found.set(key, stored);
  }
  return [...found.values()].map((stored) => {
    const { module, level, isRecurrent } = stored;
    if (isRecurrent && level > 0 && !found.has(keyOf(module, level - 1))) {
      throw new ValueError(
        `${where}: module ${show(module)} has a level ${level}, but none below. Is the file complete?`,
      );
    }
    const isStacked = isRecurrent && (level > 0 || found.has(keyOf(module, 1)));
    return { ...stored, name: isStacked ? `${module}_l${level}` : module };
  });
}

const keyOf = (module: string, level: number | undefined) => JSON.stringify([module, level]);

function placeOf(name: string) {
  const end = name.lastIndexOf('.');
  const module = name.slice(0, Math.max(end, 0));
  const own = name.slice(end + 1);
  const recurrent = RECURRENT.exec(own);
  if (!recurrent) return { module, level: 0, isRecurrent: false, part: own };
  const [, part, level = '0', reverse = ''] = recurrent;
  return { module, level: Number(level), isRecurrent: true, part: part + reverse };
}
