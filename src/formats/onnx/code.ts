import type { FormatCode } from '../formats.ts';
import { readOnnx } from './read-graph.ts';
import { writeOnnx } from './write-graph.ts';

export const read: FormatCode['read'] = readOnnx;

export const write: FormatCode['write'] = async (where, contents, name) => {
  return new Map([[name, await writeOnnx(where, contents)]]);
};
