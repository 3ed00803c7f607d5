import type { Result } from './experiment.ts';

/** 0.6606; 2.3e-7 where four decimals would hide the number. */
export function figure(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1) : value.toFixed(4);
}

/** `1 epoch` or `15 epochs`: so many things that a noun names. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** 2,100 h, 1:05 min, 42 s, or 0.4 s where whole seconds are too coarse. */
export function time(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole >= 10 * 3600) return `${Math.round(whole / 3600).toLocaleString('en')} h`;
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')} min`;
}

/** Updates a second; nothing where there were none. */
export function speed({ updates, seconds }: Pick<Result, 'updates' | 'seconds'>): string {
  return updates === 0 ? '' : `${Math.round(updates / seconds).toLocaleString('en')} updates/s`;
}

/** `pass`, `fail` or `not judged`. */
export function verdictWord({ verdict }: Pick<Result, 'verdict'>): string {
  return verdict.slice(0, verdict.indexOf(':'));
}
