import { ValueError } from '../../index.ts';
import { show, showAll } from '../reading.ts';

/** A field in Python's syntax, with the formats that numbers have there: `{epoch:02d}`, `{valLoss:.2f}`, `{loss}`. */
const FIELD = /\{([A-Za-z]\w*)(?::(0?)(\d{0,2})(?:\.(\d{1,2}))?([df])?)?\}/g;

/** @throws ValueError unless it is a text whose braces are all those of fields */
export function checkPattern(where: string, pattern: string): void {
  if (!/[{}]/.test(pattern.replace(FIELD, ''))) return;
  throw new ValueError(
    `${where}: the path ${show(pattern)} has braces that are no field, expected e.g. "{epoch:02d}-{valLoss:.2f}.keras".`,
  );
}

/**
 * Fills the fields of a path with numbers. Names may be written as Keras does, `val_loss`.
 *
 * @throws ValueError if there is no such number, or it is not whole and its format is `d`
 */
export function fillPattern(where: string, pattern: string, numbers: Readonly<Record<string, number>>): string {
  return pattern.replace(FIELD, (field, name: string, zero: string, width: string, digits?: string, kind?: string) => {
    const own = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = numbers[Object.hasOwn(numbers, name) ? name : own];
    if (value === undefined) {
      throw new ValueError(
        `${where}: the path ${show(pattern)} has ${field}, expected one of ${showAll(Object.keys(numbers))}.`,
      );
    }
    if (kind === 'd' && !Number.isInteger(value)) {
      throw new ValueError(
        `${where}: the path ${show(pattern)} has ${field}, but that is ${value}. Use {${name}:.2f} instead.`,
      );
    }
    const text = digits === undefined && kind !== 'f' ? String(value) : value.toFixed(Number(digits ?? 6));
    return text.padStart(Number(width), zero || ' ');
  });
}
