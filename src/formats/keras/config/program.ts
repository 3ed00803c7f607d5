import type { JsonValue } from '../../reading.ts';
import { fieldOf } from './objects.ts';

/** The program whose words and defaults a configuration has. */
export type Program = 'keras1' | 'keras2' | 'keras3' | 'tfjs';

/** The origin of a configuration, as far as its meaning depends on it. */
export interface Origin {
  readonly program: Program;
  /** Whether the file tells its version. Otherwise the program is a guess from the words it uses. */
  readonly isCertain: boolean;
  /** Whether recurrent layers end a mask instead of passing it on to the layers behind them, as from Keras 3.16 on. */
  readonly dropsMasks: boolean;
}

/**
 * Tells what wrote a configuration.
 *
 * @param version what the file gives as version, such as `3.15.1`, `2.2.4-tf`, `1.2.2` or `tfjs-layers 4.22.0`
 */
export function originOf(config: JsonValue, version: string | undefined): Origin {
  if (version?.startsWith('tfjs')) return { program: 'tfjs', isCertain: true, dropsMasks: false };
  const [, major, minor = '0'] = /^(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  if (major === undefined) return { program: guess(config), isCertain: false, dropsMasks: false };
  const dropsMasks = Number(major) > 3 || (Number(major) === 3 && Number(minor) >= 16);
  const program = (['keras1', 'keras1', 'keras2', 'keras3'] as const)[Math.min(Number(major), 3)];
  return { program, isCertain: true, dropsMasks };
}

/** Keras 3 alone writes the module of a model or the `batch_shape` of an input, Keras 1 alone says `init`. */
function guess(config: JsonValue): Program {
  const text = JSON.stringify(config.value) ?? '';
  if (/"(registered_name|batch_shape)":/.test(text)) return 'keras3';
  return /"(init|output_dim)":/.test(text) && !/"kernel_initializer":/.test(text) ? 'keras1' : 'keras2';
}

/** The layers of a model's configuration, which Keras 1 and 2 before 2.2.3 wrote as a list without the name of the model. */
export function layersOf(config: JsonValue): JsonValue[] {
  return (config.isList ? config : fieldOf(config, 'layers')).list();
}
