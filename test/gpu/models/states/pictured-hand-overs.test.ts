import { expect, test } from 'vitest';
import { BATCH_SIZES, handOversOf, PIECES_IN_ALL, type Batching } from '../../../../demo/pictures/hand-overs/data.ts';
import { callOf, maskOf } from '../../../../demo/pictures/hand-overs/words.ts';
import { dense, sequential, sgd, simpleRnn, type FitOptions, type Model } from '../../../../src/index.ts';
import { gpu } from '../../gpu.ts';

// The page shows a call of fit below the picture of its hand-overs. Here the call runs as it is shown, with a network that adds up
// what it sees. Each piece is a power of two, so that a sum tells which pieces a state has gone through.

const MARKS = [0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0];

async function addingModel(batchSize: number): Promise<Model> {
  const model = await sequential(gpu, {
    inputShape: [1, 1],
    batchSize,
    layers: [
      simpleRnn({
        units: 1,
        activation: 'linear',
        stateful: true,
        useBias: false,
        kernelInitializer: { constant: 1 },
        recurrentInitializer: { constant: 1 },
      }),
      dense({ units: 1 }),
    ],
  });
  model.compile({ optimizer: sgd({ learningRate: 0 }), loss: 'mse' });
  return model;
}

const x = Array.from({ length: PIECES_IN_ALL }, (_, index) => 2 ** index);
const y = x.map(() => 0);

/** The states after each batch of two epochs. */
async function statesOf(batchSize: number, fit: (model: Pick<Model, 'fit'>) => Promise<unknown>): Promise<number[][]> {
  const model = await addingModel(batchSize);
  const states: number[][] = [];
  const recorder = {
    onBatchEnd: async (...[, , training]: [number, unknown, Pick<Model, 'getStates'>]) => {
      const [{ data }] = await training.getStates();
      states.push([...data]);
    },
  };
  const recorded = {
    fit: (xs: number[], ys: number[], options: FitOptions) =>
      model.fit(xs, ys, { ...options, callbacks: [...(options.callbacks ?? []), recorder] }),
  };
  for (let epoch = 0; epoch < 2; epoch++) await fit(recorded as Pick<Model, 'fit'>);
  model.dispose();
  return states;
}

/** The same by the picture: a state goes on with the sum of the piece that hands over to it, unless there is a reset. */
function picturedStates(batching: Batching): number[][] {
  const states: number[][] = [];
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const { batch, row, index, isReset } of handOversOf(batching)) {
      const before = isReset ? 0 : (states[epoch * (PIECES_IN_ALL / batching.batchSize) + batch - 1]?.[row] ?? 0);
      (states[epoch * (PIECES_IN_ALL / batching.batchSize) + batch] ??= [])[row] = before + x[index];
    }
  }
  return states;
}

/** Runs a program that the page shows. */
async function run(code: string, model: Pick<Model, 'fit'>): Promise<unknown> {
  const body = `export default (model, x, y) => ${code.slice(code.indexOf('model.fit'))}`;
  const url = `data:text/javascript,${encodeURIComponent(body)}`;
  const program = (await import(/* @vite-ignore */ url)) as { default: (...scope: unknown[]) => Promise<unknown> };
  return program.default(model, x, y);
}

test.each(BATCH_SIZES)(
  'the call that is shown hands over as the picture shows it, in batches of %i',
  async (batchSize) => {
    for (const resets of [0, 2, 4, MARKS]) {
      const batching: Batching = { batchSize, order: 'in-order', seed: 1, resets };
      expect(await statesOf(batchSize, (model) => run(callOf(batching), model))).toEqual(picturedStates(batching));
    }
  },
);

test('so do resets that are shown as data', async () => {
  const batching: Batching = { batchSize: 3, order: 'in-order', seed: 1, resets: MARKS };
  const mask = `model.fit(x, y, { batchSize: 3, ${maskOf(batching)} })`;
  expect(await statesOf(3, (model) => run(mask, model))).toEqual(picturedStates(batching));
});
