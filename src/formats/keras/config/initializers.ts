import type { InitializerOption, Random, Shape } from '../../../index.ts';
import type { JsonValue } from '../../reading.ts';
import { elementsOf } from '../../shape.ts';
import { Float } from './json-text.ts';
import { fieldOf, objectOf, optionalField, snakeCase } from './objects.ts';
import { written, type Value, type Writing } from './values.ts';

type Make = (shape: Shape, random: Random) => Float32Array;

/** An initializer that this library has no name for. It carries its class of Keras, so that it can be written again. */
type KerasInitializer = Make & { readonly keras: { className: string; config: Readonly<Record<string, unknown>> } };

/** A class of Keras, by all names it has had, with the names of its numbers and their defaults. */
interface Class {
  readonly className: string;
  readonly names: readonly string[];
  readonly numbers: Readonly<Record<string, number>>;
  /** The initializer here: a name of this library, a constant, or a function. */
  readonly make: (numbers: Readonly<Record<string, number>>) => InitializerOption;
}

const draw = (shape: Shape, next: () => number): Float32Array => {
  const values = new Float32Array(elementsOf(shape));
  for (let index = 0; index < values.length; index++) values[index] = next();
  return values;
};

function truncatedNormal(random: Random): number {
  for (;;) {
    const value = random.normal();
    if (Math.abs(value) <= 2) return value;
  }
}

/** The classes whose numbers do not depend on the shape of a weight. */
const CLASSES: readonly Class[] = [
  { className: 'Zeros', names: ['zeros', 'zero'], numbers: {}, make: () => 'zeros' },
  { className: 'Ones', names: ['ones', 'one'], numbers: {}, make: () => 'ones' },
  { className: 'Constant', names: ['constant'], numbers: { value: 0 }, make: ({ value }) => ({ constant: value }) },
  {
    className: 'RandomUniform',
    names: ['random_uniform', 'uniform'],
    numbers: { minval: -0.05, maxval: 0.05 },
    make:
      ({ minval, maxval }) =>
      (shape, random) =>
        draw(shape, () => minval + (maxval - minval) * random.uniform()),
  },
  {
    className: 'RandomNormal',
    names: ['random_normal', 'normal'],
    numbers: { mean: 0, stddev: 0.05 },
    make:
      ({ mean, stddev }) =>
      (shape, random) =>
        draw(shape, () => mean + stddev * random.normal()),
  },
  {
    className: 'TruncatedNormal',
    names: ['truncated_normal'],
    numbers: { mean: 0, stddev: 0.05 },
    make:
      ({ mean, stddev }) =>
      (shape, random) =>
        draw(shape, () => mean + stddev * truncatedNormal(random)),
  },
  {
    className: 'Identity',
    names: ['identity'],
    numbers: { gain: 1 },
    make:
      ({ gain }) =>
      ([rows, columns = rows]) => {
        let index = 0;
        return draw([rows, columns], () => (Math.floor(index / columns) === index++ % columns ? gain : 0));
      },
  },
];

/** The initializers with a name here, as Keras' variance scaling and as classes of their own. */
const SCALED = [
  { own: 'glorotUniform', scale: 1, mode: 'fan_avg', isUniform: true },
  { own: 'glorotNormal', scale: 1, mode: 'fan_avg', isUniform: false },
  { own: 'heUniform', scale: 2, mode: 'fan_in', isUniform: true },
  { own: 'heNormal', scale: 2, mode: 'fan_in', isUniform: false },
  { own: 'lecunUniform', scale: 1, mode: 'fan_in', isUniform: true },
  { own: 'lecunNormal', scale: 1, mode: 'fan_in', isUniform: false },
] as const;

/**
 * An initializer: a name, `{ constant }`, or a function for those that this library has no name for. Seeds are taken and not
 * kept, since both programs draw different numbers from the same seed.
 *
 * @param standard the layer's default, which stands for a function of a user's own in a file
 */
export const initializer = (standard: string): Value => ({
  read(field): InitializerOption {
    if (!field.isObject) return byName(field, field.text());
    const { className, config } = objectOf(field);
    if (className === 'VarianceScaling') return varianceScaling(config);
    return byName(fieldOf(field, 'class_name'), className, config);
  },
  write(value, writing) {
    if (typeof value === 'function') {
      const { keras } = value as Partial<KerasInitializer>;
      if (keras) return writtenClass(writing, keras.className, keras.config);
    }
    return writeNamed(typeof value === 'function' ? standard : value, writing);
  },
});

