import { DEFAULT_SEED } from '../../demo/experiments/data/sequences.ts';
import type { Experiment } from '../../demo/experiments/index.ts';
import { UsageError } from '../complaint.ts';
import { names, oneOf, wholeNumber } from '../option-values.ts';
import { parseOptions } from '../parse-options.ts';

/** One variant of one experiment, to be run. */
export interface Run {
  experiment: Experiment;
  variant: string | null;
  /** `'stateful-windows keras3'`, for people. */
  name: string;
  epochs: number;
}

/** The options as they were given: the experiments that they name are not looked for yet. */
export interface Options {
  only: string[];
  variant?: string;
  seed: number;
  epochs?: number;
  json?: string;
  list: boolean;
  help: boolean;
}

export const usage = `Runs the experiments of "Stateful LSTM in Keras" on WebGPU, in a headless Chrome.

npm run experiments -- [options]

  --only ID[,ID]   run these experiments alone; may be given several times
  --variant ID     of experiments with variants, run this one alone
  --seed N         for the data and the initial weights (default ${DEFAULT_SEED})
  --epochs N       train for N epochs instead of as many as the post
  --json FILE      also write the results to FILE
  --list           list the experiments and their variants
  --help           this text

Exit code: 0, 1 if a verdict is "fail", 2 if the options are wrong, 130 after Ctrl-C.`;

const OPTIONS = {
  only: { type: 'string', multiple: true },
  variant: { type: 'string' },
  seed: { type: 'string' },
  epochs: { type: 'string' },
  json: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UsageError */
export function readOptions(args: string[]): Options {
  const { values } = parseOptions(args, OPTIONS);
  const { only, variant, seed, epochs, json, list = false, help = false } = values;
  if (list && !help) refuseBesideList(Object.keys(values));
  return {
    only: names(only),
    variant,
    seed: wholeNumber('--seed', seed, 0, DEFAULT_SEED),
    epochs: wholeNumber('--epochs', epochs, 1, undefined),
    json,
    list,
    help,
  };
}

/** @throws UsageError */
function refuseBesideList(given: readonly string[]): void {
  const other = given.find((name) => name !== 'list');
  if (other !== undefined) {
    throw new UsageError(`--list runs nothing, so that --${other} has no effect beside it. Leave one of them out.`);
  }
}

/** @throws UsageError if the options name what is not among the experiments, or concern none of those that are chosen */
export function chooseRuns({ only, variant, epochs }: Options, experiments: readonly Experiment[]): Run[] {
  const known = experiments.map(({ id }) => id);
  for (const id of only) oneOf('--only', id, known);
  const chosen = experiments.filter(({ id }) => only.length === 0 || only.includes(id));
  if (variant !== undefined) oneOf('--variant', variant, variantIds(chosen), 'the chosen experiments have no variants');
  const runs = chosen.flatMap((experiment) =>
    variantsOf(experiment, variant, only.length > 0).map(({ id }) => ({
      experiment,
      variant: id,
      name: id === null ? experiment.id : `${experiment.id} ${id}`,
      epochs: experiment.defaultEpochs === 0 ? 0 : (epochs ?? experiment.defaultEpochs),
    })),
  );
  if (epochs !== undefined && runs.every((run) => run.epochs === 0)) {
    const names = runs.map(({ name }) => name).join(', ');
    throw new UsageError(`--epochs is "${epochs}", but of the chosen experiments none trains: ${names}. Leave it out.`);
  }
  return runs;
}

/** Says which options some of the runs do not heed; a line for each option. */
export function unheeded({ variant, epochs }: Options, runs: readonly Run[]): string[] {
  const said = (option: string, why: string, without: readonly Run[]): string[] =>
    without.length === 0 ? [] : [`${option} has no effect on ${without.map(({ name }) => name).join(', ')}: ${why}.`];
  return [
    ...(variant === undefined
      ? []
      : said(
          `--variant ${variant}`,
          'there are no variants',
          runs.filter((run) => run.variant === null),
        )),
    ...(epochs === undefined
      ? []
      : said(
          `--epochs ${epochs}`,
          'nothing is trained there',
          runs.filter((run) => run.epochs === 0),
        )),
  ];
}

/**
 * The variants of an experiment to be run: all, or the one that is asked for. An experiment without variants runs if it is
 * asked for by its name.
 *
 * @throws UsageError if an experiment that is asked for by its name has variants, but not this one
 */
function variantsOf({ id: name, variants }: Experiment, wanted: string | undefined, isNamed: boolean) {
  if (wanted === undefined) return variants;
  const found = variants.filter(({ id }) => id === wanted || (isNamed && id === null));
  if (found.length > 0 || !isNamed) return found;
  throw new UsageError(
    `--variant is "${wanted}", and ${name} has only ${variants.map(({ id }) => id).join(', ')}. Run it by itself.`,
  );
}

function variantIds(chosen: readonly Experiment[]): string[] {
  return chosen.flatMap(({ variants }) => variants.flatMap(({ id }) => id ?? []));
}
