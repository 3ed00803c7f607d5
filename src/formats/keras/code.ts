export { readKeras as read, writeKeras as write } from './keras-file.ts';
