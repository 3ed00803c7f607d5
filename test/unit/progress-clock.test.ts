import { expect, test, vi } from 'vitest';
import { ProgressClock } from '../../src/models/training/progress.ts';

const position = { phase: 'training', epoch: 0, epochs: 1, batch: 0, batches: 100 } as const;

test('the rest of a run is estimated from the second report on, by the speed since the first', () => {
  const now = vi.spyOn(performance, 'now');
  const at = (time: number) => void now.mockReturnValue(time);
  at(1000);
  const clock = new ProgressClock(() => 100);
  expect(clock.isDue()).toBe(false);
  // The first batch takes long.
  at(9000);
  expect(clock.isDue()).toBe(true);
  expect(clock.pace(4, position)).toEqual({ ...position, updatesPerSecond: 0.5, remainingSeconds: undefined });
  expect(clock.isDue()).toBe(false);
  at(9249);
  expect(clock.isDue()).toBe(false);
  at(10_000);
  expect(clock.pace(24, position)).toMatchObject({ updatesPerSecond: 24 / 9, remainingSeconds: 76 / 20 });
  at(11_000);
  expect(clock.pace(100, position)).toMatchObject({ updatesPerSecond: 10, remainingSeconds: 0 });
  now.mockRestore();
});

test('a clock that stands still tells no speed', () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(5);
  const clock = new ProgressClock(() => 10);
  for (const done of [1, 2]) {
    expect(clock.pace(done, position)).toMatchObject({ updatesPerSecond: undefined, remainingSeconds: undefined });
  }
  expect(clock.pace(10, position).remainingSeconds).toBe(0);
  now.mockRestore();
});
