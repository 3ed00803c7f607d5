import { describe, expect, test } from 'vitest';
import { DEFAULT_SEED } from '../../demo/experiments/data/sequences.ts';
import { experiments } from '../../demo/experiments/index.ts';
import { chooseRuns, readOptions, unheeded } from '../../headless/experiments/options.ts';
import { UsageError } from '../../headless/complaint.ts';

const parse = (...args: string[]) => {
  const options = readOptions(args);
  return { ...options, runs: chooseRuns(options, experiments) };
};
const names = (...args: string[]) => parse(...args).runs.map(({ name }) => name);

describe('the options of the experiments command', () => {
  test('without any, everything runs in the order of the post', () => {
    expect(names()).toEqual([
      'windows',
      'stateless-full',
      'stateless-windows',
      'stateful-windows keras1',
      'stateful-windows keras3',
      'stateful-windows keras3-reset',
      'stateful-elements',
      'stateless-elements',
      'callback-reset',
      'validation-states',
    ]);
    expect(parse()).toMatchObject({ seed: DEFAULT_SEED, json: undefined, list: false, help: false });
    expect(parse().runs.map(({ epochs }) => epochs)).toEqual([0, 5, 15, 15, 15, 15, 2, 2, 2, 3]);
  });

  test('--only takes several, with commas or repeated', () => {
    expect(names('--only', 'windows,callback-reset')).toEqual(['windows', 'callback-reset']);
    expect(names('--only', 'callback-reset', '--only', 'windows')).toEqual(['windows', 'callback-reset']);
  });

  test('--variant leaves one of the variants', () => {
    expect(names('--variant', 'keras3')).toEqual(['stateful-windows keras3']);
    expect(names('--only', 'stateful-windows', '--variant', 'keras1')).toEqual(['stateful-windows keras1']);
  });

  test('--variant drops no experiment that --only names', () => {
    const only = 'stateless-elements,stateful-windows';
    expect(names('--only', only, '--variant', 'keras3')).toEqual(['stateful-windows keras3', 'stateless-elements']);
    const [experiment] = experiments;
    const variant = (id: string) => ({ ...experiment.variants[0], id });
    const two = [
      { ...experiment, id: 'one', variants: [variant('a'), variant('b')] },
      { ...experiment, id: 'other', variants: [variant('b')] },
    ];
    const choose = (...args: string[]) => chooseRuns(readOptions(args), two).map(({ name }) => name);
    expect(choose('--variant', 'a')).toEqual(['one a']);
    const named = () => choose('--only', 'one,other', '--variant', 'a');
    expect(named).toThrow(UsageError);
    expect(named).toThrow('--variant is "a", and other has only b.');
  });

  test('--epochs shortens what trains, --seed and --json are handed on', () => {
    const { runs, seed, json } = parse(
      '--only',
      'windows,stateless-full',
      '--epochs',
      '1',
      '--seed=0',
      '--json',
      'a.json',
    );
    expect(runs.map(({ epochs }) => epochs)).toEqual([0, 1]);
    expect({ seed, json }).toEqual({ seed: 0, json: 'a.json' });
  });

  test('what an experiment does not heed is said', () => {
    const said = (...args: string[]) => unheeded(readOptions(args), parse(...args).runs);
    expect(said()).toEqual([]);
    expect(said('--epochs', '1', '--seed', '3', '--only', 'stateless-full,validation-states')).toEqual([]);
    expect(said('--epochs', '1')).toEqual(['--epochs 1 has no effect on windows: nothing is trained there.']);
    const only = 'windows,stateless-full,stateful-windows';
    expect(said('--variant', 'keras3', '--epochs', '2', '--only', only)).toEqual([
      '--variant keras3 has no effect on windows, stateless-full: there are no variants.',
      '--epochs 2 has no effect on windows: nothing is trained there.',
    ]);
    expect(said('--variant', 'keras3', '--epochs', '2')).toEqual([]);
    // Help is given to whoever asks for it, whatever else is asked.
    expect(readOptions(['--help', '--list', '--seed', '1']).help).toBe(true);
  });

  test('what is like several names, or like none, is not taken for one', () => {
    expect(() => parse('--only', 'stateful')).toThrow(/validation-states\.$/);
    expect(() => parse('--only', 'train')).toThrow(/validation-states\.$/);
    expect(() => parse('--xyz')).toThrow(/^There is no option --xyz\.$/);
  });

  test.each([
    [['--only', 'window'], '--only is "window", expected one of windows, stateless-full,'],
    [['--only', 'window'], 'validation-states. Did you mean windows?'],
    [['--only', 'callback'], 'Did you mean callback-reset?'],
    [['--variant', 'keras2'], '--variant is "keras2", expected one of keras1, keras3, keras3-reset.'],
    [['--only', 'windows', '--variant', 'keras3'], 'expected none: the chosen experiments have no variants'],
    [['--epochs', '0'], '--epochs is "0", expected a whole number from 1 on.'],
    [['--epochs', '1.5'], '--epochs is "1.5"'],
    [['--seed', 'x'], '--seed is "x"'],
    [['--seed', ''], '--seed is ""'],
    [['--seed', '-1'], '--seed is "-1", expected a whole number from 0 on.'],
    [['--seed=-1'], '--seed is "-1", expected a whole number from 0 on.'],
    [['--seed', '4294967296'], '--seed is "4294967296", expected a whole number from 0 to 4294967295.'],
    [['--sed', '1'], 'There is no option --sed. Did you mean --seed?'],
    [['-x'], 'There is no option -x.'],
    [['windows'], '"windows" is no option. Options begin with "--", and npm'],
    [['--json'], '--json expects a value behind it.'],
    [['--only', '--list'], '--only expects a value behind it.'],
    [['--only', 'windows', '--epochs', '5'], '--epochs is "5", but of the chosen experiments none trains: windows.'],
    [['--list', '--json', 'a.json'], '--list runs nothing, so that --json has no effect beside it.'],
    [['--epochs', '3', '--list'], '--list runs nothing, so that --epochs has no effect beside it.'],
    [['--list=1'], '--list takes no value, but was given "1".'],
  ])('%j is refused', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});
