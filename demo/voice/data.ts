import type { Notation } from '../page/address.ts';
import type { TableContents } from '../page/table-twin.ts';
import { LEVELS_PER_CHUNK, type Recording } from './recording.ts';
import { CHUNKS_PER_SECOND, RATE } from './sound.ts';
import { secondsOf, type Stretch } from './speech.ts';

/** The reader's choice: the probability from which on a sound counts as speech. */
export interface VoiceSettings {
  threshold: number;
}

export const FIRST_SETTINGS: VoiceSettings = { threshold: 0.5 };

/** The thresholds that there are. */
export const [LOWEST, HIGHEST, STEP] = [0.2, 0.9, 0.05];

/** The settings as they stand in the address: `0.5`. */
export const settingsNotation: Notation<VoiceSettings> = {
  read(text) {
    const threshold = Number(text);
    const isStep = Number((Math.round(threshold / STEP) * STEP).toFixed(2)) === threshold;
    return isStep && threshold >= LOWEST && threshold <= HIGHEST ? { threshold } : undefined;
  },
  write: ({ threshold }) => String(threshold),
};

/** The seconds that are in sight while a microphone goes on. */
export const WINDOW = 10;

/** From which chunk to before which one the picture goes. */
export interface View {
  from: number;
  to: number;
}

/**
 * The part of an endless sound that is in sight: its last seconds.
 *
 * @param inSteps moves on by half the picture at a time, instead of all the time
 */
export function viewOfEnd({ seconds }: Pick<Recording, 'seconds'>, inSteps: boolean): View {
  const end = Math.max(WINDOW, inSteps ? Math.ceil(seconds / (WINDOW / 2)) * (WINDOW / 2) : seconds);
  return { from: (end - WINDOW) * CHUNKS_PER_SECOND, to: end * CHUNKS_PER_SECOND };
}

/** A time within the sound: `3.20 s`. */
export function momentWords(chunk: number): string {
  return `${(chunk / CHUNKS_PER_SECOND).toFixed(2)} s`;
}

/** From when to when someone speaks: `1.02 s to 3.55 s`. */
export function stretchWords({ from, to }: Stretch): string {
  return `${momentWords(from)} to ${momentWords(to)}`;
}

/** A file that was opened, in a sentence. */
export function fileWords(name: string, samples: number): string {
  return `${name}: ${(samples / RATE).toFixed(1)} s, ready to be heard.`;
}

/** How it goes, in a few words. */
export function progressWords(recording: Recording, { threshold }: VoiceSettings): string {
  const probability = recording.probabilities.at(-1)!;
  const what = probability >= threshold ? 'speech' : 'no speech';
  return `${recording.seconds.toFixed(1)} s heard, probability ${probability.toFixed(2)}: ${what}. ${speedWords(recording)}`;
}

/** The result, in sentences. */
export function verdictWords(recording: Recording, stretches: readonly Stretch[]): string {
  if (recording.seconds === 0) return '';
  const all = `${recording.seconds.toFixed(1)} s`;
  if (stretches.length === 0) return `No speech in ${all}. ${speedWords(recording)}`;
  const found = `${stretches.length} ${stretches.length === 1 ? 'stretch' : 'stretches'}`;
  return `Speech in ${found}, ${secondsOf(stretches).toFixed(1)} of ${all}. ${speedWords(recording)}`;
}

/** The real-time factor, with its meaning. */
function speedWords({ realTimeFactor = 0 }: Recording): string {
  const factor = realTimeFactor.toPrecision(2);
  const warning = realTimeFactor > 1 ? ', too long to follow' : '';
  return `Real-time factor ${factor}: a second of sound takes ${factor} s here${warning}.`;
}

/** Each chunk with its probability. */
export function table({ levels, probabilities }: Recording): TableContents {
  return {
    columns: ['from second', 'loudest sample', 'probability of speech'],
    rows: probabilities.map((probability, chunk) => [
      (chunk / CHUNKS_PER_SECOND).toFixed(3),
      Math.max(...levels.slice(chunk * LEVELS_PER_CHUNK, (chunk + 1) * LEVELS_PER_CHUNK)).toFixed(3),
      probability.toFixed(5),
    ]),
  };
}
