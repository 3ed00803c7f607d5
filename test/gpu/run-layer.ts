import { costModel } from '../../src/runtime/autotune/cost-model.ts';
import { Frames } from '../../src/runtime/frames.ts';
import { Plan } from '../../src/runtime/plan.ts';
import { SizesTable } from '../../src/runtime/sizes-table.ts';
import { Tensor } from '../../src/runtime/tensor.ts';
import type { LayerDefinition, Recording } from '../../src/models/network/layers/layer.ts';
import { layerTraining } from '../../src/models/network/layers/layer-training.ts';
import { inBlocks, unitByUnit } from '../../src/models/network/parameters.ts';
import type { Precision } from '../../src/shaders/precision.ts';
import { updateStruct } from '../../src/shaders/prelude/update.ts';
import { swapOuter, type Numbers } from '../reference/arrays.ts';
import { gpu } from './gpu.ts';
import { unwritten } from './run-kernel.ts';

/** What a recurrent layer works on; arrays are batch-major. */
export interface LayerRun {
  /** [B, T, I] */
  x: Numbers;
  shape: readonly [batch: number, steps: number, features: number];
  /** As Keras lays them out, in Keras' order. */
  weights: readonly Numbers[];
  /** [B, T], 0 for a step that does not count. */
  mask?: Numbers;
  /** [B, T], 1 for a step before which the states of a stateful layer are reset. */
  resets?: Numbers;
  /** [B, H] each; zero by default. */
  initial?: readonly Numbers[];
  /** Shaped as the output. */
  outputGradient: Numbers;
  /** Default: float32. */
  precision?: Precision;
  /** What the layer is recorded into, to run its optimized kernels. Default: a plan that runs what a first update would. */
  plan?: Plan;
}

/** Takes the default of each task. */
export const decideByRule: Recording['decide'] = (_part, { candidates }) => ({
  candidate: candidates[0],
  throughput: costModel(gpu).throughput,
});

/**
 * Runs one recurrent layer forward and backward, as a network would record it, and reads all it gives.
 *
 * @param decide which candidate each part takes
 */
export async function runLayer(definition: LayerDefinition, run: LayerRun, decide = decideByRule) {
  const [batch, steps, features] = run.shape;
  const layer = definition.build('layer', [steps, features]);
  const [{ rows, columns, parts, kinds = 1 }] = layer.matrices;
  const made: { dispose(): void }[] = [];
  // Most tests of layers run a shape once, for which general kernels suffice; their bits are compared in baselines.test.ts.
  const sizes = gpu.isSoftware ? new SizesTable(gpu) : undefined;
  const { plan = new Plan(gpu, sizes) } = run;
  const tensor = (label: string, shape: readonly number[], data?: Numbers): Tensor => {
    const created = Tensor.create(gpu, label, shape);
    // What no kernel writes must not look like a result.
    created.write(data ? Float32Array.from(data) : unwritten(created.size));
    made.push(created);
    return created;
  };
  const timeMajor = (data: Numbers, depth: number) => swapOuter(data, [batch, steps, depth]);

  const stacked = new Float32Array(rows * columns);
  parts.forEach(({ firstRow, shape }, index) => {
    stacked.set(unitByUnit(Float32Array.from(run.weights[index]), { shape, kinds }), firstRow * columns);
  });
  const weights = tensor('weights', [rows, columns], stacked);
  const gradient = tensor('gradient', [rows, columns]);
  const stored: { tensor: Tensor; first: number }[] = [];
  const recording: Recording = {
    plan,
    rows: batch,
    steps,
    training: layerTraining,
    precision: run.precision ?? 'float32',
    continuesOutput: false,
    resets: run.resets && tensor('resets', [steps, batch], timeMajor(run.resets, 1)),
    update: { frames: new Frames(gpu, 'unused', updateStruct, 1) },
    weights: [weights],
    gradients: [gradient],
    withoutFinalActivation: false,
    tensor,
    frames: (struct, list) => {
      const frames = Frames.of(gpu, 'frames', struct, list);
      made.push(frames);
      return frames.bindings;
    },
    decide,
    // The plan has not run yet: what is written now is there when it does.
    loadState: (index, into) => {
      const units = into.shape[2];
      into.write(Float32Array.from({ length: batch * units }, (_, n) => run.initial?.[index]?.[n] ?? 0));
    },
    storeState: (index, from, firstRow) => {
      stored[index] = { tensor: from, first: firstRow * from.shape[2] };
    },
  };
  const mask = run.mask && tensor('mask', [steps, batch], timeMajor(run.mask, 1));
  const input = tensor('x', [steps, batch, features], timeMajor(run.x, features));
  const recorded = layer.record(recording, { values: input, mask });
  const output = recorded.output.values;
  const isSequence = output.shape.length === 3;
  const units = output.shape.at(-1)!;
  const ofOutput = isSequence ? timeMajor(run.outputGradient, units) : run.outputGradient;
  const dx = recorded.backward(tensor('output gradient', output.shape, ofOutput), true)!;
  await (run.plan ? plan.optimized() : plan.ready());
  gpu.submit('layer', (pass) => plan.encode(pass, 0));

  const matrix = await gradient.read();
  const batchMajor = (data: Numbers, depth: number) => swapOuter(data, [steps, batch, depth]);
  const result = {
    output: isSequence ? batchMajor(await output.read(), units) : await output.read(),
    states: await Promise.all(
      stored.map(async ({ tensor: from, first }) => (await from.read()).slice(first, first + batch * units)),
    ),
    x: batchMajor(await dx.read(), features),
    weights: parts.map(({ firstRow, shape }) => {
      const first = firstRow * columns;
      const size = shape.reduce((product, length) => product * length, 1);
      return inBlocks(matrix.slice(first, first + size), { shape, kinds });
    }),
    /** The whole matrix, rows that are no weight included. */
    matrix,
    passedMask: recorded.output.mask,
  };
  for (const resource of made) resource.dispose();
  sizes?.dispose();
  return result;
}
