import type { Gpu } from '../../runtime/gpu.ts';
import type { Network } from '../network.ts';
import type { Compiled } from '../training/compile.ts';
import { LayeredProgram } from './layered-program.ts';
import type { Mode, Program } from './program.ts';
import { ResidentProgram } from './resident-program.ts';

/**
 * How updates are cut into dispatches: `'auto'` takes the fastest way that the model allows, `'layered'` always gives
 * each layer dispatches of its own.
 */
export type Schedule = 'auto' | 'layered';

/**
 * The fastest program that the network, the batch and the device allow.
 *
 * @param isWindowed the batches are stretches of longer samples, which only the layered schedule can gather
 * @param isWeighted the samples have weights, which only the layered schedule knows
 */
export function createProgram(
  gpu: Gpu,
  network: Network,
  mode: Mode,
  rows: number,
  steps: number,
  compiled: Compiled | undefined,
  schedule: Schedule,
  isWindowed: boolean,
  isWeighted: boolean,
): Program {
  if (compiled && mode !== 'predict' && schedule === 'auto' && !isWindowed && !isWeighted) {
    const resident = ResidentProgram.create(gpu, network, mode, rows, steps, compiled);
    if (resident) return resident;
  }
  return new LayeredProgram(gpu, network, mode, rows, steps, compiled, isWeighted);
}
