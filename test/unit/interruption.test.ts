import { afterEach, expect, test, vi } from 'vitest';
import { whenInterrupted } from '../../headless/run-command.ts';

const before = process.listeners('SIGINT');
afterEach(() => {
  vi.restoreAllMocks();
  for (const listener of process.listeners('SIGINT')) if (!before.includes(listener)) process.off('SIGINT', listener);
});

test.each([
  ['two signals in quick succession are one Ctrl-C', 500, 0],
  ['a later signal ends the process', 1500, 1],
])('%s', async (_what, pause, exits) => {
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
  const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
  const interruption = whenInterrupted();
  process.emit('SIGINT');
  await expect(interruption).rejects.toThrow('Stopped.');
  clock.mockReturnValue(1000 + pause);
  process.emit('SIGINT');
  expect(exit.mock.calls).toEqual(Array.from({ length: exits }, () => [130]));
});
