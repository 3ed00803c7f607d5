import { counted } from '../../experiments/words.ts';
import type { Notation } from '../../page/address.ts';
import type { Axis, Points } from '../../drawing/curve-options.ts';
import type { TableContents } from '../../page/table-twin.ts';
import { axisFor, ticksWithin } from '../../drawing/ticks.ts';
import type { ForecastResult } from '../../training/jobs/forecast.ts';
import type { KnownModel } from '../models.ts';
import { naiveForecast, planForecast, type ForecastPlan, type ForecastSettings } from './plan.ts';
import { SAMPLE_SEASON } from './sample.ts';
import { figure, meanAbsoluteError, verdict } from './verdict.ts';

export const FIRST_SETTINGS: ForecastSettings = {
  memory: 'stateless',
  window: 24,
  units: 16,
  epochs: 20,
  season: SAMPLE_SEASON,
};

export const UNITS = [8, 16, 32];

/** The least and the most of each setting that is typed. */
export const RANGES = {
  window: [2, 500],
  epochs: [1, 500],
  season: [1, 10_000],
} as const;

const isWithin = (name: keyof typeof RANGES, value: number): boolean => {
  const [least, most] = RANGES[name];
  return Number.isInteger(value) && value >= least && value <= most;
};

/** The settings as they stand in the address: `stateful.24.16.20.1`. */
export const settingsNotation: Notation<ForecastSettings> = {
  read(text) {
    const [memory, ...numbers] = text.split('.');
    const [window, units, epochs, season] = numbers.map(Number);
    const isKnown = memory === 'stateless' || memory === 'stateful';
    if (!isKnown || !UNITS.includes(units)) return undefined;
    const areWithin = isWithin('window', window) && isWithin('epochs', epochs) && isWithin('season', season);
    return areWithin ? { memory, window, units, epochs, season } : undefined;
  },
  write: ({ memory, window, units, epochs, season }) => [memory, window, units, epochs, season].join('.'),
};

/** The values that the reader chose, by the name of their column. */
export interface ChosenSeries {
  name: string;
  values: readonly number[];
  /** Lines between the values that had nothing in them, and were left out. */
  emptyLines: number;
}

/** The least and the most of some values. */
const rangeOf = (values: readonly number[]): readonly [number, number] =>
  values.reduce(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);

/** A sentence about how a series is used, or, as an error, why it cannot be. */
export function describe(
  { name, values, emptyLines }: ChosenSeries,
  settings: ForecastSettings,
): { text: string; plan?: ForecastPlan } {
  const plan = planForecast(values.length, settings);
  if (typeof plan === 'string') return { text: plan };
  const [least, most] = rangeOf(values);
  const count = (value: number): string => value.toLocaleString('en');
  const empty =
    emptyLines === 1 ? ' An empty line between them is' : ` ${count(emptyLines)} empty lines between them are`;
  return {
    plan,
    text:
      `${count(values.length)} values in “${name}”, from ${figure(least)} to ${figure(most)}. ` +
      `The network learns from the first ${count(plan.training)}; the last ${count(plan.heldOut)} are held out, and ` +
      'it has to say them one by one.' +
      (emptyLines === 0 ? '' : `${empty} left out, as if no time had passed there.`),
  };
}

/** The chart of a forecast: the held-out values, and the network's and the naive forecast of them. */
export interface ForecastPicture {
  x: Axis;
  y: Axis;
  /** Actual, naive and, if there is one, the network's. */
  curves: Points[];
  table: () => TableContents;
}

export function forecastPicture(
  { values, name }: ChosenSeries,
  plan: ForecastPlan,
  season: number,
  forecast?: readonly number[],
): ForecastPicture {
  const actual = values.slice(plan.training);
  const naive = naiveForecast(values, plan, season);
  const steps = actual.map((_, index) => plan.training + index + 1);
  const range = [steps[0], Math.max(steps[0] + 1, steps[steps.length - 1])] as const;
  return {
    x: { range, ticks: ticksWithin(range).filter(Number.isInteger) },
    y: axisFor([...actual, ...naive]),
    curves: [actual, naive, forecast ?? []].map((y) => ({ x: y.length > 0 ? steps : [], y })),
    table: () => ({
      columns: ['value', name, 'network', 'naive'],
      rows: steps.map((step, index) => [step, actual[index], forecast ? figure(forecast[index]) : '–', naive[index]]),
    }),
  };
}

/** Compares a forecast with the held-out values, and with the naive forecast, in a sentence. */
export function judge(
  values: readonly number[],
  plan: ForecastPlan,
  season: number,
  forecast: readonly number[],
): string {
  const actual = values.slice(plan.training);
  const errors = {
    network: meanAbsoluteError(forecast, actual),
    naive: meanAbsoluteError(naiveForecast(values, plan, season), actual),
  };
  const [least, most] = rangeOf(values.slice(0, plan.training));
  const outside = actual.filter((value) => value < least || value > most).length;
  return verdict(errors, plan.heldOut, outside);
}

/** The network of a forecast, as it can become a file. */
export function knownForecast(name: string, { epochs, scale: { mean, deviation } }: ForecastResult): KnownModel {
  const [less, by] = [mean, deviation].map((value) => Number(value.toPrecision(7)));
  return {
    title: `the forecast of “${name}”, after ${counted(epochs, 'epoch')}`,
    note: `Into this network goes each value less ${less}, divided by ${by}; its outputs come back by the reverse.`,
  };
}
