export { namesBesideTfjs as namesBeside, readTfjs as read } from './read-layers-model.ts';
export { writeTfjs as write } from './write-layers-model.ts';
