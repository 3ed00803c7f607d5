import { expect, test } from 'vitest';
import { runInDeno } from './run-in-deno.ts';

// The tests run before they are known here: each becomes one of the same name.
for (const { file, name, state, messages } of await runInDeno()) {
  test(`in Deno: ${file}, ${name}`, ({ skip }) => {
    // By name, and for a reason that the test itself gives.
    skip(state === 'skipped' || state === 'todo');
    expect(messages).toEqual([]);
    expect(state).toBe('passed');
  });
}
