import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Outcome, Timing } from '../../bench/measure/outcome.ts';
import { markdown } from '../../bench/report/markdown.ts';
import { withSpeed } from '../../bench/report/readme.ts';
import type { Results } from '../../bench/report/results.ts';
import { updated } from '../../bench/report/update.ts';
import { generations } from '../../bench/works/generations.ts';
import { works } from '../../bench/works/index.ts';
import { Complaint } from '../../headless/complaint.ts';

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
  const made = (firstCalls?: Results['firstCalls'], generation?: Results['generation']) =>
    withSpeed('above\n\n<!-- speed: made -->\nold\n<!-- end of speed -->\n\nbelow\n', {
      ...results,
      streams: undefined,
      generation,
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

  test('has generated steps in a table with a date of its own, and says that their times are those of one', async () => {
    const generation = { date: '2001-02-04', rows: [{ work: generations[1], outcomes: rows[0] }] };
    expect(await made(undefined, generation)).toMatch(
      /a call makes 1,000 steps;[^]*those of one step:\n\n\|[^]*a generated step of 64 streams: [^\n]* ORT Web webgpu 3\.5 × \|[^\n]*\n\nMeasured on 2001-02-04\.\n/,
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

describe('an update of what is published', () => {
  const none = { date: '2001-02-08', rows: [] };
  const generation = { date: '2001-02-08', rows: [{ work: generations[0], outcomes: [] }] };
  const later: Results = { ...results, command: 'another', rows: [], stacks: none, generation, firstCalls: undefined };

  test('replaces what was measured, and leaves all the rest', () => {
    expect(updated(results, later)).toEqual({ ...results, generation });
    expect(
      updated({ ...results, generation }, { ...later, generation: { ...generation, date: '2001-02-09' } }),
    ).toEqual({
      ...results,
      generation: { ...generation, date: '2001-02-09' },
    });
  });

  test.each([
    { adapterName: 'wooden beads' },
    { environment: 'Chrome/1' },
    { machine: { ...results.machine, cores: 3 } },
    { machine: { ...results.machine, processor: 'Abacus' } },
  ])('is refused from elsewhere: %j', (place) => {
    const update = () => updated(results, { ...later, ...place });
    expect(update).toThrow(Complaint);
    expect(update).toThrow('--update: measured on ');
  });
});
