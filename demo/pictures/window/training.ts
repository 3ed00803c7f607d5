import { DEFAULT_SEED } from '../../experiments/data/sequences.ts';
import { JobControl } from '../../page/job-control.ts';
import { runJob } from '../../training/client.ts';
import type { WindowResult } from '../../training/jobs/window.ts';

/**
 * The button that trains a network on windows.
 *
 * @param length tells how many steps a window has now
 * @param onMeasured hears what training at a length came to
 */
export function trainingControl(
  length: () => number,
  onMeasured: (steps: number, result: WindowResult) => void,
): JobControl<'train'> {
  return new JobControl({ train: 'Train at this length' }, async ({ signal, tell }) => {
    const steps = length();
    const result = await runJob(
      'window',
      { seed: DEFAULT_SEED, length: steps },
      {
        signal,
        hear: ({ fraction, epoch, epochs, compiling }) =>
          tell({ part: `Windows of ${steps}`, doing: `epoch ${epoch + 1} of ${epochs}`, fraction, compiling }),
      },
    );
    onMeasured(steps, result);
  });
}
