import { describe, expect, test } from 'vitest';
import { experiments, type Result } from '../../demo/experiments/index.ts';
import { adviceOn } from '../../demo/page/advice.ts';
import { curvesOf, linesOf, wholeTicks } from '../../demo/pictures/post/cards/chart.ts';
import {
  AccuracyOfRun,
  areSame,
  epochsOfAxes,
  runId,
  runsOf,
  settingsNotation,
  settingsWords,
} from '../../demo/pictures/post/data.ts';
import { figuresOf, readRecording, recorded } from '../../demo/pictures/post/sources/recording.ts';
import { compilingWords } from '../../demo/page/compiling-words.ts';
import { doing, effort, nameOf, tableOf } from '../../demo/pictures/post/words.ts';
import file from '../../demo/recorded/experiments.json';

const experiment = (id: string) => experiments.find((known) => known.id === id)!;
const allRuns = experiments.flatMap((experiment) => runsOf(experiment, { seed: 1, epochs: 0 }));

describe('settings', () => {
  test.each([
    ['7.3', { seed: 7, epochs: 3 }],
    ['4294967295.0', { seed: 4294967295, epochs: 0 }],
    ['4294967296.0', undefined],
    ['1.1001', undefined],
    ['1', undefined],
    ['-1.2', undefined],
  ])('the address %s means %o', (text, settings) => {
    expect(settingsNotation.read(text)).toEqual(settings);
  });

  test('are written as they are read', () => {
    expect(settingsNotation.write({ seed: 7, epochs: 3 })).toBe('7.3');
  });

  test('epochs are those of the post, or as many as are asked for; without training there are none', () => {
    expect(runsOf(experiment('stateful-windows'), { seed: 1, epochs: 0 }).map(({ epochs }) => epochs)).toEqual([
      15, 15, 15,
    ]);
    expect(runsOf(experiment('stateless-full'), { seed: 1, epochs: 7 })[0].epochs).toBe(7);
    expect(runsOf(experiment('windows'), { seed: 1, epochs: 7 })[0].epochs).toBe(0);
    expect(epochsOfAxes({ seed: 1, epochs: 0 })).toBe(15);
    expect(epochsOfAxes({ seed: 1, epochs: 4 })).toBe(4);
  });
});

test.each([
  [{ seed: 19, epochs: 0 }, 'with seed 19, for as many epochs as the post.'],
  [{ seed: 7, epochs: 1 }, 'with seed 7, for 1 epoch.'],
  [{ seed: 7, epochs: 3 }, 'with seed 7, for 3 epochs.'],
])('what was trained with %o is called so beside other settings', (settings, words) => {
  expect(settingsWords(settings)).toBe(`What is shown here was trained ${words} The next run clears it.`);
  expect(areSame(settings, { ...settings })).toBe(true);
  expect(areSame(settings, { ...settings, seed: 8 })).toBe(false);
  expect(areSame(settings, { ...settings, epochs: 9 })).toBe(false);
});

test('the accuracy of a run has a point for each report and each epoch, but none where an epoch has just begun', () => {
  const accuracy = new AccuracyOfRun();
  accuracy.progress({ fraction: 0.005, epoch: 0, epochs: 2, accuracy: 1 });
  accuracy.progress({ fraction: 0.25, epoch: 0, epochs: 2, accuracy: 0.6 });
  accuracy.progress({ fraction: 0.25, epoch: 0, epochs: 2, compiling: { compiled: 1, kernels: 2 } });
  accuracy.progress({ fraction: 0.5, epoch: 0, epochs: 2, accuracy: 0.7 });
  accuracy.epoch({ loss: 1, accuracy: 0.7, testLoss: 1, testAccuracy: 0.8 });
  expect(accuracy.train).toEqual({ x: [0.5, 1], y: [0.6, 0.7] });
  expect(accuracy.test).toEqual({ x: [1], y: [0.8] });
});

describe('a chart', () => {
  test.each([
    ['stateless-windows', ['the post: 0.5455', 'best possible on the test half: 0.5455']],
    ['stateless-elements', ['the post: 0.525', 'best possible on the test half: 0.525']],
    ['stateless-full', ['the post: 0.99', 'best possible on the test half: 1']],
    ['stateful-windows', ['the post: 0.5', 'best possible on the test half: 1']],
    ['callback-reset', ['the post: 1', 'best possible: 1']],
    ['validation-states', []],
  ])('of %s has the lines %o', (id, texts) => {
    expect(linesOf(experiment(id)).map(({ text }) => text)).toEqual(texts);
  });

  test('tells variants apart by colour, dashes and shapes', () => {
    const curves = curvesOf(experiment('stateful-windows'));
    for (const trait of ['color', 'marker'] as const) expect(new Set(curves.map((curve) => curve[trait])).size).toBe(3);
    expect(new Set(curves.map(({ dash }) => String(dash))).size).toBe(3);
    expect(curvesOf(experiment('stateless-full')).map(({ name }) => name)).toEqual(['training', 'test half']);
  });

  test.each([
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [15, [0, 5, 10, 15]],
    [1000, [0, 500, 1000]],
  ])('of %i epochs has numbers at %o', (epochs, ticks) => {
    expect(wholeTicks(epochs)).toEqual(ticks);
  });
});

