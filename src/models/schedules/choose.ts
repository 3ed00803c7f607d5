import type { Gpu } from '../../runtime/gpu.ts';
import type { Network } from '../network.ts';
import type { Compiled } from '../training/compile.ts';
import { LayeredProgram } from './layered-program.ts';
import type { Demands, Mode, Program, Schedule } from './program.ts';
import { ResidentProgram } from './resident-program.ts';

/**
 * The program for a network, a batch and a device: resident where that is possible, which has won wherever it was
 * measured, otherwise layer by layer.
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
    const resident = ResidentProgram.create({ gpu, network, mode, rows, steps, compiled });
    if (resident) return resident;
  }
  return new LayeredProgram(gpu, network, mode, rows, steps, compiled, demands, schedule);
}
