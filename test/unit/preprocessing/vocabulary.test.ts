import { describe, expect, test } from 'vitest';
import { vocabulary } from '../../../src/preprocessing/index.ts';
import { ValueError } from '../../../src/runtime/errors.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { errorOf } from '../../harness/error-of.ts';

describe('vocabulary', () => {
  test('characters, the most frequent first', () => {
    const { tokens, encode, decode } = vocabulary('abracadabra');
    expect(tokens).toEqual(['', '[UNK]', 'a', 'b', 'r', 'c', 'd']);
    expect(encode('cab!')).toEqual(Uint32Array.of(5, 2, 3, 1));
    expect(decode([5, 2, 3, 0, 0])).toBe('cab');
    expect(decode(Float32Array.of(2, 1))).toBe('a[UNK]');
  });

  test('words as Keras cuts them: lower case, without punctuation', () => {
    // The tokens that TextVectorization gives, but for the order of equally frequent ones.
    const { tokens, encode, decode } = vocabulary(['The cat, the dog.', "Don't\n feed  THE cat_!"], { split: 'word' });
    expect(tokens).toEqual(['', '[UNK]', 'the', 'cat', 'dog', 'dont', 'feed']);
    expect(encode('Feed the bird')).toEqual(Uint32Array.of(6, 2, 1));
    expect(decode([6, 2, 3])).toBe('feed the cat');
    expect(encode(' ,.! ')).toHaveLength(0);
  });

  test('a character is a code point, not half of one', () => {
    const { encode, decode } = vocabulary(['ä🙂', 'constructor']);
    expect(encode('🙂ä')).toHaveLength(2);
    expect(decode(encode('🙂ä'))).toBe('🙂ä');
  });

  test('words that objects have as properties are words', () => {
    const { encode, tokens } = vocabulary('constructor toString', { split: 'word' });
    expect(Array.from(encode('constructor tostring __proto__'))).toEqual([2, 3, 1]);
    expect(tokens).toHaveLength(4);
  });

  test('a function of your own cuts', () => {
    const syllables = vocabulary('ba-na-na', { split: (text) => text.split('-') });
    expect(syllables.tokens).toEqual(['', '[UNK]', 'na', 'ba']);
    expect(syllables.decode(syllables.encode('na-ba'))).toBe('na ba');
  });

  test('the rarest become unknown', () => {
    const { tokens, encode } = vocabulary('aaabbc', { maxTokens: 4 });
    expect(tokens).toEqual(['', '[UNK]', 'a', 'b']);
    expect(encode('abc')).toEqual(Uint32Array.of(2, 3, 1));
  });

  test('a random text comes back, also through a vocabulary that went through JSON', () => {
    const random = rng(randomSeed());
    const alphabet = Array.from('abcäöü 🙂🙃\n"\\');
    const text = Array.from({ length: 200 }, () => alphabet[random.integer(0, alphabet.length - 1)]).join('');
    const made = vocabulary(text);
    const restored = vocabulary(JSON.parse(JSON.stringify(made)) as typeof made);
    expect(made.decode(made.encode(text))).toBe(text);
    expect(restored.encode(text)).toEqual(made.encode(text));
    const counts = made.tokens.slice(2).map((token) => text.split(token).length);
    expect(counts).toEqual(counts.toSorted((a, b) => b - a));
  });

  test('an earlier vocabulary cuts as it did', () => {
    const words = vocabulary('the cat, the dog', { split: 'word' });
    const restored = vocabulary(JSON.parse(JSON.stringify(words)) as typeof words);
    expect(restored.encode('The dog')).toEqual(Uint32Array.of(2, 4));
    expect(restored.decode([2, 3])).toBe('the cat');
    const split = (text: string) => text.split('-');
    const own = vocabulary('ba-na-na', { split });
    expect(vocabulary(own).encode('na-ba')).toEqual(Uint32Array.of(2, 3));
    // JSON has no functions.
    const stored = JSON.parse(JSON.stringify(own)) as typeof own;
    expect(errorOf(() => vocabulary(stored)).message).toContain('split is missing');
    expect(vocabulary(stored, { split }).encode('na-ba')).toEqual(Uint32Array.of(2, 3));
  });

  const anything = (value: unknown) => value as string;
  const refused: [what: string, call: () => unknown, says: string[]][] = [
    ['no text', () => vocabulary([]), ['texts is []', 'a list of texts']],
    ['a number', () => vocabulary(anything(5)), ['texts is 5']],
    ['a list with a number', () => vocabulary(['a', anything(5)]), ['text 1 is 5']],
    ['an unknown split', () => vocabulary('a', { split: 'words' as 'word' }), ['"words"', 'Did you mean "word"?']],
    ['tokens out of order', () => vocabulary({ tokens: ['a', 'b'] }), ['["a", "b"]', '"" and "[UNK]"']],
    ['a token twice', () => vocabulary({ tokens: ['', '[UNK]', 'a', 'a'] }), ['different texts']],
    ['tokens whose split is unknown', () => vocabulary({ tokens: ['', '[UNK]', 'a'] }), ['split is missing', '"word"']],
    ['too few tokens', () => vocabulary('a', { maxTokens: 1 }), ['maxTokens is 1', 'at least 2']],
    ['a half token', () => vocabulary('a', { maxTokens: 2.5 }), ['maxTokens is 2.5']],
    ['a number of no token', () => vocabulary('a').decode([2, 3]), ['decode got 3 at index 1', 'from 0 to 2']],
    [
      'a number without brackets',
      () => vocabulary('a').decode(anything(2) as never),
      ['decode got 2', 'such as [2, 3]'],
    ],
    ['digits', () => vocabulary('abc').decode(anything('23') as never), ['decode got "23"', 'a list of numbers']],
    ['digits in a list', () => vocabulary('abc').decode(['2'] as never), ['decode got "2" at index 0']],
    [
      'a prediction',
      () => vocabulary('a').decode({ data: Float32Array.of(0, 0, 1), shape: [1, 3] } as never),
      ['decode got', 'prediction.argmax()'],
    ],
    ['a fraction of a token', () => vocabulary('a').decode([0.5]), ['0.5 at index 0']],
    ['no text to encode', () => vocabulary('a').encode(anything(['a'])), ['encode is ["a"]']],
  ];
  test.each(refused)('%s is refused', (_what, call, says) => {
    const error = errorOf(call);
    expect(error).toBeInstanceOf(ValueError);
    for (const part of ['vocabulary', ...says]) expect(error.message).toContain(part);
  });
});