describe('words', () => {
  test('of what a run is doing', () => {
    expect(doing({ epoch: 2, epochs: 15 })).toBe('epoch 3 of 15');
    expect(doing({ epoch: 15, epochs: 15 })).toBe('epoch 15 of 15');
    expect(compilingWords({ compiled: 4, kernels: 11 })).toBe('compiling 4 of 11 kernels');
    expect(compilingWords({ compiled: 0, kernels: 0 })).toBe('preparing');
  });

  test('of the effort of a run', () => {
    const result = { epochs: [{}, {}], updates: 2000, seconds: 4 } as Result;
    expect(effort(result)).toBe('2 epochs in 4.0 s, 500 updates/s');
    expect(effort({ ...result, epochs: [], updates: 0 })).toBe('');
  });

  test('the table has a row for each run, with what is expected before anything has run', () => {
    const { columns, rows } = tableOf(allRuns, new Map());
    expect(rows).toHaveLength(10);
    for (const row of rows) expect(row).toHaveLength(columns.length);
    expect(rows[2]).toEqual([
      'Stateless, windows',
      '',
      '',
      '',
      '',
      'test accuracy 0.5455, test loss 0.6606',
      'test accuracy ≤ 6/11, test loss ≥ 0.660558',
      '',
      '',
    ]);
    expect(nameOf(allRuns[3])).toBe('Stateful, windows, with the settings of 2016, no resets');
  });
});

describe('the recording', () => {
  const recording = readRecording(file);

  test('has a passed or unjudged result of every run, with all its epochs', () => {
    expect([...recording.results.keys()]).toEqual(
      allRuns.map(({ experiment: { id }, variant }) => runId({ id, variant: variant.id })),
    );
    for (const {
      experiment: { id },
      variant,
      epochs,
    } of allRuns) {
      const result = recording.results.get(runId({ id, variant: variant.id }))!;
      expect(result.epochs).toHaveLength(epochs);
      expect(result.verdict).toMatch(/^(pass|not judged): /);
    }
  });

  test('says what the experiments say of its figures today', () => {
    for (const { experiment, variant } of allRuns) {
      const result = recording.results.get(runId({ id: experiment.id, variant: variant.id }))!;
      expect(result.sentence).toBe(experiment.finding(result.epochs, variant.id));
    }
  });

  test('keeps six digits of a figure', () => {
    const figures = figuresOf({ loss: 2.28831234e-7, accuracy: 6 / 11, testLoss: 1, testAccuracy: 0 });
    expect(figures).toEqual([2.28831e-7, 0.545455, 1, 0]);
  });

  test('plays epoch after epoch and ends with the result', async () => {
    const [run] = runsOf(experiment('stateless-full'), { seed: 1, epochs: 0 });
    const heard: unknown[] = [];
    const listener = { signal: new AbortController().signal, hear: (news: unknown) => void heard.push(news) };
    const result = await recorded(recording, () => true).start(run, 1, listener);
    expect(result).toBe(recording.results.get('stateless-full'));
    expect(heard).toHaveLength(2 * 5);
    expect(heard.at(-1)).toEqual({ progress: { fraction: 1, epoch: 4, epochs: 5 } });
  });
});

describe('advice without WebGPU', () => {
  const agents = {
    chromeLinux:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
    chromeWindows:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
    chromeAndroid:
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Mobile Safari/537.36',
    edge: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0',
    firefox: 'Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0',
    safari:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15',
    iPhone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/150.0 Mobile/15E148',
  };

  test.each([
    ['no WebGPU', agents.chromeLinux, 'chrome://flags/#enable-unsafe-webgpu'],
    ['no WebGPU', agents.chromeWindows, 'Chrome has it from version 113'],
    ['no WebGPU', agents.chromeAndroid, 'Android 12'],
    ['no WebGPU', agents.edge, 'Edge has it from version 113'],
    ['no WebGPU', agents.firefox, 'set dom.webgpu.enabled to true'],
    ['no WebGPU', agents.safari, 'from version 26'],
    ['no WebGPU', agents.iPhone, 'Safari has it from version 26'],
    ['no WebGPU', 'Lynx', 'a current Chrome, Edge, Firefox or Safari'],
    ['no adapter', agents.chromeLinux, 'chrome://flags/#enable-vulkan'],
    ['no adapter', agents.chromeWindows, 'chrome://settings/system'],
    ['no adapter', agents.chromeAndroid, 'chrome://settings/system'],
    ['no adapter', agents.edge, 'edge://settings/system'],
    ['no adapter', agents.firefox, 'Use hardware acceleration when available'],
    ['insecure', agents.edge, 'Open it over https'],
  ] as const)('%s in %s: %s', (obstacle, agent, remedy) => {
    expect(adviceOn(obstacle, agent).remedy).toContain(remedy);
  });
});
