import { afterAll } from 'vitest';
import { takeWorstErrors } from '../golden/expect-recorded.ts';

// A setup file runs for each test file, while the module that remembers the errors may be shared by several of them.
afterAll(() => {
  const lines = takeWorstErrors();
  if (lines.length > 0) console.log(['Worst errors against recorded numbers', ...lines].join('\n'));
});
