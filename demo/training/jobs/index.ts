import { clock } from './clock.ts';
import { experiment } from './experiment.ts';
import type { labJobs } from './lab.ts';
import { raceOrders } from './race.ts';
import { seeds } from './seeds.ts';
import { tape } from './tape.ts';
import { trainOnWindows } from './window.ts';

/** How to get the work that the story and the voice can order, by name. That of the voice is loaded with its first order. */
export const jobs = {
  tape: async () => tape,
  window: async () => trainOnWindows,
  race: async () => raceOrders,
  experiment: async () => experiment,
  seeds: async () => seeds,
  clock: async () => clock,
  voice: async () => (await import('./voice.ts')).voice,
};

type All = typeof jobs & typeof labJobs;

/** The work of all pages. */
export type Jobs = { [Name in keyof All]: Awaited<ReturnType<All[Name]>> };
