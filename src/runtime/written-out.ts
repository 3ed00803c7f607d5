import type { Constants } from './kernel.ts';

const OVERRIDE = /^override (\w+)(: \w+)?/gm;
const LOOP = /for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{ \/\/ written out\n/g;

/**
 * A kernel's WGSL for these constants alone: `override` becomes `const`, and a loop that ends its first line with
 * `// written out` becomes its body so many times, its counter a constant in each. So indices are known to compilers that
 * do not unroll loops themselves, and private arrays stay in registers. Lines keep their numbers.
 */
export function writtenOut(source: string, constants: Constants): string {
  const values = new Map<string, number>(Object.entries(constants));
  let text = source.replace(OVERRIDE, (_, name: string, type = '') => {
    const value = values.get(name);
    return value === undefined ? `const ${name}${type}` : `const ${name}${type} = ${value}`;
  });
  // The last one has no other inside.
  for (let loop = lastLoop(text); loop; loop = lastLoop(text)) {
    const [head, counter, bound] = loop;
    const start = loop.index + head.length;
    const end = closingBrace(text, start);
    const body = text.slice(start, end);
    const copies = Array.from({ length: countOf(bound, values) }, (_, n) => {
      return `{ const ${counter} = ${n}u; ${n === 0 ? `\n${body}` : onOneLine(body)} }`;
    });
    text = text.slice(0, loop.index) + copies.join(' ') + text.slice(end + 1);
  }
  return text;
}

function lastLoop(text: string): RegExpExecArray | undefined {
  return [...text.matchAll(LOOP)].at(-1);
}

function countOf(bound: string, values: ReadonlyMap<string, number>): number {
  const count = values.get(bound) ?? Number(bound);
  if (!Number.isNaN(count)) return count;
  throw new Error(`${bound} counts a loop that is written out; it has to be a number or one of the kernel's constants`);
}

function onOneLine(body: string): string {
  return body.replace(/\/\/.*$/gm, '').replace(/\s+/g, ' ');
}

/** Where the block ends in which `from` is. */
function closingBrace(text: string, from: number): number {
  for (let at = from, depth = 1; ; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at;
  }
}
