import { availableParallelism, cpus } from 'node:os';

/** What the figures were measured on; ratios travel between machines, times do not. */
export interface Machine {
  processor: string;
  cores: number;
  /** Year, month and day of the measurement. */
  date: string;
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model.trim() || 'unknown processor',
    cores: availableParallelism(),
    date: new Date().toISOString().slice(0, 10),
  };
}
