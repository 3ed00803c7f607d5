import { runJob, Stopped } from '../../../training/client.ts';
import { runId } from '../data.ts';
import type { Recording } from './recording.ts';
import type { Source } from './source.ts';
import { effort } from '../words.ts';

/**
 * Experiments that train in this browser.
 *
 * @param recording tells how long each took when it was recorded, and so how much of all the work it is
 */
export function live(recording: Recording): Source {
  return {
    verbs: { one: 'Run', all: 'Run all' },
    isRecorded: false,
    costOf({ experiment: { id }, variant, epochs }) {
      const recorded = recording.results.get(runId({ id, variant: variant.id }));
      if (!recorded) return 1;
      const { seconds, epochs: trained } = recorded;
      return trained.length === 0 ? seconds : (seconds * epochs) / trained.length;
    },
    remark: effort,
    async start({ experiment: { id }, variant, epochs }, seed, listener) {
      try {
        return await runJob('experiment', { id, variant: variant.id, seed, epochs }, listener);
      } catch (error) {
        if (error instanceof Stopped) return undefined;
        throw error;
      }
    },
  };
}
