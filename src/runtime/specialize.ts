import type { Constants } from './kernel.ts';

const OVERRIDE = /^override (\w+)(: \w+)?/gm;
const LOOP = /for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{ \/\/ unrolled\n/g;

/**
 * Specializes a kernel's WGSL for these constants: every `override` becomes a `const`, and every loop whose first line ends
 * with `// unrolled` becomes copies of its body in which the counter is a constant. Private arrays are then indexed by
 * constants alone, so that compilers which do not unroll loops themselves keep them in registers too. Line numbers do not
 * change.
 */
export function specialized(source: string, constants: Constants): string {
  const values = new Map<string, number>(Object.entries(constants));
  let text = source.replace(OVERRIDE, (_, name: string, type = '') => {
    const value = values.get(name);
    return value === undefined ? `const ${name}${type}` : `const ${name}${type} = ${value}`;
  });
  // The last marked loop of the text contains no other, so nested loops are unrolled from the inside out.
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
  throw new Error(`${bound} is the bound of an unrolled loop; it has to be a number or one of the kernel's constants`);
}

function onOneLine(body: string): string {
  return body.replace(/\/\/.*$/gm, '').replace(/\s+/g, ' ');
}

/** Returns the index of the brace that closes the block containing `from`. */
function closingBrace(text: string, from: number): number {
  for (let at = from, depth = 1; ; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at;
  }
}
