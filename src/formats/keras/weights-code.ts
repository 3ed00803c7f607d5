export { readWeightsFile as readWeights, writeWeightsFile as write } from './weights-file.ts';