/** The initializer of an embedding, whose default has no name here. */
export const uniformInitializer: Value = {
  read(field, origin) {
    const value = initializer('uniform').read(field, origin);
    const { className, config } = (value as Partial<KerasInitializer>).keras ?? {};
    const standard = { seed: null, minval: -0.05, maxval: 0.05 };
    return className === 'RandomUniform' && JSON.stringify(config) === JSON.stringify(standard) ? 'uniform' : value;
  },
  write: initializer('uniform').write,
};

const writtenClass = (writing: Writing, className: string, config: object) =>
  written(writing, 'keras.initializers', className, config);

function writeNamed(value: unknown, writing: Writing): object {
  if (typeof value === 'object')
    return writtenClass(writing, 'Constant', { value: new Float((value as { constant: number }).constant) });
  if (value === 'orthogonal') return writtenClass(writing, 'Orthogonal', { seed: null, gain: new Float(1) });
  if (value === 'uniform') {
    return writtenClass(writing, 'RandomUniform', { seed: null, minval: new Float(-0.05), maxval: new Float(0.05) });
  }
  const name = value as string;
  const className = name[0].toUpperCase() + name.slice(1);
  const scaled = SCALED.find(({ own }) => own === name);
  if (!scaled) return writtenClass(writing, className, {});
  // In Keras 3.15 Glorot's initializers can be told which axes to count; null is all but the last and the last.
  const axes = writing.target === 'keras' ? { input_axes: null, output_axes: null } : {};
  return writtenClass(writing, className, { seed: null, ...axes });
}

/** Finds a class by its name, or by that of the function which makes it. */
function byName(field: JsonValue, given: string, config?: JsonValue): InitializerOption {
  const name = snakeCase(given);
  const scaled = SCALED.find(({ own }) => snakeCase(own) === name);
  if (scaled) {
    config?.onlyKeys(['seed', 'dtype', 'input_axes', 'output_axes', 'scale', 'mode', 'distribution']);
    for (const axes of ['input_axes', 'output_axes']) if (config) optionalField(config, axes)?.oneOf([null]);
    return scaled.own;
  }
  if (name === 'orthogonal') return orthogonal(config);
  const known = CLASSES.find(({ className, names }) => names.includes(name) || className === given);
  if (!known) {
    const all = [...CLASSES, ...SCALED.map(({ own }) => ({ className: own[0].toUpperCase() + own.slice(1) }))];
    return field.fail(`one of ${all.map(({ className }) => className).join(', ')}, Orthogonal, VarianceScaling`);
  }
  config?.onlyKeys(['seed', 'dtype', ...Object.keys(known.numbers)]);
  const numbers = Object.fromEntries(
    Object.entries(known.numbers).map(([key, value]) => [
      key,
      (config && optionalField(config, key)?.number()) ?? value,
    ]),
  );
  const made = known.make(numbers);
  return typeof made === 'function' ? withClass(made as Make, known.className, numbers, config) : made;
}

function withClass(make: Make, className: string, numbers: object, config?: JsonValue): KerasInitializer {
  const seed = config && optionalField(config, 'seed')?.value;
  const floats = Object.entries(numbers).map(([key, value]) => [key, new Float(value as number)]);
  const seeded = className === 'Identity' ? {} : { seed: seed ?? null };
  return Object.assign(make, { keras: { className, config: { ...seeded, ...Object.fromEntries(floats) } } });
}

function orthogonal(config?: JsonValue): InitializerOption {
  config?.onlyKeys(['seed', 'dtype', 'gain']);
  if (config)
    optionalField(config, 'gain')?.oneOf([1], 'Initial weights can be scaled with a function as initializer.');
  return 'orthogonal';
}

/** Numbers whose variance depends on the shape, as older versions wrote those of Glorot, He and LeCun. */
function varianceScaling(config: JsonValue): InitializerOption {
  config.onlyKeys(['seed', 'dtype', 'scale', 'mode', 'distribution']);
  const scale = optionalField(config, 'scale')?.number() ?? 1;
  const text = (name: string, standard: string) => snakeCase(optionalField(config, name)?.text() ?? standard);
  const [mode, distribution] = [text('mode', 'fan_in'), text('distribution', 'truncated_normal')];
  if (!['uniform', 'normal', 'truncated_normal'].includes(distribution)) {
    fieldOf(config, 'distribution').fail('uniform, normal or truncated_normal');
  }
  const known = SCALED.find(
    (each) => each.scale === scale && each.mode === mode && each.isUniform === (distribution === 'uniform'),
  );
  if (known) return known.own;
  return fieldOf(config, 'scale').fail(
    `1 with the mode fan_avg, or 1 or 2 with fan_in, not ${mode}`,
    'Those are the initializers of Glorot, LeCun and He.',
  );
}
