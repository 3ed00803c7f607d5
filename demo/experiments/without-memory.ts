import { atLeast, atMost, below, equals, inTheEnd } from './claims.ts';
import type { Claim, EpochResult } from './experiment.ts';
import { figure } from './words.ts';

interface Best {
  loss: number;
  accuracy: number;
}

/**
 * How well a network without memory can do at best when each sequence is cut into `pieces`, of which only the first shows
 * the element that decides.
 *
 * Half of the sequences have target 1, so a share 1/2k of the pieces shows a one and is certain. All the others are zeros
 * and look alike; a share p = (k - 1)/(2k - 1) of them has target 1. To call them all 0 is right for 1/2 + 1/2k of all
 * pieces, and no single answer to them costs less than the entropy of p. Halves that are balanced exactly leave nothing to
 * luck: no network gets beyond.
 */
export function bestWithoutMemory(pieces: number): Best {
  const p = (pieces - 1) / (2 * pieces - 1);
  const entropy = -p * Math.log(p) - (1 - p) * Math.log(1 - p);
  return {
    loss: (1 - 1 / (2 * pieces)) * entropy,
    accuracy: 1 / 2 + 1 / (2 * pieces),
  };
}

/**
 * What training without memory must come to: no epoch beyond the best, for that would mean that something carries over; and
 * in the end all learnt that can be.
 *
 * The one guess for all zeros should be just below 1/2, and all test figures hang on it. Trained on one piece after the
 * other, it sways with the sequences seen last; where they tip it over 1/2, the accuracy is 1/2 and not the best. That is so
 * for about every fifth seed.
 */
export function learnsWithoutMemory(epochs: readonly EpochResult[], best: Best): Claim[] {
  const last = epochs[epochs.length - 1];
  const atBest = Math.abs(last.testAccuracy - best.accuracy) <= ROUNDING;
  return [
    atMost('test accuracy', Math.max(...epochs.map(({ testAccuracy }) => testAccuracy)), best.accuracy, ROUNDING),
    atLeast('test loss', Math.min(...epochs.map(({ testLoss }) => testLoss)), best.loss, ROUNDING),
    inTheEnd(equals('final test accuracy', last.testAccuracy, atBest ? best.accuracy : 1 / 2, ROUNDING)),
    // To guess without having learnt anything costs ln 2.
    inTheEnd(below('final train loss', last.loss, Math.LN2)),
  ];
}

/** What a run for which these claims hold came to, in a sentence. */
export function findingWithoutMemory(epochs: readonly EpochResult[], best: Best): string {
  const { testAccuracy } = epochs[epochs.length - 1];
  return testAccuracy >= best.accuracy - ROUNDING
    ? `${figure(testAccuracy)}: as good as any network can be here.`
    : `${figure(testAccuracy)}: it guesses 1 for all zeros, by a hair. The best that any network can reach is ${figure(best.accuracy)}.`;
}

/** The figures are means of float32 numbers. */
export const ROUNDING = 1e-5;
