import { readFileSync } from 'node:fs';
import { JsonValue } from '../../src/formats/reading.ts';

/** An object that stands as JSON in a file, uncompressed, from a text that it begins with, such as `{"class_name"`. */
export function jsonInFile(name: string, start: string): JsonValue {
  const text = readFileSync(new URL(`files/${name}`, import.meta.url), 'latin1');
  const first = text.indexOf(start);
  let depth = 0;
  let end = first;
  // No text in these files has a brace.
  do {
    depth += Number(text[end] === '{') - Number(text[end] === '}');
    end++;
  } while (depth > 0);
  return new JsonValue(`loadModel: ${name}`, '', JSON.parse(text.slice(first, end)));
}
