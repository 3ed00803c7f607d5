import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { fact, inTheEnd } from '../../demo/experiments/judging/claims.ts';
import { type EpochResult, experiments } from '../../demo/experiments/index.ts';
import { runExperiment, runs } from '../../demo/experiments/run/index.ts';
import { judge, sentence, verdict as inWords } from '../../demo/experiments/judging/verdict.ts';
import { bestWithoutMemory } from '../../demo/experiments/judging/best-without-memory.ts';

const epoch = (values: Partial<EpochResult> = {}): EpochResult => ({
  loss: 0.66,
  accuracy: 0.53,
  testLoss: 0.67,
  testAccuracy: 0.5,
  ...values,
});
const full = { fullLength: 1, stopped: false };
const verdict = (...run: Parameters<typeof judge>) => inWords(judge(...run));

describe('a verdict', () => {
  test('passes when all claims hold', () => {
    expect(verdict([epoch()], [fact('light', true), inTheEnd(fact('dark', true))], full)).toBe('pass: light, dark');
  });

  test('fails when one does not, and says what was found', () => {
    const claims = [fact('light', true), fact('dark', false, 'dusk')];
    expect(verdict([epoch()], claims, full)).toBe('fail: expected dark, found dusk');
  });

  test('fails on a figure that is no finite number, whatever is claimed', () => {
    expect(verdict([epoch(), epoch({ loss: NaN })], [], full)).toMatch(/^fail: expected finite figures in epoch 2/);
  });

  test('does not hold a shortened run to what takes all epochs', () => {
    const claims = [fact('light', true), inTheEnd(fact('dark', false))];
    const shortened = { fullLength: 15, stopped: false };
    expect(verdict([epoch()], claims, shortened)).toBe('not judged: 1 epoch only; after 15 it must show dark');
    expect(verdict([epoch()], [...claims, fact('always', false)], shortened)).toMatch(/^fail: expected always/);
  });

  test('of a stopped run says so, but does not hide a failure', () => {
    const stopped = { fullLength: 2, stopped: true };
    expect(verdict([epoch()], [inTheEnd(fact('dark', false))], stopped)).toBe('not judged: stopped after 1 epoch');
    expect(verdict([], [fact('dark', false)], stopped)).toMatch(/^fail/);
  });

  test('without claims asserts nothing', () => {
    expect(verdict([epoch()], [], full)).toMatch(/^not judged: it depends on the seed/);
  });
});

describe('a sentence', () => {
  const experiment = { finding: () => '0.9: well done.' };
  const say = (...run: Parameters<typeof judge>) => sentence(judge(...run), experiment, run[0], null);

  test('of a run that passed, or of which nothing is claimed, tells what it found', () => {
    expect(say([epoch()], [fact('light', true)], full)).toBe('0.9: well done.');
    expect(say([epoch()], [], full)).toBe('0.9: well done.');
  });

  test('of a run that failed or was too short says why', () => {
    expect(say([epoch()], [fact('dark', false, 'dusk')], full)).toBe('Not as it must be: expected dark, found dusk.');
    expect(say([epoch()], [], { fullLength: 2, stopped: true })).toBe('Too early to tell: stopped after 1 epoch.');
    const later = say([epoch()], [inTheEnd(fact('dark', false))], { fullLength: 15, stopped: false });
    expect(later).toBe('Too early to tell: 1 of 15 epochs.');
  });

  test.each([
    ['stateless-windows', null, 6 / 11, /^0\.5455: as good as any network can be here\.$/],
    ['stateless-windows', null, 0.5, /^0\.5000: .* is 0\.5455\.$/],
    ['stateless-elements', null, 0.525, /^0\.5250: as good as any network can be here\.$/],
    ['stateful-windows', 'keras1', 0.5, /^0\.5000: no more than a network without memory reaches, which is 0\.5455/],
    ['stateful-windows', 'keras3', 0.9436, /^0\.9436: more than any network without memory/],
    ['stateful-windows', 'keras3-reset', 1, /^1\.0000: every window right/],
  ])('of %s %s with a test accuracy of %d', (id, variant, testAccuracy, expected) => {
    const experiment = experiments.find((known) => known.id === id)!;
    expect(experiment.finding([epoch(), epoch({ testAccuracy })], variant)).toMatch(expected);
  });
});

test('every experiment has code that runs it, and no code lacks an experiment', () => {
  expect(Object.keys(runs).sort()).toEqual(experiments.map(({ id }) => id).sort());
});

test('without memory, the best possible is as computed by hand', () => {
  expect(bestWithoutMemory(11).accuracy).toBeCloseTo(6 / 11, 15);
  expect(bestWithoutMemory(11).loss).toBeCloseTo(0.6605578300667887, 15);
  expect(bestWithoutMemory(20).accuracy).toBeCloseTo(0.525, 15);
  expect(bestWithoutMemory(20).loss).toBeCloseTo(0.6754979530953505, 15);
});

