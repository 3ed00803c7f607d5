import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Outcome, Timing } from '../../bench/measure/outcome.ts';
import { markdown } from '../../bench/report/markdown.ts';
import { withSpeed } from '../../bench/report/readme.ts';
import type { Results } from '../../bench/report/results.ts';
import { works } from '../../bench/works/index.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const results = JSON.parse(read('bench/results.json')) as Results;

// With -u they are written.
describe('what is published of the bench is made of its results', () => {
  test('bench/RESULTS.md', () => expect(markdown(results)).toMatchFileSnapshot('../../bench/RESULTS.md'));

  test('the table of README.md', async () => {
    await expect(await withSpeed(read('README.md'), results)).toMatchFileSnapshot('../../README.md');
  });
});

describe('the table of README.md', () => {
  const timing = (median: number, agrees = true): Timing => ({
    median,
    p10: median,
    p90: median,
    samples: [median],
    times: 1,
    firstCall: median,
    agreement: { difference: 0, tolerance: 0, agrees },
  });
  const rows: [own: Outcome, ...others: Outcome[]][] = [
    [
      { contender: 'ours', ...timing(2) },
      { contender: 'plain', ...timing(1) },
      { contender: 'tfjs-wasm', ...timing(5) },
      { contender: 'tfjs-webgpu', ...timing(20) },
      { contender: 'ort-webgpu', ...timing(7) },
    ],
    [
      { contender: 'ours', ...timing(2) },
      { contender: 'plain', ...timing(1, false) },
      { contender: 'tfjs-wasm', ...timing(2.2) },
      { contender: 'tfjs-webgpu', failure: 'no memory' },
    ],
    [
      { contender: 'ours', failure: 'no memory' },
      { contender: 'plain', ...timing(2.2) },
    ],
  ];
  const made = (firstCalls?: Results['firstCalls']) =>
    withSpeed('above\n\n<!-- speed: made -->\nold\n<!-- end of speed -->\n\nbelow\n', {
      ...results,
      streams: undefined,
      firstCalls,
      rows: rows.map((outcomes, index) => ({ work: works[index], outcomes })),
    });

  test('has times of this library, and of the fastest others that are right how many times as long, in bold if less', async () => {
    const cells = (await made()).split('\n').filter((line) => line.startsWith('|'));
    const tidy = cells.map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(2, -1),
    );
    expect(tidy).toEqual([
      ['lstm-webgpu', 'fastest other on the GPU', 'fastest on the processor'],
      ['----------:', '-----------------------:', '-----------------------:'],
      ['2.0 ms', 'ORT Web webgpu 3.5 ×', '**plain loop 0.50 ×**'],
      ['2.0 ms', '–', 'TF.js wasm 1.1 ×'],
      ['failed', '–', '–'],
    ]);
  });

  test('is followed by medians of first calls, with their date', async () => {
    const rows = [{ work: works[1], samples: [2500, 1900, 1800] }];
    expect(await made({ date: '2001-02-03', rows })).toMatch(
      /Measured on [^]*takes:\n\n\|[^]*for 64 models at once \| +1\.9 s \|\n\nMeasured on 2001-02-03\.\n/,
    );
  });

  test('takes the place of the one before, and of nothing else', async () => {
    expect(await made()).toMatch(
      /^above\n\n<!-- speed: made -->\n\n\|[^]*\n\nMeasured on [^]*\.\n\n<!-- end of speed -->\n\nbelow\n$/,
    );
    expect(await made()).not.toContain('old\n');
    await expect(withSpeed('Fast.', results)).rejects.toThrow('README.md lacks the comments');
  });
});
