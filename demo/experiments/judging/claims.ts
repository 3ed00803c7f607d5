import type { Claim } from '../experiment.ts';

/** `found` is `wanted`, up to the tolerance. */
export function equals(what: string, found: number, wanted: number, tolerance = 0): Claim {
  const holds = Math.abs(found - wanted) <= tolerance;
  return { text: `${what} ${figure(wanted)}`, found: figure(found), holds };
}

export function below(what: string, found: number, limit: number): Claim {
  return { text: `${what} below ${figure(limit)}`, found: figure(found), holds: found < limit };
}

export function atMost(what: string, found: number, limit: number, tolerance = 0): Claim {
  return { text: `${what} at most ${figure(limit)}`, found: figure(found), holds: found <= limit + tolerance };
}

export function atLeast(what: string, found: number, limit: number, tolerance = 0): Claim {
  return { text: `${what} at least ${figure(limit)}`, found: figure(found), holds: found >= limit - tolerance };
}

/** Something that is so or not so. */
export function fact(text: string, holds: boolean, found = 'otherwise'): Claim {
  return { text, found, holds };
}

/** The same claim, for runs of full length only. */
export function inTheEnd(claim: Claim): Claim {
  return { ...claim, fullRunOnly: true };
}

/** With six digits, 0.5 and 0.500001 differ. */
function figure(value: number): string {
  const rounded = Number(value.toPrecision(6));
  return rounded !== 0 && Math.abs(rounded) < 0.001 ? rounded.toExponential() : String(rounded);
}
