import { clock } from './clock.ts';
import { experiment } from './experiment.ts';
import { forecast } from './forecast.ts';
import { machine } from './machine.ts';
import { raceOrders } from './race.ts';
import { seeds } from './seeds.ts';
import { tape } from './tape.ts';
import { trainOnWindows } from './window.ts';
import { writer } from './writer.ts';

/** The work that the page can order, by name. */
export const jobs = {
  tape,
  window: trainOnWindows,
  race: raceOrders,
  experiment,
  seeds,
  clock,
  forecast,
  writer,
  machine,
};

export type Jobs = typeof jobs;
