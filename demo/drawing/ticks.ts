import type { Axis } from './curve-options.ts';

/** An axis that holds some values, with round numbers at some four of its places. */
export function axisFor(values: Iterable<number>): Axis {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  if (!(most > least)) [least, most] = Number.isFinite(least) ? [least - 1, most + 1] : [0, 1];
  const margin = (most - least) * 0.06;
  const range = [least - margin, most + margin] as const;
  return { range, ticks: ticksWithin(range) };
}

/** Round numbers within a range, at most six. */
export function ticksWithin([from, to]: readonly [number, number]): number[] {
  const rough = (to - from) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9))! * power;
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  // Rounded so that 3 steps of 0.1 are 0.3 and not 0.30000000000000004.
  return Array.from({ length: count }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}
