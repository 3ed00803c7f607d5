import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MOST_CHARACTERS } from '../../demo/lab/numbers/read-csv.ts';
import * as clock from '../../demo/pictures/clock/data.ts';
import * as handOvers from '../../demo/pictures/hand-overs/data.ts';
import * as tape from '../../demo/pictures/memory-tape/data.ts';
import { QUESTIONS } from '../../demo/pictures/questions/data.ts';
import { ROWS } from '../../demo/pictures/race/data.ts';
import { SETTINGS } from '../../demo/pictures/seeds/data.ts';
import * as windows from '../../demo/pictures/window/data.ts';
import { CHUNK, MOST_SECONDS, RATE } from '../../demo/voice/sound.ts';
import { LEEWAY, SHORTEST, SILENCE } from '../../demo/voice/speech.ts';
import recorded from '../../demo/recorded/second-look.json';

/** The text of a page without its tags, and with one space between words. */
function proseOf(path: string): string {
  const text = readFileSync(path, 'utf8').replace(/<[^>]*>/g, ' ');
  return text.replace(/\s+/g, ' ').replace(/ ([.,:])/g, '$1');
}

const inWords = (count: number) => ['zero', 'one', 'two', 'three', 'four', 'five'][count] ?? String(count);
const begins = (count: number) => inWords(count).replace(/^./, (letter) => letter.toUpperCase());

const { GUESSED_LENGTH, LENGTHS, windowsIn } = windows;
const letters = `${handOvers.SEQUENCES.slice(0, -1).join(', ')} and ${handOvers.SEQUENCES.at(-1)}`;

// The prose of the pages is written by hand, for readers without scripts too. Its numbers are those of the code.
test.each([
  `${begins(tape.SEQUENCES)} sequences of ${tape.LENGTH} numbers pass through ten cells.`,
  `${GUESSED_LENGTH} of ${LENGTHS.length} steps: how good can any network get?`,
  `${begins(handOvers.SEQUENCES.length)} sequences, ${letters}, are cut into ${inWords(handOvers.PIECES)} pieces each.`,
  `cut into ${ROWS} windows each, for a stateful network with batches of ${ROWS}.`,
  `a batch is the same window of ${ROWS} sequences`,
  `resetStates: ${ROWS} clears all rows where the next ${ROWS} begin.`,
  `They are trained in ${inWords(SETTINGS.length)} ways`,
  `The answer after a 1 stays 1 for ${clock.WINDOWS} windows of ${clock.WINDOW_STEPS} steps.`,
  `So they learn to count to ${clock.SEQUENCE_STEPS}.`,
  `${begins(clock.SEQUENCES)} sequences, from left to right.`,
  `${begins(QUESTIONS.length)} questions at most lead to a program`,
])('the story says: %s', (sentence) => {
  expect(proseOf('demo/index.html')).toContain(sentence);
});

test('the story says ten cells, as many as there are', () => {
  expect(tape.CELLS).toBe(10);
});

test('the sliders of the windows begin and end where the windows do', () => {
  const page = readFileSync('demo/index.html', 'utf8');
  expect(page).toContain(
    `class="length" type="range" min="1" max="${LENGTHS.length}" step="1" value="${GUESSED_LENGTH}"`,
  );
  expect(page).toContain(`class="start" type="range" min="1" max="${windowsIn(GUESSED_LENGTH)}" step="1" value="1"`);
});

test('the lab says how large a file may be', () => {
  expect(proseOf('demo/lab.html')).toContain(`a CSV file of up to ${MOST_CHARACTERS / 1e6} MB`);
});

const CHUNK_MS = (1000 * CHUNK) / RATE;

test.each([
  `takes a sound in chunks of ${CHUNK_MS} ms`,
  `A sound of up to ${MOST_SECONDS / 60} minutes`,
  `more than ${LEEWAY} below the threshold for ${SILENCE * CHUNK_MS} ms`,
  `what is shorter than ${SHORTEST * CHUNK_MS} ms is none`,
])('the page of the voice detector says: %s', (sentence) => {
  expect(proseOf('demo/voice.html')).toContain(sentence);
});

/** The share of recorded networks whose test accuracy after the last epoch is at most so much. */
function shareUpTo(accuracy: number, right: readonly (readonly number[])[]): number {
  return right.filter((counts) => counts.at(-1)! / 2200 <= accuracy).length / right.length;
}

test('most of the recorded seeds end where the table of the experiments says', () => {
  const { keras1, keras3 } = recorded.seeds.right;
  expect(shareUpTo(0.56, keras1)).toBeGreaterThan(0.5);
  expect(shareUpTo(0.88, keras3)).toBeLessThan(0.25);
});
