import { forecast } from './forecast.ts';
import { machine } from './machine.ts';
import { writer } from './writer.ts';

const files = () => import('./files.ts');

/** How to get the work that the lab can order, by name. The code for streams and for files is loaded with its first order. */
export const labJobs = {
  forecast: async () => forecast,
  writer: async () => writer,
  machine: async () => machine,
  streams: async () => (await import('./streams.ts')).streams,
  openModel: async () => (await files()).openModel,
  predictWith: async () => (await files()).predictWith,
  writeModel: async () => (await files()).writeModel,
};
