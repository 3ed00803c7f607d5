import type { CudnnTimes } from '../contenders/cudnn.ts';
import type { Measured } from '../bench.ts';
import type { Machine } from '../run/machine.ts';
import type { FirstCalls } from '../measure/first-call.ts';
import { isTiming, type Outcome } from '../measure/outcome.ts';

/** All that a run of the bench gives, as results.json holds it. */
export interface Results extends Omit<Measured, 'streams' | 'generation'> {
  /** Absent in results from before there were streams. */
  streams?: Measured['streams'];
  /** Absent in results from before streams could feed themselves. */
  generation?: Measured['generation'];
  /** Only a browser can be started anew for each of them. */
  firstCalls?: FirstCalls;
  /** What gives such results again. */
  command: string;
  machine: Machine;
  /** The browser and its version, or Node. */
  environment: string;
  /** The packages of bench/ and their versions. */
  packages: Record<string, string>;
  /** Where cuDNN was timed, if it was. */
  cudnn?: Pick<CudnnTimes, 'device' | 'torch' | 'cudnn'>;
}

/** 1 if a contender failed or its results differ. */
export function exitCode({
  rows,
  stacks,
  streams,
  generation,
}: Pick<Results, 'rows' | 'stacks' | 'streams' | 'generation'>): 0 | 1 {
  const beside = [...rows, ...(streams?.rows ?? []), ...(generation?.rows ?? [])];
  const outcomes: Outcome<string>[] = [
    ...beside.flatMap((row) => row.outcomes),
    ...stacks.rows.flatMap((row) => row.outcomes),
  ];
  return outcomes.every((outcome) => isTiming(outcome) && outcome.agreement?.agrees !== false) ? 0 : 1;
}
