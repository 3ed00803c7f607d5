import { random } from '../experiments/data/random.ts';
import { RATE } from './sound.ts';

/** The resonances of a mouth that says a vowel, in Hz. */
type Vowel = readonly [number, number, number];

/** The vowels of father, bed, see, law and moon. */
const VOWELS: readonly Vowel[] = [
  [730, 1090, 2440],
  [530, 1840, 2480],
  [270, 2290, 3010],
  [570, 840, 2410],
  [300, 870, 2240],
];

/** The widths of the resonances, in Hz. */
const WIDTHS = [70, 100, 140];

/** The seconds that a phrase lasts, and those until the next. */
const [PHRASE, PAUSE] = [1.6, 1];
const SYLLABLES_PER_SECOND = 4;

/**
 * A voice that says vowels, phrase after phrase, and between two phrases a rush of air that is as loud and no speech. A throat
 * gives pulses, whose pitch falls over a phrase; a mouth has resonances, which glide from vowel to vowel.
 *
 * @returns samples from -1 to 1, RATE a second
 */
export function syntheticVoice(seed: number, seconds: number): Float32Array<ArrayBuffer> {
  const next = random(seed);
  const start = next() * (PHRASE + PAUSE);
  const syllables = Math.ceil((start + seconds) * SYLLABLES_PER_SECOND) + 1;
  const vowels = Array.from({ length: syllables }, () => VOWELS[Math.floor(next() * VOWELS.length)]);
  const filters = WIDTHS.map((width) => resonance(width));
  let turns = 0;
  return Float32Array.from({ length: Math.round(seconds * RATE) }, (_, n) => {
    const time = start + n / RATE;
    const within = time % (PHRASE + PAUSE);
    turns += (150 - 35 * (within / PHRASE) + 8 * Math.sin(17 * time)) / RATE;
    const pulse = turns >= 1 ? 1 : 0;
    turns %= 1;
    const at = time * SYLLABLES_PER_SECOND;
    const [from, to] = [vowels[Math.floor(at)], vowels[Math.floor(at) + 1]];
    const glide = Math.max(0, (at % 1) * 2 - 1);
    const loudness = 1.1 - Math.cos(2 * Math.PI * at);
    const source = pulse * swell(within / PHRASE) ** 0.3 * loudness + 0.003 * (next() - 0.5);
    const voice = filters.reduce(
      (sample, filter, index) => filter(sample, from[index] + glide * (to[index] - from[index])),
      source,
    );
    const rush = swell((within - PHRASE) / PAUSE) ** 4;
    return 0.3 * voice + (0.001 + 0.5 * rush) * (next() - 0.5);
  });
}

/** From 0 over 1 back to 0 while `part` goes from 0 to 1; 0 before and after. */
function swell(part: number): number {
  return part > 0 && part < 1 ? Math.sin(Math.PI * part) : 0;
}

/** A filter of second order that lets a frequency through, and those as far from it as it is wide. */
function resonance(width: number): (input: number, frequency: number) => number {
  const radius = Math.exp((-Math.PI * width) / RATE);
  let [last, before] = [0, 0];
  return (input, frequency) => {
    const turn = 2 * radius * Math.cos((2 * Math.PI * frequency) / RATE);
    const value = (1 - turn + radius ** 2) * input + turn * last - radius ** 2 * before;
    [before, last] = [last, value];
    return value;
  };
}
