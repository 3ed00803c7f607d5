import { describe, expect, test } from 'vitest';
import type { Recording } from '../../../src/models/network/layers/layer.ts';
import { activationNumber } from '../../../src/models/operations/recurrence/activations.ts';
import { lastState, storedStates } from '../../../src/models/operations/recurrence/cell.ts';
import { persistentSizes, type PersistentTile } from '../../../src/models/operations/recurrence/persistent-tiles.ts';
import { persistentLoop } from '../../../src/models/operations/recurrence/time-loop.ts';
import { lstmForwardPersistent } from '../../../src/shaders/lstm/lstm-forward-persistent.ts';
import { timeChunkStruct } from '../../../src/shaders/recurrent/recurrent-constants.ts';
import { randomSeed, rng } from '../../harness/random.ts';
import { describeHalf } from '../half-precision.ts';
import { layerBesideTwin, type LayerCase } from '../layer-beside-twin.ts';
import { decideByRule } from '../run-layer.ts';
import { frames, runKernel, unwritten } from '../run-kernel.ts';

interface Case extends LayerCase {
  name: string;
  tile: PersistentTile;
  /** In multiply-adds per millisecond; little makes each step a dispatch of its own. */
  throughput?: number;
}

/** With a row past the last tile, and units that slices do not divide. The loop computes the product of so few features itself. */
const edges = { batch: 5, steps: 4, features: 3, units: 21 };
const spec = { cell: 'lstm' } as const;

const cases: Case[] = [
  { name: 'a row each', spec, shape: edges, tile: { rows: 1, slices: 4 }, sequences: true },
  { name: 'more rows than slices', spec, shape: edges, tile: { rows: 4, slices: 2 } },
  { name: 'fewer rows than slices', spec, shape: edges, tile: { rows: 2, slices: 5 }, sequences: true },
  {
    name: 'more features than threads',
    spec,
    shape: { batch: 3, steps: 3, features: 16, units: 5 },
    tile: { rows: 2, slices: 1 },
  },
  {
    name: 'product of the input given',
    spec,
    shape: { batch: 3, steps: 9, features: 17, units: 32 },
    tile: { rows: 2, slices: 8 },
    sequences: true,
  },
  {
    name: 'a dispatch for each step, masked, without bias',
    spec,
    shape: edges,
    tile: { rows: 2, slices: 2 },
    masked: true,
    useBias: false,
    throughput: 1,
  },
  {
    name: 'backwards, masked, zeros',
    spec: { ...spec, goBackwards: true, zeroOutputForMask: true },
    shape: { batch: 3, steps: 7, features: 2, units: 5 },
    tile: { rows: 1, slices: 2 },
    sequences: true,
    masked: true,
  },
  {
    name: 'reset within, masked, other activations',
    spec: { ...spec, activation: 'softsign', recurrentActivation: 'hardSigmoid' },
    shape: edges,
    tile: { rows: 4, slices: 4 },
    sequences: true,
    masked: true,
    reset: true,
  },
];

/** Takes this time loop, and for the rest the default. */
const forcing =
  ({ tile, shape, throughput }: Case): Recording['decide'] =>
  (part, task) => {
    const byRule = decideByRule(part, task);
    if (part !== 'time loop') return byRule;
    const candidate = { ...byRule.candidate, ...persistentLoop(tile, shape.units) };
    return { candidate, throughput: throughput ?? byRule.throughput };
  };

async function expectTwin(given: Case): Promise<void> {
  const { runBy, expectRight } = layerBesideTwin(given);
  const result = await runBy(forcing(given));
  expectRight(result);
  const again = await runBy(forcing(given));
  expect({ ...again, passedMask: undefined }).toEqual({ ...result, passedMask: undefined });
}

describe('an LSTM whose threads share persistent weights is its twin, forward and backward', () => {
  test.each(cases)('$name: $shape, $tile', expectTwin);
});

test('states are stored of all steps, or for a prediction behind the last step of each dispatch, with the same bits', async () => {
  const [size, tile] = [
    { rows: 5, units: 18, features: 3 },
    { rows: 2, slices: 3 },
  ];
  const [steps, cells] = [7, size.rows * size.units];
  const random = rng(randomSeed());
  const { shared, forward } = persistentSizes(tile, size);
  const initial = [0, 1].map(() => random.array(cells, 0.7));
  const [input, weights] = [steps * size.rows * 3, 4 * 22 * 18].map((count) => random.array(count, 0.5));
  const run = (savesSteps: boolean, ...counts: number[]) => {
    const stored = storedStates(steps, savesSteps) * cells;
    const [h, c] = initial.map((state) => [...state, ...unwritten(stored - cells)]);
    const chunks = counts.map((count, n) => ({ first: counts.slice(0, n).reduce((a, b) => a + b, 0), count }));
    const [mask, gates, output] = [1, savesSteps ? 4 * steps * cells : 4, steps * cells].map(unwritten);
    const bindings = { chunk: frames(timeChunkStruct, ...chunks), input, weights, mask, h, c, gates, output };
    return runKernel(lstmForwardPersistent.float32, bindings, {
      ...shared,
      ...forward,
      ROWS: size.rows,
      UNITS: size.units,
      RECURRENT_ROW: size.features + 1,
      INPUTS: size.features,
      STEPS: steps,
      RETURN_SEQUENCES: 1,
      BACKWARDS: 0,
      MASKED: 0,
      ZERO_OUTPUT: 0,
      CONTINUES_OUTPUT: 0,
      RECURRENT_DROPOUT: 0,
      SAVE_FOR_BACKWARD: Number(savesSteps),
      FUSED_STEPS: 1,
      ACTIVATION: activationNumber('tanh'),
      RECURRENT_ACTIVATION: activationNumber('sigmoid'),
    });
  };
  const all = await run(true, 7);
  for (const predicted of [await run(false, 7), await run(false, 2, 1, 4)]) {
    expect(predicted.output).toEqual(all.output);
    for (const name of ['h', 'c'] as const) {
      const last = lastState(steps, false) * cells;
      expect(predicted[name].slice(last, last + cells)).toEqual(all[name].slice(-cells));
      expect(all[name].every(Number.isFinite)).toBe(true);
    }
  }
});

describeHalf('an LSTM whose threads share persistent weights in half precision is its twin', () => {
  test.each(cases)('$name: $shape, $tile', (given) => expectTwin({ ...given, precision: 'mixedFloat16' }));
});
