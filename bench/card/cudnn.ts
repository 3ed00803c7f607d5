import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CudnnTimes } from '../contenders/cudnn.ts';
import type { PartSettings } from './process.ts';
import { report } from './process.ts';
import { worksToDo } from './works.ts';

const HAS_CUDA =
  'import sys, torch; sys.exit(0 if torch.cuda.is_available() else "PyTorch is here, but finds no CUDA")';

/** Times the works with cuDNN; where it is not there, says why. A work a process, so that those done are kept. */
export async function cudnn({ quick }: PartSettings): Promise<void> {
  const asked = spawnSync('python3', ['-c', HAS_CUDA], { encoding: 'utf8' });
  if (asked.status !== 0) {
    const why = asked.error?.message ?? asked.stderr.trim().split('\n').at(-1);
    report({ what: 'not here', why });
    return;
  }
  const script = fileURLToPath(new URL('./cudnn.py', import.meta.url));
  const samples = quick ? '3' : '9';
  for (const work of worksToDo({ quick })) {
    const { status, stdout, stderr } = spawnSync('python3', [script, '-', '--samples', samples], {
      encoding: 'utf8',
      input: JSON.stringify([work]),
    });
    const times = status === 0 ? (JSON.parse(stdout) as CudnnTimes) : undefined;
    report({ what: 'work', work: work.id, ...(times ?? { failure: stderr.trim().slice(-500) }) });
  }
}
