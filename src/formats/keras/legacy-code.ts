export { readLegacy as read, writeLegacy as write } from './legacy-file.ts';
