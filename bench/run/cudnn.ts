import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../headless/complaint.ts';
import type { CudnnTimes } from '../contenders/cudnn.ts';
import type { Work } from '../works/work.ts';

const script = fileURLToPath(new URL('../cudnn.py', import.meta.url));
const HAS_CUDA = 'import sys, torch; sys.exit(0 if torch.cuda.is_available() else 1)';

/** @throws UsageError if the file is not one of cudnn.py */
export function readCudnn(file: string): CudnnTimes {
  let times: Partial<CudnnTimes>;
  try {
    times = JSON.parse(readFileSync(file, 'utf8')) as Partial<CudnnTimes>;
  } catch (error) {
    throw new UsageError(`--cudnn: ${(error as Error).message}`);
  }
  if (typeof times.works !== 'object' || typeof times.device !== 'string') {
    throw new UsageError(`--cudnn: ${file} was not written by bench/cudnn.py, which gives "device" and "works".`);
  }
  return times as CudnnTimes;
}

/** Times the works with cuDNN, where Python has PyTorch and a CUDA GPU; nothing elsewhere. */
export async function runCudnn(works: readonly Work[], samples: number): Promise<CudnnTimes | undefined> {
  if ((await python(['-c', HAS_CUDA], 'ignore')).status !== 0) return undefined;
  const { status, output } = await python(
    [script, '-', '--samples', String(samples)],
    'inherit',
    JSON.stringify(works),
  );
  return status === 0 ? (JSON.parse(output) as CudnnTimes) : undefined;
}

function python(args: string[], stderr: 'ignore' | 'inherit', input = ''): Promise<{ status: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn('python3', args, { stdio: ['pipe', 'pipe', stderr] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', () => resolve({ status: 1, output }));
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
