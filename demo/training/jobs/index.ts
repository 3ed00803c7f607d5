import { clock } from './clock.ts';
import { experiment } from './experiment.ts';
import { raceOrders } from './race.ts';
import { seeds } from './seeds.ts';
import { tape } from './tape.ts';
import { trainOnWindows } from './window.ts';

const lab = () => import('./lab.ts');

/** How to get the work that a page can order, by name. The work of the lab and of the voice is loaded with its first order. */
export const jobs = {
  tape: async () => tape,
  window: async () => trainOnWindows,
  race: async () => raceOrders,
  experiment: async () => experiment,
  seeds: async () => seeds,
  clock: async () => clock,
  forecast: async () => (await lab()).forecast,
  writer: async () => (await lab()).writer,
  machine: async () => (await lab()).machine,
  voice: async () => (await import('./voice.ts')).voice,
};

export type Jobs = { [Name in keyof typeof jobs]: Awaited<ReturnType<(typeof jobs)[Name]>> };
