import { availableParallelism, cpus } from 'node:os';
import { today } from '../measure/today.ts';

/** What the figures were measured on; ratios travel between machines, times do not. */
export interface Machine {
  processor: string;
  cores: number;
  /** When it was measured. */
  date: string;
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() || 'unknown processor',
    cores: availableParallelism(),
    date: today(),
  };
}
