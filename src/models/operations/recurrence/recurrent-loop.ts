import type { Gpu } from '../../../runtime/gpu.ts';
import type { MakeFrames } from '../../../runtime/plan.ts';
import { costModel } from '../../../runtime/autotune/cost-model.ts';
import type { Decision, Scratch, TuningTask } from '../../../runtime/autotune/tuning-task.ts';
import type { Precision } from '../../../shaders/precision.ts';
import { timeChunkStruct } from '../../../shaders/recurrent/recurrent-constants.ts';
import { loopGrid, stepWork, timeChunks, timeLoops, type TimeLoop } from './time-loop.ts';
import { activationNumber, type Activation } from './activations.ts';
import { CARRIED, storedStates, type Cell, type Loop } from './cell.ts';

/** The work of a layer's time loop for one batch size and one number of steps, which all candidates of a task share. */
export interface LoopSpec {
  steps: number;
  rows: number;
  /** The number of input features if the loop computes the input product; 0 if that is given. */
  features: number;
  isTraining: boolean;
  /** Whether the gates and the states of every step are stored, for a backward pass or to be looked at. */
  savesSteps: boolean;
  isMasked: boolean;
  /** Whether a masked first step repeats the output before the batch: see `Recording`. */
  continuesOutput: boolean;
  hasRecurrentDropout: boolean;
  /** Precision of the weights that the loop reads. */
  precision: Precision;
}

/** The properties of a recurrent layer on which its time loop depends. */
interface LayerFacts {
  features: number;
  options: {
    units: number;
    activation: Activation;
    returnSequences: boolean;
    goBackwards: boolean;
    zeroOutputForMask: boolean;
  };
  matrices: readonly { rows: number; columns: number }[];
}

/** The least steps for which persistent weights are a candidate: with fewer, loading them first does not pay. */
const PERSISTENT_STEPS = 8;

/** Everything with which a time loop is recorded, except its tensors: constants, grid, and the frames of its time chunks. */
export function loopConfig(
  { features, options }: LayerFacts,
  cell: Cell,
  { steps, rows, features: own, savesSteps, isMasked, continuesOutput, hasRecurrentDropout, precision }: LoopSpec,
  { candidate, throughput }: Pick<Decision<TimeLoop>, 'candidate' | 'throughput'>,
  frames: MakeFrames,
) {
  const { units, activation, returnSequences, goBackwards, zeroOutputForMask } = options;
  return {
    steps,
    rows,
    units,
    features: own,
    precision,
    grid: loopGrid(candidate, rows),
    tileRows: candidate.tileRows,
    loading: candidate.loading,
    hasPersistentWeights: candidate.hasPersistentWeights,
    splitKUnits: candidate.splitKUnits,
    chunks: frames(timeChunkStruct, timeChunks(candidate, steps, stepWork(rows, units, cell), throughput)),
    constants: {
      ROWS: rows,
      UNITS: units,
      RECURRENT_ROW: features + cell.biases,
      STEPS: steps,
      RETURN_SEQUENCES: Number(returnSequences),
      BACKWARDS: Number(goBackwards),
      MASKED: Number(isMasked),
      ZERO_OUTPUT: Number(zeroOutputForMask),
      // Without a mask it makes no difference, and a kernel less is compiled.
      CONTINUES_OUTPUT: Number(isMasked && continuesOutput),
      RECURRENT_DROPOUT: Number(hasRecurrentDropout),
      SAVE_FOR_BACKWARD: Number(savesSteps),
      FUSED_STEPS: Number(candidate.schedule === 'fused'),
      THREADS: candidate.threads,
      ACTIVATION: activationNumber(activation),
    },
  } satisfies Partial<Loop>;
}

/** The tuning task whose candidates are the time loops of a layer. */
export function loopTask(gpu: Gpu, layer: LayerFacts, cell: Cell, task: LoopSpec): TuningTask<TimeLoop> {
  const { steps, rows, features, isTraining, isMasked, hasRecurrentDropout, precision } = task;
  const { units } = layer.options;
  const size = costModel(gpu).benchmark;
  const allowsPersistentWeights =
    Boolean(cell.allowsPersistentWeights) && !isTraining && !hasRecurrentDropout && steps >= PERSISTENT_STEPS;
  const facts = [
    `time loop of ${cell.name}`,
    `B ${rows}`,
    `H ${units}`,
    features > 0 && `I ${features}`,
    isTraining ? 'forward and backward' : 'forward',
    isMasked && 'masked',
    hasRecurrentDropout && 'recurrent dropout',
    precision !== 'float32' && precision,
    allowsPersistentWeights && 'weights may be persistent',
  ];
  return {
    key: facts.filter(Boolean).join(', '),
    kernels: cell.kernels,
    candidates: timeLoops(gpu, rows, units, {
      ...cell,
      hasTiles: cell.hasTiles && !hasRecurrentDropout,
      allowsSplitK: cell.allowsSplitK && !hasRecurrentDropout,
      allowsPersistentWeights,
    }),
    work: work(task, units, cell),
    record: (candidate, scratch) => {
      const affordable = Math.max(1, Math.floor(size.work / stepWork(rows, units, cell)));
      // Candidates for predictions are timed as they run when nobody looks at their steps.
      const part = { ...task, steps: Math.min(steps, size.steps, affordable), savesSteps: isTraining };
      return recordLoop(layer, cell, part, candidate, scratch);
    },
  };
}

/** About how many multiply-adds a time loop takes, with its backward pass if it trains. */
function work({ steps, rows, isTraining }: LoopSpec, units: number, cell: Cell): number {
  return steps * stepWork(rows, units, cell) * (isTraining ? 2 : 1);
}

/** Records a time loop on memory of its own, and the backward pass if it trains. @returns its multiply-adds */
function recordLoop(
  layer: LayerFacts,
  cell: Cell,
  task: LoopSpec,
  candidate: TimeLoop,
  { plan, tensor, frames }: Scratch,
): number {
  const { steps, rows, features, isTraining, isMasked, hasRecurrentDropout } = task;
  const { units, returnSequences } = layer.options;
  const [matrix] = layer.matrices;
  const width = cell.gates * units;
  const { throughput } = costModel(plan.gpu);
  const weights = tensor('weights', [matrix.rows, matrix.columns]);
  const carry = tensor('carry', [cell.gates + CARRIED, rows, units]);
  const output = returnSequences ? [steps, rows, units] : [rows, units];
  // No step is masked, since masked steps take no time.
  const mask = isMasked ? tensor('mask', [steps, rows], new Float32Array(steps * rows).fill(1)) : weights;
  const { backward } = cell.record({
    ...loopConfig(layer, cell, task, { candidate, throughput }, frames),
    plan,
    tensor,
    weights,
    input: features > 0 ? tensor('input', [steps, rows, features]) : weights,
    gates: tensor('gates', [steps, rows, width]),
    mask,
    dropoutMask: hasRecurrentDropout ? carry : weights,
    carry: () => carry,
    states: cell.states.map((state) => tensor(`state ${state}`, [storedStates(steps, isTraining), rows, units])),
    output: tensor('output', output),
  });
  if (isTraining) backward!(tensor('output gradient', output));
  return work(task, units, cell);
}
