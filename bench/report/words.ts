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

function digits(value: number): string {
  return value >= 99.5 ? Math.round(value).toLocaleString('en') : value.toPrecision(2);
}
