export { type Listener, runExperiment } from './run-experiment.ts';
export { runs } from './runs.ts';
