import { counted } from '../../experiments/words.ts';

/** The reader's choices for a network that writes. */
export interface WriterSettings {
  units: number;
  temperature: number;
}

/** How a text is given to the network. */
export interface WriterPlan {
  characters: number;
  /** Different characters. */
  alphabet: number;
  /** Rows of a batch: parts of the text that are read side by side. */
  rows: number;
}

/** Characters that a row reads before the network learns from them. What it remembers goes on beyond. */
export const STEPS = 50;

/** Numbers that stand for a character. */
export const EMBEDDED = 16;

export const LEARNING_RATE = 0.01;

/** The seed of the first weights. */
export const SEED = 1;

/** After so many readings the network knows a text by heart. */
export const MOST_READINGS = 500;

export const MOST_CHARACTERS = 50_000;

const FEWEST_CHARACTERS = 500;

/** Windows of a row: fewer rows learn oftener while they read a text once. */
const WINDOWS = 8;

/** How to give a text to the network; a sentence where that makes no sense. */
export function planWriter(text: string): WriterPlan | string {
  const letters = Array.from(text);
  const characters = letters.length;
  const alphabet = new Set(letters).size;
  if (characters < FEWEST_CHARACTERS) {
    const need = `A network that writes needs ${FEWEST_CHARACTERS} at the least, and likes some thousand.`;
    return `This text has ${counted(characters, 'character')}. ${need}`;
  }
  if (characters > MOST_CHARACTERS) {
    const [count, most] = [characters, MOST_CHARACTERS].map((value) => value.toLocaleString('en'));
    return `This text has ${count} characters. The lab takes up to ${most}, so that you can watch it learn.`;
  }
  if (alphabet < 3)
    return 'This text is made of fewer than three different characters: there is nothing to learn from it.';
  const windows = Math.floor((characters - 1) / STEPS);
  return { characters, alphabet, rows: Math.max(1, Math.min(16, Math.floor(windows / WINDOWS))) };
}

/** The surprise at a character, in nats, of one who knows nothing but how often each character occurs. */
export function surpriseByFrequency(text: string): number {
  const counts = new Map<string, number>();
  let characters = 0;
  for (const character of text) {
    counts.set(character, (counts.get(character) ?? 0) + 1);
    characters++;
  }
  let sum = 0;
  for (const count of counts.values()) sum -= count * Math.log(count / characters);
  return sum / characters;
}
