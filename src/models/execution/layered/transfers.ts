import type { Plan } from '../../../runtime/plan.ts';
import type { StateSlots } from '../../../runtime/state-slots.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { batchGather } from '../../../shaders/batches/batch-gather.ts';
import { batchScatter } from '../../../shaders/batches/batch-scatter.ts';
import { stateGather } from '../../../shaders/batches/state-gather.ts';
import { stateScatter } from '../../../shaders/batches/state-scatter.ts';
import type { StateName } from '../../network/layers/layer.ts';
import { stepsAndFeatures } from '../../network/network.ts';
import { STREAM_INPUT, STREAM_OUTPUT } from '../../network/stream-states.ts';
import type { LayeredAgenda } from '../agenda.ts';
import { namesOf, type Channels, type Outputs } from '../channels.ts';

/** The output of a batch, or one of its last states: B rows of a tensor from `firstRow` on. */
export interface BatchOutput {
  name: 'output' | StateName;
  tensor: Tensor;
  firstRow: number;
}

/** The last output and the last input of each row, which streams keep beside the states of layers. */
export function streamOutputs(output: Tensor, x: Tensor, rows: number): BatchOutput[] {
  const ofLastStep = (name: StateName, tensor: Tensor) => ({
    name,
    tensor,
    firstRow: tensor.size / tensor.shape.at(-1)! - rows,
  });
  return [ofLastStep(STREAM_OUTPUT, output), ofLastStep(STREAM_INPUT, x)];
}

/**
 * Records how a batch is gathered: its channels from samples, and initial states that the samples do not bring from slots.
 *
 * @param batch a tensor for each channel, time-major
 * @param slotsOf returns the slots from which a state is read, if there are any
 */
export function recordGather(
  plan: Plan,
  agenda: LayeredAgenda,
  batch: Channels<Tensor>,
  inputs: Channels<Tensor> | undefined,
  slotsOf: (state: string) => Tensor | undefined,
): void {
  const bindings = { update: { frames: agenda.updates }, rows: agenda.rows };
  const ROWS = agenda.batchSize;
  for (const name of namesOf(batch)) {
    const into = batch[name]!;
    const samples = inputs?.[name];
    const slots = slotsOf(name);
    if (samples) {
      const { STEPS: SAMPLE_STEPS, FEATURES } = stepsAndFeatures(samples.shape.slice(1));
      // A batch may be a window of the steps of its samples.
      const STEPS = samples.shape.length === 3 ? into.shape[0] : 1;
      plan.add(batchGather, { ...bindings, samples, batch: into }, { SAMPLE_STEPS, STEPS, ROWS, FEATURES });
    } else if (slots) {
      plan.add(stateGather, { ...bindings, slots, state: into }, { ROWS, UNITS: slots.shape[1] });
    }
  }
}

/** Records how a batch is scattered: its last states into slots, and its outputs to its samples if the data set has any. */
export function recordScatter(
  plan: Plan,
  agenda: LayeredAgenda,
  batch: readonly BatchOutput[],
  outputs: Outputs<Tensor> | undefined,
  slots: StateSlots | undefined,
): void {
  const bindings = { update: { frames: agenda.updates }, rows: agenda.rows };
  const ROWS = agenda.batchSize;
  for (const { name, tensor, firstRow } of batch) {
    const stored = slots?.get(name);
    if (stored) {
      const sizes = { FIRST: firstRow, ROWS, UNITS: stored.shape[1] };
      plan.add(stateScatter, { ...bindings, state: tensor, slots: stored }, sizes);
    }
    const samples = outputs?.[name];
    if (samples) {
      const sizes = { FIRST: firstRow / ROWS, ROWS, ...stepsAndFeatures(samples.shape.slice(1)) };
      plan.add(batchScatter, { ...bindings, batch: tensor, samples }, sizes);
    }
  }
}
