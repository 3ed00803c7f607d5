export { readTorch as read, readTorchWeights as readWeights } from './read-state-dict.ts';
export { writeTorch as write } from './write-state-dict.ts';
