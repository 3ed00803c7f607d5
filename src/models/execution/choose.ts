import { ValueError } from '../../runtime/errors.ts';
import type { Gpu } from '../../runtime/gpu.ts';
import type { StateName } from '../network/layers/layer.ts';
import type { Network } from '../network/network.ts';
import { isState, type ChannelName } from './channels.ts';
import { LayeredProgram } from './layered/layered-program.ts';
import { layeredTraining } from './layered/layered-training.ts';
import type { Program, ProgramKey } from './program.ts';
import type { Schedule } from './schedule.ts';
import { whyNotResident } from './resident/resident-model.ts';
import { ResidentProgram } from './resident/resident-program.ts';

/**
 * Records the program for a network, a batch and a device: resident if that is possible, since it was faster wherever it was
 * measured, otherwise layer by layer. Nothing is allocated on the device yet, since the tuning tasks are known without.
 *
 * @throws ValueError if the schedule is resident, and the model, or what is asked of it, does not allow that
 */
export function createProgram(gpu: Gpu, network: Network, key: ProgramKey, schedule: Schedule): Program {
  const { where, mode, rows, steps, compiled } = key;
  if (!compiled || mode === 'predict') return new LayeredProgram(gpu, network, key, { schedule });
  const spec = { gpu, network, mode, rows, steps, compiled };
  const unsupportedReason = unsupportedInSamples(key) ?? whyNotResident(spec);
  const reason = unsupportedReason ?? (schedule === 'resident' ? undefined : whyNotWorthCompiling(gpu, network));
  if (reason === undefined && (schedule === 'auto' || schedule === 'resident')) return new ResidentProgram(spec);
  if (schedule === 'resident') {
    throw new ValueError(
      `${where}: schedule "resident", which was given to sequential, does not fit this call, since it cannot run within one ` +
        `workgroup: ${unsupportedReason}. Leave schedule out.`,
    );
  }
  return new LayeredProgram(gpu, network, key, { schedule, unsupportedReason: reason, training: layeredTraining });
}

/**
 * Why the resident schedule, whose kernel is compiled for each number of time steps, would cost more than it saves. SwiftShader
 * compiles it in 1 to 10 s.
 */
function whyNotWorthCompiling(gpu: Gpu, { inputShape }: Network): string | undefined {
  if (!gpu.isSoftware || inputShape[0] !== null) return undefined;
  return 'inputShape leaves the number of timesteps open, and each would compile a kernel for seconds on a software adapter';
}

/** Why samples with these channels cannot be trained on within one workgroup. */
const UNSUPPORTED_CHANNELS: Record<Exclude<ChannelName, 'x' | 'y' | StateName>, string> = {
  weights: 'samples have weights',
  mask: 'samples have lengths',
  resets: 'states are reset within samples',
};

/** Why samples cannot be trained on within one workgroup; `undefined` if they can. */
function unsupportedInSamples({ isWindowed, channels }: ProgramKey): string | undefined {
  if (isWindowed) return 'sequences are truncated';
  const names = Object.keys(UNSUPPORTED_CHANNELS) as (keyof typeof UNSUPPORTED_CHANNELS)[];
  const name = names.find((other) => channels.includes(other));
  if (name) return UNSUPPORTED_CHANNELS[name];
  return channels.some(isState) ? 'samples bring initial states' : undefined;
}
