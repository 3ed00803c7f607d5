import type { Gpu } from '../../../runtime/gpu.ts';
import type { MakeFrames } from '../../../runtime/plan.ts';
import type { Choice, Question, Stage } from '../../../runtime/question.ts';
import type { Precision } from '../../../shaders/precision.ts';
import { timeChunkStruct } from '../../../shaders/recurrent/recurrent-constants.ts';
import { rehearsalSize } from '../rehearsal-size.ts';
import { loopGrid, stepWork, timeChunks, timeLoops, type TimeLoop } from './time-loop.ts';
import { activationNumber, type Activation } from './activations.ts';
import { CARRIED, storedStates, type Cell, type Loop } from './cell.ts';

/** What the time loop of a layer has to do, for one batch size and one number of steps. */
export interface LoopTask {
  steps: number;
  rows: number;
  /** How many features it takes in itself; 0: their product is given. */
  features: number;
  isTraining: boolean;
  isMasked: boolean;
  /** Whether something of the state is dropped. */
  isDropped: boolean;
  /** Precision of the weights that the loop reads. */
  precision: Precision;
}

/** What is known of a layer before it is recorded. */
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

/** Fewer steps than this do not repay loading the weights into private memory first. */
const PERSISTENT_STEPS = 8;

/** All of a time loop that does not lie in tensors. */
export function loopFrame(
  { features, options }: LayerFacts,
  cell: Cell,
  { steps, rows, features: own, isTraining, isMasked, isDropped, precision }: LoopTask,
  { way, pace }: Pick<Choice<TimeLoop>, 'way' | 'pace'>,
  frames: MakeFrames,
) {
  const { units, activation, returnSequences, goBackwards, zeroOutputForMask } = options;
  return {
    steps,
    rows,
    units,
    features: own,
    isTraining,
    precision,
    grid: loopGrid(way, rows),
    tileRows: way.tileRows,
    loading: way.loading,
    hasPersistentWeights: way.hasPersistentWeights,
    chunks: frames(timeChunkStruct, timeChunks(way, steps, stepWork(rows, units, cell), pace)),
    constants: {
      ROWS: rows,
      UNITS: units,
      RECURRENT_ROW: features + cell.biases,
      STEPS: steps,
      RETURN_SEQUENCES: Number(returnSequences),
      BACKWARDS: Number(goBackwards),
      MASKED: Number(isMasked),
      ZERO_OUTPUT: Number(zeroOutputForMask),
      RECURRENT_DROPOUT: Number(isDropped),
      SAVE_FOR_BACKWARD: Number(isTraining),
      FUSED_STEPS: Number(way.schedule === 'fused'),
      THREADS: way.threads,
      ACTIVATION: activationNumber(activation),
    },
  } satisfies Partial<Loop>;
}

/** In which way the time loop is fastest. */
export function loopQuestion(gpu: Gpu, layer: LayerFacts, cell: Cell, task: LoopTask): Question<TimeLoop> {
  const { steps, rows, features, isTraining, isMasked, isDropped, precision } = task;
  const { units } = layer.options;
  const size = rehearsalSize(gpu);
  const allowsPersistentWeights =
    Boolean(cell.allowsPersistentWeights) && !isTraining && !isDropped && steps >= PERSISTENT_STEPS;
  const facts = [
    `time loop of ${cell.name}`,
    `B ${rows}`,
    `H ${units}`,
    features > 0 && `I ${features}`,
    isTraining ? 'forward and backward' : 'forward',
    isMasked && 'masked',
    isDropped && 'recurrent dropout',
    precision !== 'float32' && precision,
    allowsPersistentWeights && 'weights may be persistent',
  ];
  return {
    key: facts.filter(Boolean).join(', '),
    ways: timeLoops(gpu, rows, units, { ...cell, hasTiles: cell.hasTiles && !isDropped, allowsPersistentWeights }),
    work: work(task, units, cell),
    rehearse: (way, stage) => {
      const inTime = Math.max(1, Math.floor(size.work / stepWork(rows, units, cell)));
      return rehearse(layer, cell, { ...task, steps: Math.min(steps, size.steps, inTime) }, way, stage);
    },
  };
}

/** Multiply-adds, roughly. */
function work({ steps, rows, isTraining }: LoopTask, units: number, cell: Cell): number {
  return steps * stepWork(rows, units, cell) * (isTraining ? 2 : 1);
}

/** Records a time loop on memory of its own, and the backward pass if it trains. */
function rehearse(
  layer: LayerFacts,
  cell: Cell,
  task: LoopTask,
  way: TimeLoop,
  { plan, tensor, frames }: Stage,
): number {
  const { steps, rows, features, isTraining, isMasked, isDropped } = task;
  const { units, returnSequences } = layer.options;
  const [matrix] = layer.matrices;
  const width = cell.gates * units;
  const weights = tensor('weights', [matrix.rows, matrix.columns]);
  const carry = tensor('carry', [cell.gates + CARRIED, rows, units]);
  const output = returnSequences ? [steps, rows, units] : [rows, units];
  const mask = isMasked ? tensor('mask', [steps, rows]) : weights;
  // All steps count: masked ones take no time.
  if (isMasked) mask.write(new Float32Array(mask.size).fill(1));
  const backward = cell.record({
    ...loopFrame(layer, cell, task, { way, pace: plan.gpu.winners.assumedPace }, frames),
    plan,
    tensor,
    weights,
    input: features > 0 ? tensor('input', [steps, rows, features]) : weights,
    gates: tensor('gates', [steps, rows, width]),
    mask,
    dropoutMask: isDropped ? carry : weights,
    carry: () => carry,
    states: cell.states.map((state) => tensor(`state ${state}`, [storedStates(steps, isTraining), rows, units])),
    output: tensor('output', output),
  });
  if (isTraining) backward(tensor('output gradient', output));
  return work(task, units, cell);
}
