import { describe, expect, test } from 'vitest';
import { activationNumber } from '../../../src/models/operations/recurrence/activations.ts';
import { BASELINE_ROWS } from '../../../src/models/network/layers/lstm.ts';
import { lastState } from '../../../src/models/operations/recurrence/cell.ts';
import type { Grid } from '../../../src/runtime/kernel.ts';
import { unrolledCells } from '../../../src/shaders/lstm/lstm-tile.ts';
import { lstmBackward } from '../../../src/shaders/lstm/lstm-backward.ts';
import { lstmForward } from '../../../src/shaders/lstm/lstm-forward.ts';
import { timeChunkStruct } from '../../../src/shaders/recurrent/recurrent-constants.ts';
import { recurrentTranspose } from '../../../src/shaders/recurrent/recurrent-transpose.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng, SETTLED_SEED } from '../../harness/random.ts';
import { swapOuter } from '../../reference/arrays.ts';
import type { GateName } from '../../reference/activations.ts';
import { recurrent } from '../../reference/recurrent.ts';
import { tiles, type Tile } from '../tiles.ts';
import { frames, runKernel, unwritten } from '../run-kernel.ts';
import { inputGates, packedGates } from './lstm-arrays.ts';

interface Case extends Tile {
  batch: number;
  steps: number;
  features: number;
  units: number;
  gate: GateName;
  sequences: boolean;
}

const shapes = [
  { batch: 5, steps: 1, features: 2, units: 3 },
  { batch: 1, steps: 7, features: 1, units: 3 },
  { batch: 5, steps: 7, features: 3, units: 33 },
  { batch: 2, steps: 3, features: 4, units: 130 },
  { batch: 1, steps: 1, features: 1, units: 1 },
];
/** With rows and units past the edge of every tile. */
const edges = { batch: 41, steps: 3, features: 2, units: 27 };
/** Higher ones take seconds to compile, each for each shape. */
const low = tiles.filter(({ tileRows }) => tileRows <= BASELINE_ROWS);
const cases: Case[] = [
  ...tiles.map((tile): Case => ({ ...edges, ...tile, gate: 'sigmoid', sequences: true })),
  ...shapes.map((shape, n): Case => {
    const tile = low[n % low.length];
    return n % 2 === 0
      ? { ...shape, ...tile, gate: 'sigmoid', sequences: false }
      : { ...shape, ...tile, gate: 'hardSigmoidLegacy', sequences: true };
  }),
];

/**
 * Two ways to cut time into dispatches: one with all steps and one workgroup a tile of rows, or one a step with as many
 * workgroups as the kernel wants.
 */
interface Way {
  chunks: readonly { first: number; count: number }[];
  grid?: Grid;
}

/** Few enough that larger shapes need several turns or several workgroups, and too many to run in lockstep. */
const THREADS = 4;

const FUSED_STEPS = { fused: 1, stepped: 0 };

function waysOf({ steps, batch, tileRows }: Case): Record<'fused' | 'stepped', Way> {
  return {
    fused: { chunks: [{ first: 0, count: steps }], grid: [1, Math.ceil(batch / tileRows), 1] },
    stepped: { chunks: Array.from({ length: steps }, (_, first) => ({ first, count: 1 })) },
  };
}

const reason = 'sums of up to 130 products, each rounded to 6e-8, through up to 7 steps';

