import { ValueError } from '../../../index.ts';
import { show, type JsonValue } from '../../reading.ts';
import { Float } from './json-text.ts';
import { fieldOf, nameOf, objectOf } from './objects.ts';
import type { Origin } from './program.ts';

/** Which program is to read what is written: Keras 3.15, or TensorFlow.js, which understands the words of Keras 2. */
export type Target = 'keras' | 'tfjs';

/** Where an option is written, for errors and for what the programs differ in. */
export interface Writing {
  /** `saveModel: layer "lstm": activation` */
  readonly where: string;
  readonly target: Target;
}

/** A kind of values of an option, in both directions between a configuration and this library's words. */
export interface Value {
  /** @throws ValueError with the place in the file if the value has no counterpart here */
  readonly read: (field: JsonValue, origin: Origin) => unknown;
  /** @throws ValueError with what to do if the value has no counterpart there */
  readonly write: (value: unknown, writing: Writing) => unknown;
}

const same = (value: unknown): unknown => value;

export const flag: Value = { read: (field) => field.trueOrFalse(), write: same };

/** A whole number for the only dimension of a convolution over time, which Keras writes as a list of one. */
export const perDimension: Value = {
  read: (field) => {
    if (!field.isList) return field.wholeNumber(1);
    const [first, ...more] = field.list();
    return first && more.length === 0 ? first.wholeNumber(1) : field.fail('one whole number', 'Time is one dimension.');
  },
  write: (value) => [value],
};

export const count: Value = { read: (field) => field.wholeNumber(1), write: same };

/** A number, such as a rate, which Python writes with a decimal point. */
export const float: Value = { read: (field) => field.number(), write: (value) => new Float(value as number) };

/** A number, or nothing, which is null. */
export const optionalFloat: Value = {
  read: (field) => (field.isNull ? undefined : field.number()),
  write: (value) => (value === undefined ? null : new Float(value as number)),
};

/** A whole number, or nothing, which is null. */
export const optionalCount: Value = {
  read: (field) => (field.isNull ? undefined : field.wholeNumber(1)),
  write: (value) => value ?? null,
};

/** The seed of dropout, of which this library takes those that a 32-bit number holds. */
export const seed: Value = {
  read: (field) => {
    if (field.isNull) return undefined;
    const value = field.wholeNumber();
    return value < 2 ** 32 ? value : field.fail('a seed below 2^32');
  },
  write: (value) => value ?? null,
};

/** One of some values, which are the same here and there. */
export const oneOf = (...known: readonly (string | number | boolean | null)[]): Value => ({
  read: (field) => field.oneOf(known),
  write: same,
});

/** Whether the bias of the forget gate begins as ones. Keras 1 had an initializer, and TensorFlow.js writes null for false. */
export const forgetBias: Value = {
  read: (field, { program }) => {
    if (field.isNull && program === 'tfjs') return false;
    return typeof field.value === 'string' ? field.oneOf(['one', 'zero']) === 'one' : field.trueOrFalse();
  },
  write: same,
};

/** The type of a layer's numbers, which Keras 3 writes as an object. */
export const dataType: Value = {
  read(field) {
    if (field.isNull) return 'float32';
    const name = field.isObject ? fieldOf(objectOf(field).config, 'name') : field;
    return name.oneOf(['float32'], 'Layers compute in float32 here: cast the model before you save it.');
  },
  write: (name, writing) => (writing.target === 'tfjs' ? name : written(writing, 'keras', 'DTypePolicy', { name })),
};

/** Keras' names of activations. That of the hard sigmoid stands for two functions. */
const ACTIVATIONS = {
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  hard_sigmoid: 'hardSigmoid',
  relu: 'relu',
  linear: 'linear',
  softsign: 'softsign',
  elu: 'elu',
  softplus: 'softplus',
};

function readActivation(field: JsonValue, origin: Origin, known: Readonly<Record<string, string>>): string {
  if (field.isNull) return 'linear';
  // Keras 3 can write a function as an object whose `config` is its name.
  const name = field.isObject ? objectOf(field).config : field;
  const activation = nameOf(name, known);
  if (activation !== 'hardSigmoid') return activation;
  if (!origin.isCertain) {
    field.fail(
      'another activation, or a file that tells its version',
      'Keras 3 computes a hard sigmoid as x / 6 + 0.5, Keras 1 and 2 as 0.2 x + 0.5.',
    );
  }
  return origin.program === 'keras3' ? 'hardSigmoid' : 'hardSigmoidLegacy';
}

/** The function that each program means by `hard_sigmoid`. */
const HARD_SIGMOID = { keras: 'hardSigmoid', tfjs: 'hardSigmoidLegacy' };

function writeActivation(value: unknown, { where, target }: Writing): string {
  if (value === HARD_SIGMOID[target]) return 'hard_sigmoid';
  if (value === HARD_SIGMOID.keras || value === HARD_SIGMOID.tfjs) {
    const [given, other] = target === 'keras' ? ['0.2 x + 0.5', 'x / 6 + 0.5'] : ['x / 6 + 0.5', '0.2 x + 0.5'];
    const advice = target === 'keras' ? 'Save it with format: "tfjs", which has it' : 'Save it as .keras, which has it';
    throw new ValueError(
      `${where} is ${show(value)}, ${given}, expected another activation: the hard sigmoid there is ${other}. ${advice}, or ` +
        `train with "${HARD_SIGMOID[target]}" or "sigmoid".`,
    );
  }
  return value as string;
}

/** The activation of a recurrent layer. */
export const activation: Value = {
  read: (field, origin) => readActivation(field, origin, ACTIVATIONS),
  write: writeActivation,
};

/** The activation of other layers, which may also be a softmax over the features. */
export const layerActivation: Value = {
  read: (field, origin) => readActivation(field, origin, { ...ACTIVATIONS, softmax: 'softmax' }),
  write: writeActivation,
};

/** An object as Keras 3 writes it, or as TensorFlow.js does, which has no modules. */
export function written(
  { target }: Pick<Writing, 'target'>,
  module: string,
  class_name: string,
  config: object,
): object {
  if (target === 'tfjs') return { class_name, config };
  return { module, class_name, config, registered_name: null };
}

/** A number that Python writes as it is, whole or not, such as a count of steps. */
export const number: Value = { read: (field) => field.number(), write: same };

/** A list of numbers. */
export const numbers: Value = { read: (field) => field.list().map((entry) => entry.number()), write: same };

export const floats: Value = {
  read: numbers.read,
  write: (value) => (value as readonly number[]).map((entry) => new Float(entry)),
};

/** A text that is kept as it is, such as the name of a metric. */
export const text: Value = { read: (field) => field.text(), write: same };

/** The name of an optimizer, a schedule or a loss, which means nothing here. */
export const label: Value = { read: same, write: same };
