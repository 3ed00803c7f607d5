import { experiment } from './experiment.ts';
import { forecast } from './forecast.ts';
import { machine } from './machine.ts';
import { tape } from './tape.ts';
import { writer } from './writer.ts';

/** The work that the page can order, by name. */
export const jobs = {
  tape,
  experiment,
  forecast,
  writer,
  machine,
};

export type Jobs = typeof jobs;