// For each experiment: epochs as they should be, and how each figure could betray a fault.
const good = { loss: 1e-7, accuracy: 1, testLoss: 1e-8, testAccuracy: 1 };
const windowed = { loss: 0.662, accuracy: 0.534, testLoss: 0.6606, testAccuracy: 6 / 11 };
const elementwise = { loss: 0.678, accuracy: 0.52, testLoss: 0.6763, testAccuracy: 0.525 };
describe.each<[id: string, variant: string | null, right: EpochResult, wrong: Partial<EpochResult>[]]>([
  ['stateless-full', null, good, [{ accuracy: 0.999 }, { testAccuracy: 0.995 }]],
  [
    'stateless-windows',
    null,
    windowed,
    [{ testAccuracy: 0.55 }, { testAccuracy: 0.52 }, { testLoss: 0.6605 }, { loss: 0.6932 }],
  ],
  ['stateful-windows', 'keras3-reset', good, [{ testAccuracy: 0.9995 }]],
  ['stateful-elements', null, good, [{ testAccuracy: 0.9995 }]],
  [
    'stateless-elements',
    null,
    elementwise,
    [{ testAccuracy: 0.5255 }, { testAccuracy: 0.51 }, { testLoss: 0.6754 }, { loss: 0.6932 }],
  ],
  ['callback-reset', null, good, [{ accuracy: 0.9999 }, { loss: 1e-5 }]],
])('%s %s', (id, variant, right, wrong) => {
  const experiment = experiments.find((known) => known.id === id)!;
  const judge = (epochs: EpochResult[]) =>
    verdict(epochs, experiment.claims!(epochs, variant), { fullLength: experiment.defaultEpochs, stopped: false });
  const epochs = Array.from({ length: experiment.defaultEpochs }, () => right);

  test('passes with what it should come to', () => {
    expect(judge(epochs)).toMatch(/^pass/);
    expect(judge([right])).toMatch(/^not judged: 1 epoch only/);
  });

  test.each(wrong)('fails with %o in the last epoch', (figures) => {
    expect(judge(epochs.with(-1, { ...right, ...figures }))).toMatch(/^fail/);
  });
});

test('an experiment without memory that knows too much fails in any epoch, and in a shortened run too', () => {
  const experiment = experiments.find(({ id }) => id === 'stateless-windows')!;
  const epochs = [{ ...windowed, testAccuracy: 0.6 }, windowed];
  expect(verdict(epochs, experiment.claims!(epochs, null), { fullLength: 15, stopped: false })).toMatch(
    /^fail: expected test accuracy at most/,
  );
});

test.each(['keras1', 'keras3'])('of stateful-windows %s nothing is asserted', (variant) => {
  const experiment = experiments.find(({ id }) => id === 'stateful-windows')!;
  expect(experiment.claims!([epoch()], variant)).toEqual([]);
});

describe('runExperiment', () => {
  const context = {
    gpu: undefined as never,
    variant: null,
    seed: 1,
    epochs: 1,
    signal: new AbortController().signal,
    onEpoch: () => {},
    onProgress: () => {},
  };
  const [windows] = experiments;

  test('of the windows needs no GPU and passes', async () => {
    const result = await runExperiment(windows, context);
    expect(Object.keys(result).join(' ')).toBe('id variant seed epochs updates seconds expected verdict sentence');
    expect(result).toMatchObject({ id: 'windows', variant: null, seed: 1, epochs: [], updates: 0 });
    expect(result.verdict).toMatch(/^pass: .*\(11000, 10, 1\)/);
    expect(result.sentence).toMatch(/nothing is lost\.$/);
  });

  test('makes an error of the run a failure, with the epochs heard of before', async () => {
    const result = await runExperiment(windows, context, async (run) => {
      run.onEpoch(epoch());
      throw new TypeError('no such thing');
    });
    expect(result.verdict).toBe('fail: TypeError: no such thing');
    expect(result.sentence).toBe('Not as it must be: TypeError: no such thing.');
    expect(result.epochs).toEqual([epoch()]);
  });

  test('estimates the remaining time from what was done since the first report of work', async () => {
    const heard: (number | undefined)[] = [];
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const listener = {
      ...context,
      onProgress: ({ remainingSeconds }: { remainingSeconds?: number }) => heard.push(remainingSeconds),
    };
    await runExperiment(windows, listener, (run) => {
      const position = { epoch: 0, epochs: 1 };
      run.onProgress({ ...position, fraction: 0, compiling: { compiled: 1, kernels: 2 } });
      // To prepare may take long.
      vi.advanceTimersByTime(400);
      run.onProgress({ ...position, fraction: 0.25 });
      vi.advanceTimersByTime(40);
      run.onProgress({ ...position, fraction: 0.5 });
      return Promise.resolve({ epochs: [], updates: 0 });
    });
    // A quarter took 40 ms, and two are left.
    expect(heard).toEqual([undefined, undefined, expect.closeTo(0.08, 9)]);
  });
});
