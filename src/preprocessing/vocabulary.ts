import { ValueError } from '../runtime/errors.ts';
import { isList, knownOptions, oneOf, positiveInteger, show } from '../runtime/options.ts';

export interface VocabularyOptions {
  /**
   * How a text is cut into tokens: into its characters (Unicode code points), into words as Keras' `TextVectorization` does
   * (lower case, without punctuation, parted by white space), or by a function of your own. Default: `'character'`.
   */
  split?: 'character' | 'word' | ((text: string) => readonly string[]);
  /** The most tokens, with the first two, which stand for padding and the unknown: the most frequent are kept. */
  maxTokens?: number;
}

/**
 * Tokens and their numbers. `JSON.stringify` writes the tokens down, and `vocabulary` takes them back, with the same `split`.
 */
export interface Vocabulary {
  /** The tokens by their numbers. The first two are `''`, padding, and `'[UNK]'`, all that is unknown, as in Keras. */
  readonly tokens: readonly string[];
  /** The numbers of a text's tokens, [tokens], with 1 for each that is unknown. @throws ValueError if it is no text */
  readonly encode: (text: string) => Uint32Array<ArrayBuffer>;
  /**
   * The text of these numbers, [tokens], without padding; words are joined with spaces.
   *
   * @throws ValueError if one is not the number of a token
   */
  readonly decode: (numbers: ArrayLike<number>) => string;
}

/** The number of padding, which `embedding` masks with `maskZero`, is 0; this is that of all unknown tokens. */
const UNKNOWN = 1;
const FIRST_TOKENS = ['', '[UNK]'];

/** The characters that Keras' `TextVectorization` removes. */
const PUNCTUATION = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g;

/**
 * Numbers the tokens of some texts, their characters or their words: the most frequent first, as Keras' `TextVectorization`
 * after `adapt`. Equally frequent ones are in the order in which they come, which Keras does not promise.
 *
 * @param texts a text, a list of texts, or `{ tokens }` of an earlier vocabulary
 * @throws ValueError
 * @see keras/src/layers/preprocessing/text_vectorization.py
 */
export function vocabulary(
  texts: string | readonly string[] | Pick<Vocabulary, 'tokens'>,
  options: VocabularyOptions = {},
): Vocabulary {
  const where = 'vocabulary';
  knownOptions(where, options, ['split', 'maxTokens']);
  const { split = 'character' } = options;
  const cut = typeof split === 'function' ? split : SPLITS[oneOf(where, 'split', split, ['character', 'word'])];
  const maxTokens = options.maxTokens === undefined ? Infinity : positiveInteger(where, 'maxTokens', options.maxTokens);
  const tokens = hasTokens(texts) ? checkTokens(texts.tokens) : [...FIRST_TOKENS, ...count(textsOf(texts), cut)];
  const kept = tokens.slice(0, Math.max(maxTokens, FIRST_TOKENS.length));
  const numbers = new Map(kept.map((token, number) => [token, number]));
  return {
    tokens: kept,
    encode: (text) =>
      Uint32Array.from(cut(checkText('vocabulary: encode', text)), (token) => numbers.get(token) ?? UNKNOWN),
    decode: (given) => {
      const parts = Array.from(given, (number, index) => {
        const token = kept[number];
        if (token !== undefined) return token;
        throw new ValueError(
          `vocabulary: decode got ${show(number)} at index ${index}, expected the number of a token, from 0 to ` +
            `${kept.length - 1}.`,
        );
      });
      return parts.filter((token) => token !== '').join(split === 'character' ? '' : ' ');
    },
  };
}

const SPLITS = {
  character: (text: string): readonly string[] => Array.from(text),
  word: (text: string): readonly string[] => text.toLowerCase().replace(PUNCTUATION, '').split(/\s+/).filter(Boolean),
};

/** The tokens of the texts, the most frequent first. */
function count(texts: readonly string[], cut: (text: string) => readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const token of cut(text)) counts.set(token, (counts.get(token) ?? 0) + 1);
  for (const token of FIRST_TOKENS) counts.delete(token);
  return [...counts].sort(([, a], [, b]) => b - a).map(([token]) => token);
}

function hasTokens(texts: unknown): texts is Pick<Vocabulary, 'tokens'> {
  return typeof texts === 'object' && texts !== null && 'tokens' in texts;
}

/** @throws ValueError unless they are texts, each there once, and begin with those for padding and the unknown */
function checkTokens(tokens: readonly string[]): readonly string[] {
  const isWhole =
    isList(tokens) &&
    FIRST_TOKENS.every((token, number) => tokens[number] === token) &&
    tokens.every((token) => typeof token === 'string') &&
    new Set(tokens).size === tokens.length;
  if (isWhole) return tokens;
  throw new ValueError(
    `vocabulary: tokens is ${show(tokens)}, expected the tokens of an earlier vocabulary: different texts, beginning with ` +
      `${FIRST_TOKENS.map(show).join(' and ')}.`,
  );
}

/** @throws ValueError unless there is a text, and nothing but texts */
function textsOf(texts: unknown): readonly string[] {
  const list: unknown = typeof texts === 'string' ? [texts] : texts;
  if (!Array.isArray(list) || list.length === 0) {
    throw new ValueError(`vocabulary: texts is ${show(texts)}, expected a text or a list of texts.`);
  }
  return list.map((text, index) => checkText(`vocabulary: text ${index}`, text));
}

/** @throws ValueError unless it is a text */
function checkText(where: string, text: unknown): string {
  if (typeof text === 'string') return text;
  throw new ValueError(`${where} is ${show(text)}, expected a text.`);
}