function setUp(shape: Case) {
  const { batch, steps, features, units, gate, sequences, tileRows } = shape;
  const random = rng(gate === 'sigmoid' ? randomSeed() : SETTLED_SEED);
  const width = 4 * units;
  const scale = Math.sqrt(1 / units);
  const kernel = random.array(features * width, 0.7);
  const bias = random.array(width, 0.7);
  const recurrentKernel = random.array(units * width, scale);
  const x = random.array(batch * steps * features, 1);
  const initial = [0, 1].map(() => random.array(batch * units, 0.7));
  const weights = { kernel, recurrentKernel, bias };
  const twin = recurrent({ cell: 'lstm', recurrentActivation: gate }, shape, weights, x, { initial });
  const timeMajor = (data: Float64Array, timesteps: number, depth: number) =>
    swapOuter(data, [batch, timesteps, depth]);
  return {
    random,
    weights,
    x,
    twin,
    stacked: packedGates([...kernel, ...bias, ...recurrentKernel], units),
    initial,
    constants: {
      ROWS: batch,
      UNITS: units,
      RECURRENT_ROW: features + 1,
      STEPS: steps,
      RETURN_SEQUENCES: sequences ? 1 : 0,
      BACKWARDS: 0,
      MASKED: 0,
      ZERO_OUTPUT: 0,
      CONTINUES_OUTPUT: 0,
      RECURRENT_DROPOUT: 0,
      SAVE_FOR_BACKWARD: 1,
      ACTIVATION: activationNumber('tanh'),
      RECURRENT_ACTIVATION: activationNumber(gate),
      THREADS,
      TILE_ROWS: tileRows,
    },
    /** As the kernels lay them out: time before rows. */
    expected: {
      h: timeMajor(twin.states[0], steps + 1, units),
      c: timeMajor(twin.states[1], steps + 1, units),
      gates: packedGates(timeMajor(twin.gates, steps, width), units),
      output: sequences ? timeMajor(twin.output, steps, units) : twin.last[0],
    },
  };
}

interface Flags {
  SAVE_FOR_BACKWARD: number;
  FUSED_STEPS: number;
  PERSISTENT_UNITS: number;
  UNROLLED_CELLS: number;
  THREADS: number;
}

/** The forward kernel on random numbers, which works the product of `own` features out itself. */
function forwardOf(shape: Case, own: number) {
  const { batch, steps, features, units, loading, tileRows } = shape;
  const { weights, x, stacked, initial, constants, expected } = setUp(shape);
  const cells = batch * units;
  const givenGates = inputGates(shape, x, weights);
  const run = ({ chunks, grid }: Way, flags: Partial<Flags>) => {
    const stored = flags.SAVE_FOR_BACKWARD === 0 ? 2 : steps;
    const bindings = {
      chunk: frames(timeChunkStruct, ...chunks),
      input: own > 0 ? swapOuter(x, [batch, steps, features]) : unwritten(1),
      weights: stacked,
      mask: unwritten(1),
      dropout_mask: unwritten(1),
      h: [...initial[0], ...unwritten(stored * cells)],
      c: [...initial[1], ...unwritten(stored * cells)],
      gates: own > 0 ? unwritten(expected.gates.length) : givenGates,
      output: unwritten(expected.output.length),
    };
    const defaults = { SAVE_FOR_BACKWARD: 1, FUSED_STEPS: 1, PERSISTENT_UNITS: 0, UNROLLED_CELLS: 0 };
    const all = { ...constants, INPUTS: own, ...defaults, ...flags };
    return runKernel(lstmForward.float32[loading], bindings, all, grid, tileRows <= BASELINE_ROWS);
  };
  const expectRight = (results: Awaited<ReturnType<typeof run>>) => {
    for (const name of ['h', 'c', 'gates', 'output'] as const) {
      expectClose(results[name], expected[name], { atol: 4e-6, rtol: 4e-6, what: name, reason });
    }
  };
  return { run, expectRight };
}

/** Cells to unroll: a GPU has all cells of a tile unrolled, and a software adapter takes a minute to compile that. */
function someCells(tileRows: number, pass: 'forward' | 'backward'): number {
  return Math.min(3, unrolledCells({ isSoftware: false }, tileRows, pass));
}

