import type { Gpu } from '../../runtime/gpu.ts';
import type { Network } from '../network.ts';
import type { Compiled } from '../training/compile.ts';
import { LayeredProgram } from './layered-program.ts';
import type { Demands, Mode, Program } from './program.ts';
import { ResidentProgram } from './resident-program.ts';

/**
 * How updates are cut into dispatches: `'auto'` takes the fastest way that the model allows, `'layered'` always gives
 * each layer dispatches of its own.
 */
export type Schedule = 'auto' | 'layered';

/**
 * The fastest program that the network, the batch and the device allow.
 *
 * @param demands only the layered schedule knows them
 */
export function createProgram(
  gpu: Gpu,
  network: Network,
  mode: Mode,
  rows: number,
  steps: number,
  compiled: Compiled | undefined,
  schedule: Schedule,
  demands: Demands,
): Program {
  if (compiled && mode !== 'predict' && schedule === 'auto' && !Object.values(demands).some(Boolean)) {
    const resident = ResidentProgram.create(gpu, network, mode, rows, steps, compiled);
    if (resident) return resident;
  }
  return new LayeredProgram(gpu, network, mode, rows, steps, compiled, demands);
}
