import { describe, expect, test } from 'vitest';
import type { Recording } from '../../../src/models/network/layers/layer.ts';
import { splitKLoop } from '../../../src/models/operations/recurrence/time-loop.ts';
import type { SplitKTile } from '../../../src/models/operations/recurrence/split-k-tiles.ts';
import { layerBesideTwin, type LayerCase } from '../layer-beside-twin.ts';
import { decideByRule } from '../run-layer.ts';

interface Case extends LayerCase {
  name: string;
  tile: SplitKTile;
}

/** With rows and units past the edge of every tile. The loop computes the product of so few features itself. */
const edges = { batch: 17, steps: 3, features: 3, units: 70 };
/** More terms of a sum than workgroup memory holds at a time. */
const deep = { batch: 9, steps: 2, features: 17, units: 260 };
const small = { batch: 3, steps: 7, features: 2, units: 5 };
const spec = { cell: 'lstm' } as const;

// Each case compiles kernels of its own for seconds, so a tile that another case has on the edges is not repeated here.
const tiles: SplitKTile[] = [
  { rows: 4, units: 4 },
  { rows: 4, units: 16 },
  { rows: 16, units: 4 },
];
const [middle, large]: SplitKTile[] = [
  { rows: 8, units: 8 },
  { rows: 16, units: 16 },
];
const cases: Case[] = [
  ...tiles.map((tile, n): Case => ({ name: 'edges', spec, shape: edges, tile, sequences: n % 2 === 0 })),
  { name: 'deep', spec, shape: deep, tile: { rows: 16, units: 8 }, sequences: true },
  { name: 'one of all', spec, shape: { batch: 1, steps: 1, features: 1, units: 1 }, tile: tiles[0] },
  { name: 'what divides', spec, shape: { batch: 16, steps: 2, features: 17, units: 64 }, tile: large },
  { name: 'masked, without bias', spec, shape: edges, tile: middle, masked: true, useBias: false },
  {
    name: 'backwards, masked, zeros',
    spec: { ...spec, goBackwards: true, zeroOutputForMask: true },
    shape: small,
    tile: tiles[0],
    sequences: true,
    masked: true,
  },
  {
    name: 'reset within, masked, other activations',
    spec: { ...spec, activation: 'softsign', recurrentActivation: 'hardSigmoid' },
    shape: edges,
    tile: large,
    sequences: true,
    masked: true,
    reset: true,
  },
];

/** Takes this time loop, and for the rest the default. */
const forcing =
  (tile: SplitKTile): Recording['decide'] =>
  (part, task) => {
    const byRule = decideByRule(part, task);
    return part === 'time loop' ? { ...byRule, candidate: { ...byRule.candidate, ...splitKLoop(tile) } } : byRule;
  };

describe('an LSTM whose sums are split along k is its twin, forward and backward', () => {
  test.each(cases)('$name: $shape, $tile', async ({ tile, ...given }) => {
    const { runBy, expectRight } = layerBesideTwin(given);
    const result = await runBy(forcing(tile));
    expectRight(result);
    const again = await runBy(forcing(tile));
    expect({ ...again, passedMask: undefined }).toEqual({ ...result, passedMask: undefined });
  });
});
