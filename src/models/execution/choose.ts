import { ValueError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { Network } from '../network/network.ts';
import type { Compiled } from './compiled.ts';
import { LayeredProgram } from './layered/layered-program.ts';
import type { Demands, Mode, Program, Schedule } from './program.ts';
import { whyNotResident } from './resident/resident-model.ts';
import { ResidentProgram } from './resident/resident-program.ts';

/**
 * The program for a network, a batch and a device: resident where that is possible, which has won wherever it was
 * measured, otherwise layer by layer. It has no memory yet: what needs tuning is known without.
 *
 * @throws ValueError if the schedule is resident, and the model, or what is asked of it, does not allow that
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
  if (!compiled || mode === 'predict') {
    return new LayeredProgram(gpu, network, mode, rows, steps, undefined, demands, { schedule });
  }
  const question = { gpu, network, mode, rows, steps, compiled };
  const unsupportedReason = unsupportedInDemands(demands) ?? whyNotResident(question);
  if (unsupportedReason === undefined && (schedule === 'auto' || schedule === 'resident')) {
    return new ResidentProgram(question);
  }
  if (schedule === 'resident') {
    throw new ValueError(
      `sequential: schedule is "resident", but this cannot run within one workgroup: ${unsupportedReason}. Leave schedule out.`,
    );
  }
  return new LayeredProgram(gpu, network, mode, rows, steps, compiled, demands, { schedule, unsupportedReason });
}

/** What only layers on their own can do. */
function unsupportedInDemands({
  isWindowed,
  isWeighted,
  isMasked,
  isReset,
  initialStates,
}: Demands): string | undefined {
  if (isWindowed) return 'sequences are truncated';
  if (isWeighted) return 'samples have weights';
  if (isMasked) return 'samples have lengths';
  if (isReset) return 'states are reset within samples';
  return initialStates && 'samples bring initial states';
}
