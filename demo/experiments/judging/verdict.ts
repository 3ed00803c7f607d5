import type { Claim, EpochResult, Experiment } from '../experiment.ts';
import { counted } from '../words.ts';

interface Length {
  /** The number of epochs from which on a run counts as full. */
  fullLength: number;
  stopped: boolean;
}

/** How a run is judged. */
export interface Judgement {
  /** `pass` when all its claims hold, `fail` when one does not, `not judged` when it makes none or ended too early for them. */
  word: 'pass' | 'fail' | 'not judged';
  /** The claims that hold, those that do not, or why it is not judged. */
  reason: string;
  /** How far it came, if that was too early to be judged. */
  early?: string;
}

export function judge(
  epochs: readonly EpochResult[],
  claims: readonly Claim[],
  { fullLength, stopped }: Length,
): Judgement {
  const full = epochs.length >= fullLength;
  const due = claims.filter((claim) => full || !claim.fullRunOnly);
  const failed = [...epochs.map(finite), ...due].filter((claim) => !claim.holds);

  if (failed.length > 0)
    return { word: 'fail', reason: failed.map(({ text, found }) => `expected ${text}, found ${found}`).join('; ') };
  if (stopped) {
    const reason = `stopped after ${counted(epochs.length, 'epoch')}`;
    return { word: 'not judged', reason, early: reason };
  }
  if (due.length < claims.length) {
    const later = claims.filter((claim) => !due.includes(claim)).map(({ text }) => text);
    const reason = `${counted(epochs.length, 'epoch')} only; after ${fullLength} it must show ${later.join(', ')}`;
    return { word: 'not judged', reason, early: `${epochs.length} of ${fullLength} epochs` };
  }
  if (claims.length === 0) return { word: 'not judged', reason: 'it depends on the seed whether the task is solved' };
  return { word: 'pass', reason: claims.map(({ text }) => text).join(', ') };
}

/** The verdict for programs: `pass: …`, `fail: …` or `not judged: …`. */
export function verdict({ word, reason }: Judgement): string {
  return `${word}: ${reason}`;
}

/** The verdict for people, as the page and the command say it. */
export function sentence(
  { word, reason, early }: Judgement,
  { finding }: Pick<Experiment, 'finding'>,
  epochs: readonly EpochResult[],
  variant: string | null,
): string {
  if (word === 'fail') return `Not as it must be: ${reason}.`;
  if (early) return `Too early to tell: ${early}.`;
  return finding(epochs, variant);
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