describe.each(cases)(
  'batch $batch, $steps steps, $units units, $gate, sequences $sequences, $tileRows rows a tile, loaded $loading',
  (shape) => {
    const { batch, steps, features, units, sequences, loading, tileRows } = shape;
    const ways = waysOf(shape);

    test.each([0, features])('lstm-forward, which works the product of %i features out itself', async (own) => {
      const { run, expectRight } = forwardOf(shape, own);
      expectRight(await run(ways.fused, {}));
    });

    test('lstm-forward gives the same bits step by step, if it saves nothing for the backward pass', async () => {
      const { run } = forwardOf(shape, features);
      const cells = batch * units;
      const alone = { FUSED_STEPS: 0, SAVE_FOR_BACKWARD: 0, UNROLLED_CELLS: someCells(tileRows, 'forward') };
      const [fused, short] = [await run(ways.fused, {}), await run(ways.stepped, alone)];
      expect(short.output).toEqual(fused.output);
      for (const name of ['h', 'c'] as const) {
        const last = lastState(steps, false) * cells;
        expect(short[name].slice(last, last + cells)).toEqual(fused[name].slice(-cells));
        expect(short[name].slice(0, cells)).toEqual(fused[name].slice(0, cells));
      }
    });

    test('lstm-backward', async () => {
      const { random, twin, stacked, constants, expected } = setUp(shape);
      const all = random.array(batch * steps * units, 1);
      const lastOnly = all.slice(0, batch * units);
      const gradients = sequences ? twin.backward(all) : twin.backward([], [lastOnly]);
      const { UNITS, RECURRENT_ROW } = constants;
      const transposing = { weights: stacked, transposed: unwritten(4 * units * units) };
      const { transposed } = await runKernel(recurrentTranspose.float32, transposing, { UNITS, RECURRENT_ROW });
      const run = (way: keyof typeof ways, UNROLLED_CELLS = 0) => {
        const { chunks, grid } = ways[way];
        const bindings = {
          chunk: frames(timeChunkStruct, ...chunks.toReversed()),
          transposed,
          mask: unwritten(1),
          gates: expected.gates,
          c: expected.c,
          output_gradient: sequences ? swapOuter(all, [batch, steps, units]) : lastOnly,
          carry: unwritten(3 * batch * units),
        };
        const flags = { FUSED_STEPS: FUSED_STEPS[way], UNROLLED_CELLS };
        const values = { ...constants, ...flags };
        return runKernel(lstmBackward.float32[loading], bindings, values, grid, tileRows <= BASELINE_ROWS);
      };
      const fused = await run('fused');
      const close = { atol: 1e-5, rtol: 1e-5, reason };
      const dz = packedGates(swapOuter(gradients.inputProduct, [batch, steps, 4 * units]), units);
      expectClose(fused.gates, dz, { ...close, what: 'dz' });
      const dc = fused.carry.slice(2 * batch * units);
      expectClose(dc, gradients.initial[1], { ...close, what: 'gradient of the initial c' });
      expect(await run('stepped', someCells(tileRows, 'backward'))).toEqual(fused);
    });
  },
);

describe.each(tiles.filter(({ tileRows }) => tileRows === 1))('persistent weights, loaded $loading', (tile) => {
  // As many units as the threads have room for, which compile for long, and fewer.
  const full = tile.loading === tiles.at(-1)!.loading ? [{ units: 64, threads: 32 }] : [];
  test.each([...full, { units: 36, threads: 32 }, { units: 4, threads: 4 }])(
    '$units units, $threads threads',
    async ({ units, threads }) => {
      const shape: Case = { batch: 3, steps: 5, features: 2, units, gate: 'sigmoid', sequences: true, ...tile };
      const { fused } = waysOf(shape);
      const { run, expectRight } = forwardOf(shape, shape.features);
      const persistent = await run(fused, { PERSISTENT_UNITS: units, THREADS: threads });
      expectRight(persistent);
      expect(persistent).toEqual(await run(fused, { THREADS: threads }));
      // Two dispatches load them twice.
      const apart: Way = {
        ...fused,
        chunks: [
          { first: 0, count: 2 },
          { first: 2, count: 3 },
        ],
      };
      expect(await run(apart, { PERSISTENT_UNITS: units, THREADS: threads })).toEqual(persistent);
    },
  );
});
