import { expect, test } from 'vitest';
import { Recording } from '../../../demo/voice/recording.ts';
import { CHUNK } from '../../../demo/voice/sound.ts';
import { LEEWAY, secondsOf, SHORTEST, SILENCE, stretchesOf } from '../../../demo/voice/speech.ts';

const times = (count: number, probability: number) => Array.from({ length: count }, () => probability);

test('speech begins at the threshold and ends where the probability stays below the leeway', () => {
  const goesOn = 0.5 - LEEWAY;
  const heard = [...times(5, 0.4), 0.5, ...times(SHORTEST, goesOn), ...times(SILENCE, 0.3), ...times(3, 0.4)];
  expect(stretchesOf(heard, 0.5)).toEqual([{ from: 5, to: 6 + SHORTEST }]);
  expect(stretchesOf(heard, 0.51)).toEqual([]);
});

test('a short silence does not end it, and a short sound is none', () => {
  const [word, gap] = [times(SHORTEST, 0.9), times(SILENCE - 1, 0)];
  expect(stretchesOf([...word, ...gap, ...word], 0.5)).toEqual([{ from: 0, to: 2 * SHORTEST + SILENCE - 1 }]);
  expect(stretchesOf([...word, ...gap, 0, ...word], 0.5)).toHaveLength(2);
  expect(stretchesOf(times(SHORTEST - 1, 0.9), 0.5)).toEqual([]);
  // It is not ended by the end of what was heard.
  expect(stretchesOf([...word, ...gap], 0.5)).toEqual([{ from: 0, to: SHORTEST }]);
});

test('seconds of speech are told from chunks of 32 ms', () => {
  expect(
    secondsOf([
      { from: 0, to: 25 },
      { from: 50, to: 100 },
    ]),
  ).toBeCloseTo(2.4, 12);
});

test('a recording keeps how loud each quarter of a chunk is, and the real-time factor', () => {
  const recording = new Recording();
  expect(recording.realTimeFactor).toBeUndefined();
  const samples = new Float32Array(2 * CHUNK);
  [samples[0], samples[CHUNK - 1], samples[CHUNK]] = [-0.5, 0.25, 0.75];
  recording.add(samples, [0.1, 0.2], 0.016);
  expect(recording.levels).toEqual([0.5, 0, 0, 0.25, 0.75, 0, 0, 0]);
  expect(recording.probabilities).toEqual([0.1, 0.2]);
  expect(recording.realTimeFactor).toBeCloseTo(0.25, 12);
});
