import { experiment } from './experiment.ts';
import { machine } from './machine.ts';

/** The work that the page can order, by name. */
export const jobs = {
  experiment,
  machine,
};

export type Jobs = typeof jobs;
