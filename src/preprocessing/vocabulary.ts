import { ValueError } from '../runtime/errors.ts';
import { isList, knownOptions, oneOf, positiveInteger, show } from '../runtime/options.ts';

export interface VocabularyOptions {
  /**
   * How a text is cut into tokens: into its characters (Unicode code points), into words as Keras' `TextVectorization` does
   * (lower case, without punctuation, parted by white space), or by a function of your own. Default: `'character'`, or that of
   * the earlier vocabulary.
   */
  split?: Split;
  /** The most tokens, at least 2: padding and the unknown count, and the most frequent are kept. Default: all. */
  maxTokens?: number;
}

/** How a text is cut into tokens. */
export type Split = 'character' | 'word' | ((text: string) => readonly string[]);

/**
 * Tokens and their numbers. `JSON.stringify` writes down the tokens and the name of their `split`, and `vocabulary` takes them
 * back.
 */
export interface Vocabulary {
  /** The tokens by their numbers. The first two are `''`, padding, and `'[UNK]'`, all that is unknown, as in Keras. */
  readonly tokens: readonly string[];
  /** How texts are cut. */
  readonly split: Split;
  /** The numbers of a text's tokens, [tokens], with 1 for each that is unknown. @throws ValueError if it is no text */
  readonly encode: (text: string) => Uint32Array<ArrayBuffer>;
  /**
   * The text of these numbers, [tokens], without padding; words are joined with spaces.
   *
   * @throws ValueError if they are no list, or one is not the number of a token
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
 * @param texts a text, a list of texts, or an earlier vocabulary; if JSON has lost its `split`, a function, that must be given
 * @throws ValueError
 * @see keras/src/layers/preprocessing/text_vectorization.py
 */
export function vocabulary(
  texts: string | readonly string[] | EarlierVocabulary,
  options: VocabularyOptions = {},
): Vocabulary {
  const where = 'vocabulary';
  knownOptions(where, options, ['split', 'maxTokens']);
  const earlier = hasTokens(texts) ? { ...texts, tokens: checkTokens(texts.tokens) } : undefined;
  const split = options.split ?? (earlier ? splitOf(earlier) : 'character');
  const cut = typeof split === 'function' ? split : SPLITS[oneOf(where, 'split', split, ['character', 'word'])];
  const maxTokens = checkMaxTokens(options.maxTokens ?? Infinity);
  const tokens = earlier?.tokens ?? [...FIRST_TOKENS, ...count(textsOf(texts), cut)];
  const kept = tokens.slice(0, maxTokens);
  const numbers = new Map(kept.map((token, number) => [token, number]));
  return {
    tokens: kept,
    split,
    encode: (text) =>
      Uint32Array.from(cut(checkText('vocabulary: encode', text)), (token) => numbers.get(token) ?? UNKNOWN),
    decode: (given) => {
      if (!isList(given)) {
        throw new ValueError(
          `vocabulary: decode got ${show(given)}, expected a list of numbers, such as [2, 3]. Of a prediction, give the ` +
            `likeliest ones: prediction.argmax().`,
        );
      }
      const parts = Array.from(given, (number, index) => {
        const token = typeof number === 'string' ? undefined : kept[number];
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

/** A vocabulary made earlier, or what JSON keeps of it: a `split` that is a function is lost. */
export type EarlierVocabulary = Pick<Vocabulary, 'tokens'> & Partial<Pick<Vocabulary, 'split'>>;

function hasTokens(texts: unknown): texts is EarlierVocabulary {
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

/** @throws ValueError if the vocabulary was stored without its split, as it is where that is a function */
function splitOf({ split }: EarlierVocabulary): Split {
  if (split !== undefined) return split;
  throw new ValueError(
    `vocabulary: split is missing, expected the one with which the tokens were made: "character", "word", or your function.`,
  );
}

/** @throws ValueError unless there is room for padding and the unknown */
function checkMaxTokens(maxTokens: number): number {
  if (maxTokens === Infinity) return maxTokens;
  if (positiveInteger('vocabulary', 'maxTokens', maxTokens) >= FIRST_TOKENS.length) return maxTokens;
  throw new ValueError(
    `vocabulary: maxTokens is ${maxTokens}, expected at least ${FIRST_TOKENS.length}: padding and the unknown take two.`,
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
