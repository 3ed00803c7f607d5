import { experiment } from './experiment.ts';
import { machine } from './machine.ts';
import { tape } from './tape.ts';

/** The work that the page can order, by name. */
export const jobs = {
  experiment,
  machine,
  tape,
};

export type Jobs = typeof jobs;
