/**
 * A number that Python is to read as a float. Keras refuses the whole number 0 as the momentum of SGD, for example, and
 * JavaScript writes 0.0 as 0.
 */
export class Float {
  constructor(readonly value: number) {}

  toJSON(): number {
    return this.value;
  }
}

/** The JSON text of a configuration, as Keras writes it: floats have a decimal point. */
export function jsonText(value: unknown): string {
  if (value instanceof Float) return Number.isInteger(value.value) ? value.value.toFixed(1) : String(value.value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}: ${jsonText(field)}`).join(', ')}}`;
}
