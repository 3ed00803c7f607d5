export { forecast } from './forecast.ts';
export { machine } from './machine.ts';
export { writer } from './writer.ts';
