/** 12 ns, 3.4 µs, 56 ms, 7.8 s: two or three digits and a unit. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${digits(milliseconds / 1000)} s`;
  if (milliseconds >= 1) return `${digits(milliseconds)} ms`;
  if (milliseconds >= 0.001) return `${digits(milliseconds * 1000)} µs`;
  return `${digits(milliseconds * 1e6)} ns`;
}

/** 2.1 × or 0.03 ×: how many times as long. */
export function ratio(value: number): string {
  return `${digits(value)} ×`;
}

/** 4.6 GFLOP/s: three digits, a prefix and a unit. */
export function rate(value: number, unit: string): string {
  const [prefix, scale] = PREFIXES.find(([, least]) => value >= least) ?? ['', 1];
  return `${(value / scale).toPrecision(3)} ${prefix}${unit}`;
}

const PREFIXES = [
  ['T', 1e12],
  ['G', 1e9],
  ['M', 1e6],
  ['k', 1e3],
] as const;

/** 512 B, 4.10 kB, 1.30 MB. */
export function bytes(value: number): string {
  return value < 1000 ? `${value} B` : rate(value, 'B');
}

/** 49 % or 0.51 %: two digits. */
export function percent(fraction: number): string {
  return `${digits(100 * fraction)} %`;
}

function digits(value: number): string {
  return value >= 99.5 ? Math.round(value).toLocaleString('en') : value.toPrecision(2);
}
