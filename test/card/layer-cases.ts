import { gru, lstm, simpleRnn } from '../../src/index.ts';
import type { Recording } from '../../src/models/network/layers/layer.ts';
import { loadings } from '../../src/models/operations/loadings.ts';
import { splitKLoop, threadsFor, type TimeLoop } from '../../src/models/operations/recurrence/time-loop.ts';
import { LSTM_TILE_UNITS } from '../../src/shaders/lstm/lstm-tile.ts';
import type { Precision } from '../../src/shaders/precision.ts';
import { gpu } from '../gpu/gpu.ts';
import { decideByRule, runLayer } from '../gpu/run-layer.ts';
import { tiles } from '../gpu/tiles.ts';
import { rng } from '../harness/random.ts';
import { biasSize, GATES, type RecurrentSpec } from '../reference/cells.ts';
import { float16 } from '../reference/float16.ts';
import { recurrent, type RecurrentShape } from '../reference/recurrent.ts';
import { type Case, freshSeed } from './case.ts';

const layers = { lstm, gru, simpleRnn };

const cells: { name: string; spec: RecurrentSpec }[] = [
  { name: 'lstm', spec: { cell: 'lstm' } },
  { name: 'gru', spec: { cell: 'gru' } },
  { name: 'gru, reset before', spec: { cell: 'gru', resetAfter: false } },
  { name: 'simpleRnn', spec: { cell: 'simpleRnn' } },
];

/** What divides nothing, single rows, steps and units, and what fills tiles. */
const shapes: RecurrentShape[] = [
  { batch: 41, steps: 3, features: 2, units: 27 },
  { batch: 5, steps: 7, features: 3, units: 33 },
  { batch: 2, steps: 3, features: 4, units: 130 },
  { batch: 1, steps: 1, features: 1, units: 1 },
  { batch: 33, steps: 4, features: 17, units: 64 },
];
/** For loops with persistent weights: few rows, and units in vectors of four. */
const persistentShapes: RecurrentShape[] = [
  { batch: 1, steps: 9, features: 3, units: 36 },
  { batch: 3, steps: 6, features: 5, units: 100 },
  { batch: 8, steps: 4, features: 2, units: 132 },
];

/** Tiles whose sums are split along k. */
const splitKTiles = [4, 8, 16].flatMap((rows) => [4, 8, 16].map((units) => ({ rows, units })));

const THREADS = [16, 64, 256];
const SCHEDULES = ['fused', 'stepped'] as const;

/** Gradients are sums of up to some hundred products, each rounded to 6e-8, of activations that GPUs round to some 1e-7. */
const TOLERANCE = 3e-5;
/** Weights are exact in half precision, but a gate close to 1 is not, nor is the derivative that follows from it. */
const HALF_TOLERANCE = 4e-3;

/** Every cell in every time loop: schedule, rows of a tile, who loads them, threads, persistent weights, precision. */
export function layerCases(): Case[] {
  return cells.flatMap(({ name, spec }) => {
    const isTiled = spec.cell === 'lstm';
    // Without resetAfter a step has two products, one behind the other, so that there is no dispatch for a single step.
    const schedules = spec.resetAfter === false ? (['fused'] as const) : SCHEDULES;
    const loops = schedules.flatMap((schedule) =>
      (isTiled ? tiles : [{ tileRows: 1, loading: 'alone' as const }]).flatMap(({ tileRows, loading }) =>
        THREADS.map((threads) => ({ schedule, tileRows, loading, threads, hasPersistentWeights: false })),
      ),
    );
    const precisions: Precision[] = isTiled && gpu.hasFloat16 ? ['float32', 'mixedFloat16'] : ['float32'];
    const forced = precisions.flatMap((precision) =>
      shapes.flatMap((shape) => loops.map((loop) => caseOf(name, spec, shape, named(loop), precision))),
    );
    const byRule = shapes.map((shape) => caseOf(name, spec, shape));
    const splitK = isTiled
      ? precisions.flatMap((precision) =>
          shapes.flatMap((shape) => splitKTiles.map((tile) => caseOf(name, spec, shape, splitKLoop(tile), precision))),
        )
      : [];
    const persistent = isTiled
      ? persistentShapes.flatMap((shape) => persistentLoops(shape).map((loop) => caseOf(name, spec, shape, loop)))
      : [];
    return [...byRule, ...forced, ...splitK, ...persistent];
  });
}

function persistentLoops({ units }: RecurrentShape): TimeLoop[] {
  return loadings(gpu).map((loading) => {
    const threads = threadsFor(units, LSTM_TILE_UNITS.forward, loading, Infinity);
    return named({ schedule: 'fused', tileRows: 1, loading, threads, hasPersistentWeights: true });
  });
}

function named(loop: Omit<TimeLoop, 'name'>): TimeLoop {
  const { schedule, tileRows, loading, threads, hasPersistentWeights } = loop;
  return {
    ...loop,
    name: `${schedule}, ${tileRows} rows, ${loading}, ${threads} threads${hasPersistentWeights ? ', persistent weights' : ''}`,
  };
}

function caseOf(
  cellName: string,
  spec: RecurrentSpec,
  shape: RecurrentShape,
  loop?: TimeLoop,
  precision: Precision = 'float32',
): Case {
  const { batch, steps, features, units } = shape;
  const isHalf = precision === 'mixedFloat16';
  const sizes = `B ${batch}, T ${steps}, I ${features}, H ${units}`;
  const seed = freshSeed();
  return {
    group: `${cellName}${loop?.hasPersistentWeights ? ', persistent weights' : ''}${loop?.splitKUnits ? ', split-K' : ''}${isHalf ? ', float16' : ''}`,
    name: `${cellName}, ${sizes}, ${loop?.name ?? 'by rule'}${isHalf ? ', float16' : ''}`,
    seed,
    tolerance: isHalf ? HALF_TOLERANCE : TOLERANCE,
    prepare() {
      const random = rng(seed);
      const draw = (count: number, scale: number) => {
        const numbers = random.array(count, scale);
        return isHalf ? numbers.map(float16) : numbers;
      };
      const width = GATES[spec.cell] * units;
      const weights = {
        kernel: draw(features * width, 1 / Math.sqrt(features)),
        recurrentKernel: draw(units * width, 1 / Math.sqrt(units)),
        bias: draw(biasSize(spec, units), 0.5),
      };
      const x = random.array(batch * steps * features, 1);
      const outputGradient = random.array(batch * steps * units, 1 / Math.sqrt(batch * steps));
      const { cell, ...options } = spec;
      const definition = layers[cell]({ units, returnSequences: true, ...options });
      const decide: Recording['decide'] = (part, task) => {
        const byRule = decideByRule(part, task);
        if (part !== 'time loop' || !loop) return byRule;
        return { ...byRule, candidate: { ...byRule.candidate, splitKUnits: undefined, ...loop } };
      };
      return {
        expected() {
          const twin = recurrent(spec, shape, weights, x, {});
          const { kernel, recurrentKernel, bias, x: dx } = twin.backward(outputGradient);
          return { output: twin.output, ...Object.fromEntries(twin.last.entries()), kernel, recurrentKernel, bias, dx };
        },
        async run() {
          const run = {
            x,
            shape: [batch, steps, features],
            weights: Object.values(weights),
            outputGradient,
            precision,
          } as const;
          const { output, states, x: dx, weights: gradients } = await runLayer(definition, run, decide);
          const [kernel, recurrentKernel, bias] = gradients;
          return { output, ...Object.fromEntries(states.entries()), kernel, recurrentKernel, bias, dx };
        },
      };
    },
  };
}
