import type { ScheduleContents } from '../../contents.ts';
import { Float } from './json-text.ts';
import { fieldOf, objectOf } from './objects.ts';
import { noEffect, option, readOptions, REQUIRED, writeOptions, type Option } from './options.ts';
import { flag, float, floats, label, number, numbers, written, type Value } from './values.ts';

/** A schedule of the learning rate: its class in Keras, and the options of both. */
interface ScheduleClass {
  readonly className: string;
  readonly options: readonly Option[];
}

const INITIAL = option('initialLearningRate', float, REQUIRED);
const STEPS = option('decaySteps', number, REQUIRED);
const decay = (name: string): readonly Option[] => [
  INITIAL,
  STEPS,
  option('decayRate', float, REQUIRED),
  option('staircase', flag, false),
  noEffect('name', label, name),
];

/** The rate that a rise leads to, without which there is none. */
const target: Value = {
  read: (field) => (field.isNull ? undefined : field.number()),
  write: (value) => (value === undefined ? null : new Float(value as number)),
};

const SCHEDULES: Readonly<Record<string, ScheduleClass>> = {
  exponentialDecay: { className: 'ExponentialDecay', options: decay('ExponentialDecay') },
  inverseTimeDecay: { className: 'InverseTimeDecay', options: decay('InverseTimeDecay') },
  polynomialDecay: {
    className: 'PolynomialDecay',
    options: [
      INITIAL,
      STEPS,
      option('endLearningRate', float, 1e-4),
      option('power', float, 1),
      option('cycle', flag, false),
      noEffect('name', label, 'PolynomialDecay'),
    ],
  },
  cosineDecay: {
    className: 'CosineDecay',
    options: [
      INITIAL,
      STEPS,
      option('alpha', float, 0),
      noEffect('name', label, 'CosineDecay'),
      option('warmupTarget', target, undefined),
      option('warmupSteps', number, 0),
    ],
  },
  piecewiseConstantDecay: {
    className: 'PiecewiseConstantDecay',
    options: [
      option('boundaries', numbers, REQUIRED),
      option('values', floats, REQUIRED),
      noEffect('name', label, 'PiecewiseConstant'),
    ],
  },
};

/** A learning rate: a number, or a schedule. */
export const learningRate: Value = {
  read(field, origin): number | ScheduleContents {
    if (!field.isObject) return field.number();
    const { className, config } = objectOf(field);
    const known = Object.entries(SCHEDULES).find(([, schedule]) => schedule.className === className);
    if (!known) {
      const names = Object.values(SCHEDULES).map((schedule) => schedule.className);
      return fieldOf(field, 'class_name').fail(`one of ${names.join(', ')}`);
    }
    const [kind, { options }] = known;
    return { kind, options: readOptions(config, options, origin) };
  },
  write(value, writing) {
    if (typeof value === 'number') return new Float(value);
    const { kind, options } = value as ScheduleContents;
    const { className, options: rows } = SCHEDULES[kind];
    return written(writing, 'keras.optimizers.schedules', className, writeOptions(options, rows, writing));
  },
};
