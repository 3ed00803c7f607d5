import { counted } from '../../experiments/words.ts';
import type { Notation } from '../../page/address.ts';
import type { WriterProgress } from '../../training/jobs/writer.ts';
import type { KnownModel } from '../models.ts';
import type { WriterPlan, WriterSettings } from './plan.ts';

export const FIRST_SETTINGS: WriterSettings = { units: 64, temperature: 0.7 };

export const UNITS = [32, 64, 128];

/** The range of temperatures: at the lower end it repeats what is likeliest, at the upper end it stammers. */
export const [COLDEST, HOTTEST] = [0.2, 1.5];
/** The temperatures that there are between these lie so far apart. */
export const TEMPERATURE_STEP = 0.1;

/** The settings as they stand in the address: `64-0.7`. */
export const settingsNotation: Notation<WriterSettings> = {
  read(text) {
    const [units, temperature] = text.split('-').map(Number);
    const isWithin = temperature >= COLDEST && temperature <= HOTTEST;
    const isStep = Number((Math.round(temperature / TEMPERATURE_STEP) * TEMPERATURE_STEP).toFixed(1)) === temperature;
    return UNITS.includes(units) && isWithin && isStep ? { units, temperature } : undefined;
  },
  write: ({ units, temperature }) => `${units}-${temperature}`,
};

/** The effect of a temperature, in words. */
export function temperatureWords(temperature: number): string {
  if (temperature < 0.5) return 'careful: nearly always the likeliest character';
  if (temperature < 0.95) return 'lively: likely characters, and sometimes another';
  if (temperature <= 1.05) return 'as the network expects the characters';
  return 'wild: unlikely characters too';
}

/** How a text is read, in a sentence. */
export function describe({ characters, alphabet, rows }: WriterPlan): string {
  const parts = rows === 1 ? 'from beginning to end' : `in ${rows} parts side by side`;
  const count = `${characters.toLocaleString('en')} characters, ${alphabet.toLocaleString('en')} different ones.`;
  return `${count} The network reads them ${parts}, again and again.`;
}

/** How far the network is, in a sentence. */
export function progressWords({ readings, loss, charactersPerSecond }: WriterProgress): string {
  const times = readings === 1 ? 'once' : `${readings} times`;
  const read = readings === 0 ? 'It reads the text for the first time.' : `It has read the text ${times}.`;
  const surprise = loss === undefined ? '' : ` Surprise per character: ${loss.toFixed(2)} nats.`;
  const speed =
    charactersPerSecond === undefined ? '' : ` It reads ${roundedSpeed(charactersPerSecond)} characters a second.`;
  return read + surprise + speed;
}

/** The network that writes, as it can become a file. */
export function knownWriter({ readings }: WriterProgress): KnownModel {
  return {
    title: `the network that writes, after ${counted(readings, 'reading')}`,
    note: 'Into this network go numbers for characters: their places in the list that the program above calls tokens.',
  };
}

/** Two digits of a speed that changes all the time are enough. */
function roundedSpeed(speed: number): string {
  return Number(speed.toPrecision(2)).toLocaleString('en');
}

/** The number of readings at which the axis of the curve ends, once there are so many. */
export function axisEnd(readings: number): number {
  return [20, 50, 100, 200].find((end) => readings <= end) ?? 500;
}
