import { describe, test } from 'vitest';
import { activationNumber } from '../../../src/models/operations/recurrence/activations.ts';
import type { Grid } from '../../../src/runtime/kernel.ts';
import { lstmWavefrontBackward } from '../../../src/shaders/lstm/lstm-wavefront-backward.ts';
import { lstmWavefrontForward } from '../../../src/shaders/lstm/lstm-wavefront-forward.ts';
import { diagonalStruct } from '../../../src/shaders/lstm/wavefront-constants.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import type { GateName } from '../../reference/activations.ts';
import { swapOuter, type Numbers } from '../../reference/arrays.ts';
import { recurrent } from '../../reference/recurrent.ts';
import { tiles, type Tile } from '../tiles.ts';
import { frames, runKernel } from '../run-kernel.ts';
import { inputGates, packedGates } from './lstm-arrays.ts';

interface Case extends Tile {
  layers: number;
  batch: number;
  steps: number;
  features: number;
  units: number;
  gate: GateName;
  sequences: boolean;
}

/** Stacks take no higher tiles, which compile for long. */
const low = tiles.filter(({ tileRows }) => tileRows <= 16);

const shapes = [
  { layers: 2, batch: 1, steps: 1, features: 1, units: 1 },
  { layers: 4, batch: 3, steps: 2, features: 2, units: 5 },
  { layers: 2, batch: 9, steps: 7, features: 3, units: 33 },
];
/** With rows and units past the edge of every tile. */
const edges = { layers: 3, batch: 17, steps: 3, features: 4, units: 13 };
const cases: Case[] = [
  ...low.map((tile): Case => ({ ...edges, ...tile, gate: 'sigmoid', sequences: true })),
  ...shapes.map((shape, n): Case => ({ ...shape, ...low[n % low.length], gate: 'sigmoid', sequences: false })),
  { ...shapes[1], ...low[3 % low.length], gate: 'hardSigmoidLegacy', sequences: true },
];

/** Few enough that larger shapes need several workgroups, and too many to run in lockstep. */
const THREADS = 4;

/** Vectors between layers, so that what is read or written past the end of one is seen. */
const GAP = 3;

/** What no kernel has written. It can be compared, and makes nonsense of every sum that it gets into. */
const empty = (size: number) => new Float32Array(size).fill(1e30);

/** Parts one behind the other with a gap behind each. */
function apart(parts: readonly Numbers[], gap: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(parts.flatMap((part) => [...Array.from(part), ...empty(gap)]));
}

/** Weights [H, 4 H] of gates unit by unit, with rows and units exchanged. */
function exchanged(data: Numbers, units: number): Float64Array {
  return swapOuter(packedGates(data, units), [units, units, 4]);
}

const reason = 'sums of up to 66 products, each rounded to 6e-8, through up to 7 steps of up to 4 layers';

/** A stack of layers with random weights and initial states, and its twins in float64, one behind the other. */
function setUp(shape: Case) {
  const { layers, batch, steps, units, gate, sequences, tileRows } = shape;
  const random = rng(randomSeed());
  const width = 4 * units;
  const x = random.array(batch * steps * shape.features, 1);
  let input: Numbers = x;
  const stack = Array.from({ length: layers }, (_, layer) => {
    const features = layer === 0 ? shape.features : units;
    const weights = {
      kernel: random.array(features * width, Math.sqrt(1 / features)),
      bias: random.array(width, 0.7),
      recurrentKernel: random.array(units * width, Math.sqrt(1 / units)),
    };
    const initial = [0, 1].map(() => random.array(batch * units, 0.7));
    const spec = { cell: 'lstm', recurrentActivation: gate } as const;
    const twin = recurrent(spec, { ...shape, features }, weights, input, { initial });
    input = twin.output;
    return { weights, initial, twin };
  });
  const timeMajor = (data: Numbers, timesteps: number, depth: number) => swapOuter(data, [batch, timesteps, depth]);
  return {
    random,
    stack,
    x,
    constants: {
      LAYERS: layers,
      ROWS: batch,
      UNITS: units,
      STEPS: steps,
      RETURN_SEQUENCES: sequences ? 1 : 0,
      SAVE_FOR_BACKWARD: 1,
      LAYER_STATES: (steps + 1) * batch * units + GAP,
      THREADS,
      TILE_ROWS: tileRows,
      ACTIVATION: activationNumber('tanh'),
      RECURRENT_ACTIVATION: activationNumber(gate),
    },
    /** As the kernels lay them out: time before rows. */
    states: (state: number) => stack.map(({ twin }) => timeMajor(twin.states[state], steps + 1, units)),
    gates: packedGates(
      stack.flatMap(({ twin }) => [...timeMajor(twin.gates, steps, width)]),
      units,
    ),
    timeMajor,
  };
}

/** The diagonals in order of time, and how many workgroups each needs. */
function diagonals({ layers, steps, batch, units, tileRows }: Case, tileUnits: number) {
  return Array.from({ length: layers + steps - 1 }, (_, sum) => {
    const first_layer = Math.max(0, sum - steps + 1);
    const count = Math.min(sum, layers - 1) - first_layer + 1;
    const grid: Grid = [Math.ceil(units / (tileUnits * THREADS)), Math.ceil(batch / tileRows), count];
    return { diagonal: frames(diagonalStruct, { sum, first_layer }), grid };
  });
}

