export { type RunOptions, runExperiment } from './run-experiment.ts';
export { runs } from './runs.ts';
