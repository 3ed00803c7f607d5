import { sumThreads } from '../../../runtime/kernel.ts';
import type { FrameBinding, Plan } from '../../../runtime/plan.ts';
import { elementCount, type Shape } from '../../../runtime/shape.ts';
import type { Tensor } from '../../../runtime/tensor.ts';
import { stepWeights } from '../../../shaders/losses/step-weights.ts';
import { recordActivityPenalty } from '../../network/layers/activity.ts';
import type { Recorded, Recording } from '../../network/layers/layer.ts';
import { stepsAndFeatures, type Network } from '../../network/network.ts';
import type { ReportRecording } from '../../network/objective/losses.ts';
import type { Compiled } from '../compiled.ts';
import { recordPenalties, recordStep } from '../optimizer-step.ts';
import type { ProgramKey } from '../program.ts';

/** An update that trains or tests, with what its plan holds already. */
export interface ObjectiveRecording {
  plan: Plan;
  /** The entry of the agenda that the update works on. */
  update: FrameBinding;
  /** Makes scratch memory of the program. */
  tensor: Recording['tensor'];
  network: Network;
  key: ProgramKey;
  compiled: Compiled;
  /** The targets, and the weights of the samples if they have any. */
  batch: { y: Tensor; weights: Tensor };
  /** The shape of the output for a sample, with the steps of the batch. */
  outputSample: Shape;
  /** Whether the loss computes the activation of the last layer. */
  isActivationFused: boolean;
}

/**
 * Records the loss and the metrics, and in an update that trains the backward pass and the optimizer's step. It comes with the
 * optimizers: the forward pass alone predicts.
 *
 * @returns the tensor of the model's output, and whether the journal tells how many steps count in the loss
 */
export function recordObjective(
  objective: ObjectiveRecording,
  recorded: readonly Recorded[],
): { output: Tensor; countsSteps: boolean } {
  const { plan, update, network, key, compiled } = objective;
  const isTraining = key.mode === 'train';
  const { output } = recorded.at(-1)!;
  const { prediction, gradient } = recordReports(objective, output);
  if (isTraining) recordBackward(recorded, gradient);
  for (const penalty of recorded.flatMap(({ penalties = [] }) => penalties)) {
    recordActivityPenalty(plan, update, compiled.journal, penalty);
  }
  recordPenalties(plan, update, network.parameters, compiled.journal);
  if (isTraining) recordStep(plan, update, network.parameters, compiled, objective.tensor);
  return { output: prediction, countsSteps: output.mask !== undefined };
}

function recordBackward(recorded: readonly Recorded[], lossGradient: Tensor): void {
  let gradient: Tensor | undefined = lossGradient;
  for (let index = recorded.length - 1; index >= 0; index--) {
    gradient = recorded[index].backward(gradient!, index > 0);
  }
}

/** Records the loss and the metrics, each with its columns of the journal. */
function recordReports(objective: ObjectiveRecording, { values: output, mask }: Recorded['output']) {
  const { plan, update, tensor, key, compiled, batch, outputSample, isActivationFused } = objective;
  const { loss, metrics, journal } = compiled;
  const isWeighted = key.channels.includes('weights');
  const shared = { ...stepsAndFeatures(outputSample), ROWS: key.rows, COLUMNS: journal.columns };
  const THREADS = sumThreads(elementCount(output.shape), plan.gpu.device.limits);
  const column = (COLUMN: number, weights: Tensor | undefined): ReportRecording => ({
    plan,
    update,
    target: batch.y,
    weights: weights ?? batch.weights,
    journal: journal.tensor,
    tensor,
    constants: { ...shared, COLUMN, THREADS, WEIGHTED: weights ? 1 : 0 },
  });
  const lossWeights = recordStepWeights(objective, mask, isWeighted, true);
  const result = loss.record(column(0, lossWeights), output, isActivationFused);
  metrics.forEach((metric, index) => {
    const weights = recordStepWeights(objective, mask, isWeighted && metric.isWeighted, false);
    metric.record(column(1 + 2 * index, weights), result.prediction);
  });
  return result;
}

/** The weight of each step of each row in the loss or in a metric; `undefined` if all are equal. */
function recordStepWeights(
  { plan, update, tensor, key, compiled, batch, outputSample }: ObjectiveRecording,
  mask: Tensor | undefined,
  isWeighted: boolean,
  isNormalized: boolean,
): Tensor | undefined {
  if (!mask) return isWeighted ? batch.weights : undefined;
  const weights = tensor('step weights', mask.shape);
  const { journal, stepsColumn: COLUMN } = compiled;
  const bindings = { update, mask, sample_weights: batch.weights, weights, journal: journal.tensor };
  const { STEPS } = stepsAndFeatures(outputSample);
  const flags = { WEIGHTED: Number(isWeighted), NORMALIZED: Number(isNormalized) };
  const THREADS = sumThreads(STEPS * key.rows, plan.gpu.device.limits);
  const columns = { COLUMNS: journal.columns, COLUMN };
  plan.add(stepWeights, bindings, { STEPS, ROWS: key.rows, THREADS, ...flags, ...columns });
  return weights;
}
