import { expect, test } from 'vitest';
import { Resampler } from '../../../demo/voice/resampler.ts';
import { RATE } from '../../../demo/voice/sound.ts';
import { randomSeed, rng } from '../../harness/random.ts';

const sine = (frequency: number, rate: number) =>
  Float32Array.from({ length: rate / 2 }, (_, n) => Math.sin((2 * Math.PI * frequency * n) / rate));

/** The largest value, but for the first, before which there was silence. */
const loudest = (samples: Float32Array) =>
  samples.subarray(200).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

test.each([8_000, 16_000, 22_050, 44_100, 48_000, 96_000])(
  'a tone of %d samples a second is the same tone at the rate of the detector',
  (rate) => {
    const output = new Resampler(rate).push(sine(1000, rate));
    const expected = sine(1000, RATE);
    expect(output.length).toBeGreaterThan(RATE / 2 - 100);
    expect(loudest(output.map((value, n) => value - expected[n]))).toBeLessThan(2e-3);
  },
);

test.each([44_100, 48_000])(
  'at %d samples a second, what is too high for the detector does not come through',
  (rate) => {
    expect(loudest(new Resampler(rate).push(sine(9_500, rate)))).toBeLessThan(2e-3);
    expect(loudest(new Resampler(rate).push(sine(6_500, rate)))).toBeGreaterThan(0.99);
  },
);

test('blocks of any length give the samples of the whole', () => {
  const { integer, array } = rng(randomSeed());
  const sound = array(20_000, 1);
  const whole = new Resampler(44_100).push(sound);
  const resampler = new Resampler(44_100);
  const parts: number[] = [];
  for (let first = 0; first < sound.length;) {
    const next = first + integer(1, 500);
    parts.push(...resampler.push(sound.subarray(first, next)));
    first = next;
  }
  expect(parts).toHaveLength(whole.length);
  expect(loudest(whole.map((value, n) => value - parts[n]))).toBeLessThan(1e-6);
});
