import type { Claim, EpochResult } from './experiment.ts';

interface Length {
  /** The number of epochs from which on a run counts as full. */
  fullLength: number;
  stopped: boolean;
}

/**
 * Judges a run: `pass: …` when all its claims hold, `fail: …` when one does not, and `not judged: …` when it makes none or
 * ended too early for them.
 */
export function verdict(
  epochs: readonly EpochResult[],
  claims: readonly Claim[],
  { fullLength, stopped }: Length,
): string {
  const full = epochs.length >= fullLength;
  const due = claims.filter((claim) => full || !claim.fullRunOnly);
  const failed = [...epochs.map(finite), ...due].filter((claim) => !claim.holds);

  if (failed.length > 0)
    return `fail: ${failed.map(({ text, found }) => `expected ${text}, found ${found}`).join('; ')}`;
  if (stopped) return `not judged: stopped after ${count(epochs.length)}`;
  if (due.length < claims.length) {
    const later = claims.filter((claim) => !due.includes(claim)).map(({ text }) => text);
    return `not judged: ${count(epochs.length)} only; after ${fullLength} it must show ${later.join(', ')}`;
  }
  if (claims.length === 0) return 'not judged: it depends on the seed whether the task is solved';
  return `pass: ${claims.map(({ text }) => text).join(', ')}`;
}

/** A training that diverged has failed, whatever else is asserted of it. */
function finite(epoch: EpochResult, index: number): Claim {
  const figures = Object.values(epoch) as number[];
  return {
    text: `finite figures in epoch ${index + 1}`,
    found: figures.join(', '),
    holds: figures.every(Number.isFinite),
  };
}

function count(epochs: number): string {
  return epochs === 1 ? '1 epoch' : `${epochs} epochs`;
}