/** Deno compiles all kernels once more, so it runs every third case. */
const some = cases.map((shape, n) => ({ ...shape, n })).filter(({ n }) => !('Deno' in globalThis) || n % 3 === 0);

describe.each(some)(
  '$layers layers, batch $batch, $steps steps, $units units, $gate, sequences $sequences, $tileRows rows a tile, loaded $loading',
  ({ n, ...shape }) => {
    const { layers, batch, steps, features, units, sequences, loading } = shape;
    const [cells, width] = [steps * batch * units, 4 * units];

    // Every tile works with and without a product of its own, and shapes in turns.
    const isOfTiles = shape.batch === edges.batch;
    // A GPU has all cells of a tile unrolled; a software adapter takes a minute to compile that.
    const unrolls = isOfTiles && shape.tileRows === 8 ? [0, 3] : [0];
    const owns = isOfTiles ? [0, features] : [n % 2 === 0 ? 0 : features];
    test.each(owns)('lstm-wavefront-forward, which works the product of %i features out itself', async (own) => {
      const { stack, x, constants, states, gates, timeMajor } = setUp(shape);
      const [lowest] = stack;
      const matrices = stack.map(({ weights: { kernel, bias, recurrentKernel } }) =>
        packedGates([...kernel, ...bias, ...recurrentKernel], units),
      );
      const [first, second] = matrices.map(({ length }) => length / 4 + GAP);
      const initial = (state: number) => stack.map(({ initial: start }) => [...start[state], ...empty(cells)]);
      const withGates = empty(gates.length);
      withGates.set(inputGates(shape, x, lowest.weights));
      let bindings = {
        input: own > 0 ? timeMajor(x, steps, features) : empty(1),
        weights: apart(matrices, 4 * GAP),
        h: apart(initial(0), GAP),
        c: apart(initial(1), GAP),
        gates: own > 0 ? empty(gates.length) : withGates,
        output: empty(sequences ? cells : batch * units),
      };
      const sizes = { FEATURES: features, INPUTS: own, SECOND_WEIGHTS: first, LAYER_WEIGHTS: second };
      for (const { diagonal, grid } of diagonals(shape, 2)) {
        const run = { ...bindings, diagonal };
        const all = { ...constants, ...sizes, UNROLLED_CELLS: unrolls.at(-1)! };
        bindings = { ...bindings, ...(await runKernel(lstmWavefrontForward[loading], run, all, grid)) };
      }

      const [h, c] = [states(0), states(1)];
      const close = { atol: 6e-6, rtol: 6e-6, reason };
      expectClose(bindings.h, apart(h, GAP), { ...close, what: 'h' });
      expectClose(bindings.c, apart(c, GAP), { ...close, what: 'c' });
      expectClose(bindings.gates, gates, { ...close, what: 'gates' });
      const output = h.at(-1)!.slice(sequences ? batch * units : -batch * units);
      expectClose(bindings.output, output, { ...close, what: 'output' });
    });

    test.each(unrolls)('lstm-wavefront-backward, %i cells unrolled', async (UNROLLED_CELLS) => {
      const { random, stack, constants, states, gates, timeMajor } = setUp(shape);
      const all = random.array(cells, 1);
      const lastOnly = all.slice(0, batch * units);
      // From the highest layer down: the gradient of the input of one is that of the output of the next.
      let gradient: Numbers = all;
      const backs = stack.toReversed().map(({ twin }, depth) => {
        const back = depth > 0 || sequences ? twin.backward(gradient) : twin.backward([], [lastOnly]);
        gradient = back.x;
        return back;
      });
      backs.reverse();

      const transposed = stack.flatMap(({ weights }, layer) => [
        ...(layer > 0 ? [exchanged(weights.kernel, units)] : []),
        exchanged(weights.recurrentKernel, units),
      ]);
      let bindings = {
        transposed: apart(transposed, 4 * GAP),
        gates,
        c: apart(states(1), GAP),
        output_gradient: sequences ? timeMajor(all, steps, units) : lastOnly,
        carry: empty(layers * batch * units),
      };
      const MATRIX = units * units + GAP;
      for (const { diagonal, grid } of diagonals(shape, 4).toReversed()) {
        const run = { ...bindings, diagonal };
        bindings = {
          ...bindings,
          ...(await runKernel(lstmWavefrontBackward[loading], run, { ...constants, MATRIX, UNROLLED_CELLS }, grid)),
        };
      }

      const close = { atol: 2e-5, rtol: 2e-5, reason };
      const dz = backs.flatMap(({ inputProduct }) => [...timeMajor(inputProduct, steps, width)]);
      expectClose(bindings.gates, packedGates(dz, units), { ...close, what: 'dz' });
      const dc = backs.flatMap(({ initial }) => [...initial[1]]);
      expectClose(bindings.carry, dc, { ...close, what: 'gradient of the initial c' });
    });
  },
);
