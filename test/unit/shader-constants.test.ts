import { expect, test } from 'vitest';
import { gru, lstm, simpleRnn } from '../../src/index.ts';
import { RESIDENT_LOSSES } from '../../src/models/execution/resident/resident-model.ts';
import type { LayerDefinition } from '../../src/models/network/layers/layer.ts';
import { MERGE_MODES } from '../../src/models/network/layers/bidirectional.ts';
import { REGRESSION_LOSSES } from '../../src/models/network/objective/losses.ts';
import { ELEMENT_METRICS } from '../../src/models/network/objective/metrics.ts';
import { CONSTRAINTS } from '../../src/models/network/optimizer/constraints.ts';
import { ACTIVATIONS } from '../../src/models/operations/recurrence/activations.ts';
import { CARRIED } from '../../src/models/operations/recurrence/cell.ts';
import { THREADS } from '../../src/runtime/kernel.ts';
import { LAYER_KINDS, SOFTMAX, TILE_COLUMNS } from '../../src/shaders/generation/layer-step.ts';
import { LSTM_TILE_UNITS } from '../../src/shaders/lstm/lstm-tile.ts';
import { BLOCK } from '../../src/shaders/products/blocks.ts';
import { STRIP_BLOCKS } from '../../src/shaders/products/product-register-tiled.ts';

const texts = import.meta.glob<string>('../../src/shaders/*/*.wgsl', { eager: true, query: '?raw', import: 'default' });
const textOf = (path: string) => texts[`../../src/shaders/${path}.wgsl`];

/** The whole numbers that WGSL declares as constants, by name. */
function wholeNumbers(text: string): Record<string, number> {
  const declared = [...text.matchAll(/^const (\w+) = (\d+)u;/gm)];
  return Object.fromEntries(declared.map(([, name, value]) => [name, Number(value)]));
}

/** Names in the order of their numbers, spelled as constants: `hardSigmoid` is HARD_SIGMOID. */
function numbered(names: readonly string[]): Record<string, number> {
  const spelled = names.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return Object.fromEntries(spelled.map((name, number) => [name, number]));
}

/** A layer of one unit has a column of weights for each gate. */
function gatesOf(definition: LayerDefinition): Record<string, number> {
  const [{ columns }] = definition.build('layer', [1, 1]).matrices;
  return { GATES: columns };
}

const declaredTwice: Record<string, Record<string, number>> = {
  'generation/layer-step': { ...numbered(LAYER_KINDS), SOFTMAX, TILE_COLUMNS },
  'gru/gru-backward': gatesOf(gru({ units: 1 })),
  'gru/gru-forward': gatesOf(gru({ units: 1 })),
  'losses/regression-loss': numbered(REGRESSION_LOSSES),
  'lstm/lstm-backward-tile': { TILE_UNITS: LSTM_TILE_UNITS.backward },
  'lstm/lstm-forward-tile': { TILE_UNITS: LSTM_TILE_UNITS.forward },
  'lstm/lstm-cell': gatesOf(lstm({ units: 1 })),
  'optimizers/weight-constraint': numbered(CONSTRAINTS),
  'resident/forward': numbered(RESIDENT_LOSSES),
  'prelude/activations': numbered(ACTIVATIONS),
  'prelude/grid': { ELEMENT_THREADS: THREADS },
  'prelude/metrics': numbered(ELEMENT_METRICS),
  'prelude/recurrent-gradient': numbered(['bypass', 'repeated', 'cell']),
  'products/blocks': { BLOCK },
  'sequences/merge-modes': numbered(MERGE_MODES),
  'simple-rnn/simple-rnn-backward': gatesOf(simpleRnn({ units: 1 })),
  'simple-rnn/simple-rnn-forward': gatesOf(simpleRnn({ units: 1 })),
};

/** Constants that WGSL alone knows. */
const declaredOnce = ['products/product-workgroup-tiled'];

test.each(Object.entries(declaredTwice))('%s.wgsl declares the constants that TypeScript does', (path, expected) => {
  expect(wholeNumbers(textOf(path))).toEqual(expected);
});

test('every constant of WGSL is held by these tests, or known to WGSL alone', () => {
  const declaring = Object.entries(texts).filter(([, text]) => Object.keys(wholeNumbers(text)).length > 0);
  const paths = declaring.map(([path]) => /shaders\/(.+)\.wgsl$/.exec(path)![1]);
  expect(new Set(paths)).toEqual(new Set([...Object.keys(declaredTwice), ...declaredOnce]));
});

test('the number of a softmax is none of another activation', () => {
  expect(SOFTMAX).toBe(ACTIVATIONS.length);
});

test('as many gradients are carried from step to step as WGSL numbers', () => {
  expect(Object.keys(wholeNumbers(textOf('prelude/recurrent-gradient')))).toHaveLength(CARRIED);
});

test('a strip of the register tile has as many blocks as TypeScript counts', () => {
  const [, strip] = /^struct Strip \{\n([^}]+)\}/m.exec(textOf('products/product-register-tiled'))!;
  expect(strip.match(/: mat4x4f,/g)).toHaveLength(STRIP_BLOCKS);
});

test('no workgroup has a bare number of threads', () => {
  const bare = Object.values(texts).flatMap((text) => text.match(/@workgroup_size\([^)]*\d[^)]*\)/g) ?? []);
  expect(bare).toEqual([]);
});
