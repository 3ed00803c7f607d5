import type { FormatCode } from '../formats.ts';
import { readTorch, readTorchWeights } from './read-state-dict.ts';
import { writeTorch } from './write-state-dict.ts';

export const read: FormatCode['read'] = readTorch;

export const readWeights: FormatCode['readWeights'] = readTorchWeights;

export const write: FormatCode['write'] = writeTorch;
