import { ValueError } from '../../../runtime/errors.ts';
import { show } from '../../../runtime/options.ts';

/** @throws ValueError unless `value` is a number from 0 to 1 */
export function dropoutRate(where: string, name: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  throw new ValueError(`${where}: ${name} is ${show(value)}, expected a number from 0 to 1.`);
}

/** @throws ValueError unless `value` is a seed or left out */
export function dropoutSeed(where: string, value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new ValueError(`${where}: seed is ${show(value)}, expected a whole number from 0 to 2^32 - 1.`);
}
