export { openModel } from './open-model.ts';
export { predictWith, writeModel } from './use-model.ts';
