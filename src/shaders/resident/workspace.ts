import { array, f32, struct, vec2f, vec4f } from '../../runtime/struct.ts';
import { derivedFromPartition, derivedFromSizes, type Partition, type ResidentSizes } from './partition.ts';

/** The copies of weights for other threads, as `resident/persistent-weights.wgsl` declares them. */
export function publishedWeightsStruct(sizes: ResidentSizes, { SPLITS }: Partition) {
  const { XH_SIZE, HEAD_WEIGHTS } = derivedFromSizes(sizes);
  return struct('PublishedWeights', {
    lstm: array(vec4f, SPLITS > 1 ? XH_SIZE * sizes.UNITS : 1),
    head: array(f32, HEAD_WEIGHTS),
  });
}

/** The workgroup memory of a model, as `resident/workspace.wgsl` declares it. */
export function workspaceStruct(sizes: ResidentSizes, partition: Partition) {
  const { ROWS, STEPS, OUTPUTS } = sizes;
  const { XH_SIZE, CELLS } = derivedFromSizes(sizes);
  const { PARTIALS } = derivedFromPartition(partition);
  return struct('Workspace', {
    xh: array(f32, (STEPS + 1) * ROWS * XH_SIZE),
    c: array(f32, (STEPS + 1) * CELLS),
    gates: array(vec4f, STEPS * CELLS),
    dc: array(f32, CELLS),
    dh_partials: array(f32, Math.max(1, 2 * ROWS * PARTIALS * partition.EXCHANGED_UNITS)),
    output_gradient: array(f32, ROWS * OUTPUTS),
    scores: array(vec2f, ROWS * OUTPUTS),
    weights: publishedWeightsStruct(sizes, partition),
  });
}
