import { type Best, fractionOf } from './best-without-memory.ts';
import { atLeast, atMost, below, equals, inTheEnd } from './claims.ts';
import type { Claim, EpochResult, Figures } from '../experiment.ts';
import { figure } from '../words.ts';

/**
 * Claims of training without memory: no epoch beyond the best, for that would mean that something carries over; and
 * in the end all learnt that can be.
 *
 * The one guess for all zeros should be just below 1/2, and all test figures hang on it. Trained on one piece after the
 * other, it sways with the sequences seen last; where they tip it over 1/2, the accuracy is 1/2 and not the best. That is so
 * for about every fifth seed.
 */
export function learnsWithoutMemory(epochs: readonly EpochResult[], best: Pick<Best, 'loss' | 'accuracy'>): Claim[] {
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

/** The best figures, beyond which no network without memory gets on the test half. */
export function boundWithoutMemory(best: Best): Figures {
  return {
    text: `test accuracy ≤ ${fractionOf(best)}, test loss ≥ ${best.loss.toFixed(6)}`,
    testLoss: best.loss,
    testAccuracy: best.accuracy,
  };
}

/** Says what a run came to for which these claims hold. */
export function findingWithoutMemory(epochs: readonly EpochResult[], best: Pick<Best, 'accuracy'>): string {
  const { testAccuracy } = epochs[epochs.length - 1];
  return testAccuracy >= best.accuracy - ROUNDING
    ? `${figure(testAccuracy)}: as good as any network can be here.`
    : `${figure(testAccuracy)}: it guesses 1 for all zeros, by a hair. The best that any network can reach is ` +
        `${figure(best.accuracy)}.`;
}

/** The figures are means of float32 numbers. */
export const ROUNDING = 1e-5;
