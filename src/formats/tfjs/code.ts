import type { FormatCode } from '../formats.ts';
import { namesBesideTfjs, readTfjs } from './read-layers-model.ts';
import { writeTfjs } from './write-layers-model.ts';

export const namesBeside: FormatCode['namesBeside'] = namesBesideTfjs;

export const read: FormatCode['read'] = readTfjs;

export const write: FormatCode['write'] = writeTfjs;
