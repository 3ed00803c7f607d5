import { maxNorm, minMaxNorm, nonNeg, unitNorm, type Constraint, type Regularizer } from '../../../index.ts';
import type { JsonValue } from '../../reading.ts';
import { Float } from './json-text.ts';
import { fieldOf, objectOf, optionalField, snakeCase } from './objects.ts';
import { written, type Value } from './values.ts';

const REGULARIZERS = ['L1', 'L2', 'L1L2', 'l1', 'l2', 'l1_l2', 'WeightRegularizer', 'L1L2Regularizer'];

/** The factor of a penalty that is named without one. */
const FACTOR = 0.01;

/** A penalty l1 · sum of |w| + l2 · sum of w². */
export const regularizer: Value = {
  read(field): Regularizer | undefined {
    if (field.isNull) return undefined;
    if (!field.isObject) {
      const name = field.oneOf(['l1', 'l2', 'l1_l2']);
      return { l1: name === 'l2' ? 0 : FACTOR, l2: name === 'l1' ? 0 : FACTOR };
    }
    const { className, config } = namedObject(field, REGULARIZERS);
    config.onlyKeys(['name', 'l1', 'l2']);
    const factor = (name: string, alone: string) =>
      optionalField(config, name)?.number() ?? (className.toUpperCase() === alone ? FACTOR : 0);
    return { l1: factor('l1', 'L1'), l2: factor('l2', 'L2') };
  },
  write(value, writing) {
    if (value === undefined) return null;
    const { l1, l2 } = value as Regularizer;
    const make = (name: string, config: object) => written(writing, 'keras.regularizers', name, config);
    if (writing.target === 'tfjs' || (l1 === 0) === (l2 === 0))
      return make('L1L2', { l1: new Float(l1), l2: new Float(l2) });
    return l1 === 0 ? make('L2', { l2: new Float(l2) }) : make('L1', { l1: new Float(l1) });
  },
};

const CONSTRAINTS = ['MaxNorm', 'NonNeg', 'UnitNorm', 'MinMaxNorm'];

/** A projection of a weight after each step. */
export const constraint: Value = {
  read(field): Constraint | undefined {
    if (field.isNull) return undefined;
    const { className, config } = namedObject(field, CONSTRAINTS);
    config.onlyKeys(['name', 'max_value', 'maxValue', 'min_value', 'minValue', 'm', 'low', 'high', 'rate', 'axis']);
    optionalField(config, 'axis')?.oneOf([0], 'Norms are those of columns.');
    const kind = snakeCase(className).replaceAll('_', '');
    if (kind === 'nonneg') return nonNeg();
    if (kind === 'unitnorm') return unitNorm();
    const number = (...names: string[]) =>
      names.map((name) => optionalField(config, name)?.number()).find((n) => n !== undefined);
    if (kind === 'maxnorm') return maxNorm(number('max_value', 'm'));
    const [lowest, largest, rate] = [number('min_value', 'low'), number('max_value', 'high'), number('rate')];
    return minMaxNorm({ lowest, largest, rate });
  },
  write(value, writing) {
    if (value === undefined) return null;
    const given = value as Constraint;
    const make = (name: string, config: object) => written(writing, 'keras.constraints', name, config);
    if (given.kind === 'nonNeg') return make('NonNeg', {});
    const { lowest, largest, rate } = given;
    if (rate === 1 && lowest === 0) return make('MaxNorm', { max_value: new Float(largest), axis: 0 });
    if (rate === 1 && lowest === 1 && largest === 1) return make('UnitNorm', { axis: 0 });
    const numbers = { min_value: new Float(lowest), max_value: new Float(largest), rate: new Float(rate) };
    return make('MinMaxNorm', { ...numbers, axis: 0 });
  },
};

/** Reads an object of a class; Keras 1 wrote its name among its options. */
function namedObject(field: JsonValue, known: readonly string[]): { className: string; config: JsonValue } {
  const isKeras1 = !field.has('class_name') && !field.has('className');
  const object = isKeras1 ? { className: fieldOf(field, 'name').text(), config: field } : objectOf(field);
  const plain = (name: string) => name.toLowerCase().replaceAll('_', '');
  if (known.some((name) => plain(name) === plain(object.className))) return object;
  return fieldOf(field, isKeras1 ? 'name' : 'class_name').fail(`one of ${known.join(', ')}`);
}
