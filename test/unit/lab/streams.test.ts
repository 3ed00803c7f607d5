import { describe, expect, test } from 'vitest';
import { History, KEPT, seatForFork, speedWords, streamWords } from '../../../demo/lab/streams/data.ts';
import { AHEAD, SEATS, STREAMS, UNITS } from '../../../demo/lab/streams/plan.ts';
import { drawWave, goOnOtherwise, valueAt } from '../../../demo/lab/streams/waves.ts';
import { random } from '../../../demo/experiments/data/random.ts';

const nothing = { frozen: new Set<number>(), forks: new Map<number, number>() };

/** A step of streams in which h of unit u is 100 · seat + u + step / 1000. */
function stepOf(seats: readonly number[], step: number, heard: number, forecast: number) {
  const h = seats.flatMap((seat) => Array.from({ length: UNITS }, (_, unit) => 100 * seat + unit + step / 1000));
  return {
    seats: Uint16Array.from(seats),
    h: Float32Array.from(h),
    heard: new Float32Array(seats.length).fill(heard),
    forecasts: new Float32Array(seats.length).fill(forecast),
    ms: 2,
  };
}

describe('the past of streams', () => {
  test('keeps the last steps of each, and those of a stream that was left out stand still', () => {
    const history = new History();
    for (let step = 0; step < KEPT + 5; step++) history.add(stepOf(step < 3 ? [0, 7] : [7], step, step, 0));
    expect([...history.steps.subarray(0, 8)]).toEqual([3, 0, 0, 0, 0, 0, 0, KEPT + 5]);
    expect(history.length(7)).toBe(KEPT);
    expect([0, 1, 2].map((ago) => history.heard(0, ago))).toEqual([2, 1, 0]);
    expect(history.heard(7, KEPT - 1)).toBe(5);
    expect(history.h(7, 3, 1)).toBeCloseTo(703 + (KEPT + 3) / 1000, 3);
  });

  test('compares a forecast with what came so many steps later', () => {
    const history = new History();
    for (let step = 0; step < 20; step++) history.add(stepOf([4], step, step, step + AHEAD + 0.5));
    expect(history.expected(4, 0)).toBe(19.5);
    expect(history.error(4)).toBeCloseTo(0.5, 6);
    const short = new History();
    for (let step = 0; step < AHEAD; step++) short.add(stepOf([4], step, 0, 0));
    expect(short.error(4)).toBeUndefined();
  });

  test('a fork has the past of its stream', () => {
    const history = new History();
    for (let step = 0; step < 9; step++) history.add(stepOf([2, 3], step, step, 0));
    history.copy(3, SEATS - 1);
    history.add(stepOf([3], 9, 9, 0));
    expect(history.steps[SEATS - 1]).toBe(9);
    expect(history.h(SEATS - 1, 5, 0)).toBeCloseTo(305.008, 3);
  });
});

test('a fork takes a free seat, and then that of the oldest fork', () => {
  const forks = new Map<number, number>();
  for (let n = 0; n < SEATS - STREAMS; n++) {
    const seat = seatForFork(forks, 0);
    expect(seat).toBe(STREAMS + n);
    forks.set(seat, 0);
  }
  forks.delete(STREAMS);
  forks.set(STREAMS, 1);
  expect(seatForFork(forks, 0)).toBe(STREAMS + 1);
  expect(seatForFork(forks, STREAMS + 1)).toBe(STREAMS + 2);
});

test('a wave that goes on otherwise is where the other one was', () => {
  const next = random(7);
  const wave = drawWave(next);
  const other = goOnOtherwise(wave, 123, next);
  expect(valueAt(other, 123)).toBeCloseTo(valueAt(wave, 123), 9);
  expect(other.frequency).not.toBe(wave.frequency);
});

test('says how fast streams are pushed, and how one of them does', () => {
  expect(speedWords({ seats: new Uint16Array(1000), ms: 12.34 })).toBe('1,000 pushes in 12 ms: 81,000 a second.');
  expect(speedWords({ seats: new Uint16Array(1), ms: 0 })).toBe('1 push in less than 0.1 ms.');
  expect(speedWords({ seats: new Uint16Array(0), ms: 0.2 })).toBe('All streams are frozen.');
  const history = new History();
  expect(streamWords(history, 4, nothing)).toBe('Stream 5.');
  expect(streamWords(history, STREAMS, nothing)).toBe('One of 24 places for forks.');
  for (let step = 0; step < 20; step++) history.add(stepOf([4], step, step, step + AHEAD + 0.5));
  expect(streamWords(history, 4, nothing)).toBe('Stream 5 · step 20 · forecasts are off by 0.50.');
  history.copy(4, STREAMS + 1);
  const state = { frozen: new Set([STREAMS + 1]), forks: new Map([[STREAMS + 1, 4]]) };
  expect(streamWords(history, STREAMS + 1, state)).toBe(
    'Fork 2, of stream 5, hears another wave since · frozen at step 20 · forecasts are off by 0.50.',
  );
});
