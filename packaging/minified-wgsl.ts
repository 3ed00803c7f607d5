/** Names that stay: those by which the library knows parts of a kernel, and built-in values, whose names parameters take. */
const KEPT = /\boverride (\w+)|@binding\(\d+\) var<[^>]*> (\w+)|\bfn (main)\b|@builtin\((\w+)\)/g;

const CALLABLE = /\b(?:fn|struct|alias) (\w+)/g;

/** Declarations of variables, and of parameters and members, which a type follows. */
const VARIABLE = /\b(?:let|const|var(?:<[^>]*>)?) (\w+)|\b(?!default\b)(\w+):/g;

const CALLED = /\b(\w+)\(/g;

/** Selections of a vector's elements, whose names a member of a struct may share. */
const SWIZZLE = /^(?:[xyzw]{1,4}|[rgba]{1,4})$/;

const WORD = /\b[A-Za-z_]\w*/g;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'.split('');
/** No word of WGSL is a small letter followed by one of these, so that no short name is a keyword, a type or a function. */
const SECONDS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'.split('');

/**
 * Chooses short names for what WGSL texts declare and nothing else refers to. A name becomes the same in all texts, and two
 * names never become one, so that texts which are minified one by one still fit together. The names that are used most are the
 * shortest.
 *
 * @param later texts that a page loads later, if at all, so that their uses do not count
 */
export function shortNames(texts: readonly string[], later: readonly string[] = []): ReadonlyMap<string, string> {
  const codeOf = (text: string) => text.replace(/\/\/.*/g, '');
  const counted = texts.map(codeOf);
  const codes = [...counted, ...later.map(codeOf)];
  const namesAt = (places: RegExp) =>
    codes.flatMap((code) => [...code.matchAll(places)].map((match) => match.slice(1).find(Boolean)!));
  const callable = new Set(namesAt(CALLABLE));
  const declared = new Set([...callable, ...namesAt(VARIABLE)]);
  const builtin = namesAt(CALLED).filter((name) => !callable.has(name));
  const kept = new Set([...namesAt(KEPT), ...builtin]);

  const wordsOf = (all: readonly string[]) => all.flatMap((code) => code.match(WORD) ?? []);
  const uses = new Map(wordsOf(codes).map((word) => [word, 0]));
  for (const word of wordsOf(counted)) uses.set(word, uses.get(word)! + 1);
  const pairs = LETTERS.flatMap((first) => SECONDS.map((second) => first + second));
  const free = [...LETTERS, ...pairs].filter((name) => !uses.has(name));
  return new Map(
    [...uses]
      .filter(([name]) => declared.has(name) && !kept.has(name) && !SWIZZLE.test(name))
      .sort(([name, count], [other, otherCount]) => otherCount - count || (name < other ? -1 : 1))
      .map(([name], index) => [name, free[index]]),
  );
}

const COMMENT = /[ \t]*\/\/(?! unrolled$).*$/gm;

/** Lines in which the library itself looks for declarations and loops (`src/runtime`), as they are spelled. */
const IS_READ = /^(?:override|alias|@group)\b|\/\/ unrolled$/;

/** A space that separates no two words and no two operators. */
const SPACE = /(?<=[\w)\]}]) (?=[^\w\s])|(?<=[^\w\s]) (?=[\w({[])|(?<=[,;:{(]) /g;

/**
 * Strips comments, indentation and spaces from WGSL, and shortens names. Every line stays on its number, since a ShaderError
 * names the line of the kernel's file, and `// unrolled` stays too: it tells the library which loops to unroll
 * (`src/runtime/specialize.ts`).
 *
 * @param names the short names of all texts: {@link shortNames}
 */
export function minifiedWgsl(text: string, names: ReadonlyMap<string, string>): string {
  const lines = text
    .replace(COMMENT, '')
    .replace(/^[ \t]+/gm, '')
    .split('\n');
  const narrow = lines.map((line) => (IS_READ.test(line) ? line : line.replace(SPACE, '')));
  return narrow.join('\n').replace(WORD, (word) => names.get(word) ?? word);
}
