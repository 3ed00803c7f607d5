import { describe, expect, test } from 'vitest';
import { RESIDENT_LOSSES } from '../../../src/models/execution/resident/resident-model.ts';
import { activationNumber } from '../../../src/models/operations/recurrence/activations.ts';
import { partitionAmong } from '../../../src/shaders/resident/partition.ts';
import { StructArray } from '../../../src/runtime/struct.ts';
import { residentUpdates, residentUpdateStruct, runStruct } from '../../../src/shaders/resident/resident-updates.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { rng, SETTLED_SEED } from '../../harness/random.ts';
import { adam } from '../../reference/optimizers.ts';
import type { ActivationName, GateName } from '../../reference/activations.ts';
import { ReferenceModel, type ReferenceLoss } from '../../reference/reference-model.ts';
import { frames, runKernel } from '../run-kernel.ts';
import { packedGates } from './lstm-arrays.ts';

interface Case {
  rows: number;
  steps: number;
  features: number;
  units: number;
  outputs: number;
  threads: number;
  loss: ReferenceLoss;
  /** Activation of the head. Default: sigmoid with cross-entropy, linear with squared error. */
  head?: ActivationName;
  gate?: GateName;
  stateful?: boolean;
  /** Default: 1. */
  models?: number;
  /** Default: 1. */
  modelsPerWorkgroup?: number;
  /** Whether all models have the same samples, resets and steps, and so the same entries. Default: false. */
  isShared?: boolean;
}

const cases: Case[] = [
  { rows: 1, steps: 1, features: 1, units: 1, outputs: 1, threads: 4, loss: 'binaryCrossentropy' },
  { rows: 1, steps: 1, features: 1, units: 10, outputs: 1, threads: 4, loss: 'binaryCrossentropy', stateful: true },
  { rows: 5, steps: 7, features: 2, units: 1, outputs: 1, threads: 4, loss: 'binaryCrossentropy' },
  { rows: 3, steps: 7, features: 2, units: 3, outputs: 1, threads: 4, loss: 'binaryCrossentropy', stateful: true },
  { rows: 5, steps: 4, features: 3, units: 5, outputs: 2, threads: 28, loss: 'meanSquaredError' },
  { rows: 2, steps: 3, features: 1, units: 15, outputs: 3, threads: 3, loss: 'meanSquaredError', stateful: true },
  { rows: 2, steps: 3, features: 2, units: 5, outputs: 1, threads: 8, loss: 'meanSquaredError', models: 3 },
  {
    rows: 1,
    steps: 3,
    features: 1,
    units: 10,
    outputs: 1,
    threads: 2,
    loss: 'binaryCrossentropy',
    models: 4,
    modelsPerWorkgroup: 2,
  },
  {
    rows: 2,
    steps: 2,
    features: 1,
    units: 6,
    outputs: 3,
    threads: 4,
    loss: 'meanSquaredError',
    stateful: true,
    models: 2,
    modelsPerWorkgroup: 2,
  },
  {
    rows: 2,
    steps: 2,
    features: 1,
    units: 6,
    outputs: 3,
    threads: 4,
    loss: 'meanSquaredError',
    stateful: true,
    models: 4,
    modelsPerWorkgroup: 2,
    isShared: true,
  },
  {
    rows: 2,
    steps: 5,
    features: 2,
    units: 4,
    outputs: 1,
    threads: 64,
    loss: 'binaryCrossentropy',
    gate: 'hardSigmoidLegacy',
  },
  {
    rows: 1,
    steps: 1,
    features: 1,
    units: 10,
    outputs: 1,
    threads: 4,
    loss: 'binaryCrossentropy, clipped',
    gate: 'hardSigmoidLegacy',
    stateful: true,
  },
  { rows: 5, steps: 4, features: 3, units: 5, outputs: 2, threads: 28, loss: 'binaryCrossentropy, clipped' },
  { rows: 3, steps: 3, features: 2, units: 6, outputs: 2, threads: 4, loss: 'meanSquaredError', head: 'sigmoid' },
  { rows: 3, steps: 2, features: 2, units: 6, outputs: 3, threads: 8, loss: 'meanSquaredError', head: 'tanh' },
];

const SAMPLES = 9;
/** Slots in front of those in use, as those of training stand in front of those of validation. */
const FIRST_SLOT = 2;
const UNTOUCHED = 7e7;
const COLUMNS = 3;
const HYPER = { learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-2 };

/** Three updates: a full one, one with rows to spare, one that starts some rows from zero; other samples for each model. */
function agendaOf({ rows }: Case, model: number): { sample: number; reset: boolean }[][] {
  const fillings = [rows, Math.max(1, rows - 1), rows];
  return fillings.map((filled, update) =>
    Array.from({ length: filled }, (_, row) => ({
      sample: (3 * update + 2 * row + model) % SAMPLES,
      reset: update === 2 && row % 2 === 0,
    })),
  );
}

type Random = ReturnType<typeof rng>;

const isCrossentropy = ({ loss }: Case) => loss !== 'meanSquaredError';
const headOf = (shape: Case) => shape.head ?? (isCrossentropy(shape) ? 'sigmoid' : 'linear');

/** The constants of the loss and of the activation before it, which cross-entropy that is not clipped leaves out. */
function lossConstants(shape: Case) {
  const isOfLogit = shape.loss === 'binaryCrossentropy';
  const name = isOfLogit ? 'crossentropyOfLogit' : isCrossentropy(shape) ? 'crossentropyOfProbability' : 'squaredError';
  return {
    LOSS: RESIDENT_LOSSES.indexOf(name),
    HEAD_ACTIVATION: activationNumber(isOfLogit ? 'linear' : headOf(shape)),
  };
}

/** One model with random weights and states, its agenda, and its twin. */
function modelOf(shape: Case, model: number, random: Random) {
  const { rows, steps, features, units, outputs, loss, stateful = false, gate: recurrentActivation } = shape;
  const own = shape.isShared ? 0 : model;
  const hyper = { ...HYPER, learningRate: 0.02 + 0.01 * own, beta1: 0.9 - 0.1 * own };
  const twin = new ReferenceModel({
    inputShape: [steps, features],
    layers: [
      { kind: 'lstm', units, stateful, recurrentActivation },
      { kind: 'dense', units: outputs, activation: headOf(shape) },
    ],
    loss,
    optimizer: adam(hyper),
    slots: rows,
  });
  twin.setWeights(twin.weights.map(({ length }) => random.array(length, 0.6)));
  const capacity = FIRST_SLOT + rows;
  const states = new Float32Array(2 * capacity * units).fill(UNTOUCHED);
  for (const [part, state] of [twin.states[0].h, twin.states[0].c].entries()) {
    state.set(random.array(rows * units, 0.5));
    states.set(Float32Array.from(state), (part * capacity + FIRST_SLOT) * units);
  }
  const agenda = agendaOf(shape, own);
  return { twin, hyper, states, agenda, ...parametersOf(twin.weights) };
}

/** Kernel, bias row, recurrent kernel, then after a gap the head, each at a multiple of four numbers. */
function parametersOf(weights: readonly ArrayLike<number>[]) {
  const [kernel, recurrentKernel, bias, headKernel, headBias] = weights.map((weight) => Array.from(weight));
  const gates = packedGates([...kernel, ...bias, ...recurrentKernel], bias.length / 4);
  const lstm = [...gates, ...Array<number>(8).fill(UNTOUCHED)];
  const dense = [...headKernel, ...headBias];
  const rest = Array<number>(4 - (dense.length % 4)).fill(UNTOUCHED);
  return { parameters: [...lstm, ...dense, ...rest], head: lstm.length };
}

/** A row as a number; 0 if it is padding. */
function rowOf(row?: { sample: number; reset: boolean }): number {
  return row ? row.sample + (row.reset ? 2 ** 31 : 0) : 0;
}

function updatesInStorage(updates: readonly Record<keyof typeof residentUpdateStruct.fields, number>[]): Uint32Array {
  const structs = new StructArray(residentUpdateStruct, updates.length);
  updates.forEach((fields, index) => structs.write(index, fields));
  return structs.first(updates.length);
}

async function run(shape: Case, train: boolean) {
  const {
    rows,
    steps,
    features,
    units,
    outputs,
    threads,
    stateful = false,
    gate,
    models: count = 1,
    modelsPerWorkgroup = 1,
    isShared = false,
  } = shape;
  // Right answers are counted.
  const random = rng(SETTLED_SEED);
  const models = Array.from({ length: count }, (_, model) => modelOf(shape, model, random));
  const samples = random.array(SAMPLES * steps * features, 1);
  const targets = Float32Array.from({ length: SAMPLES * outputs }, () => random.integer(0, 1));
  const { states, parameters, head, agenda } = models[0];
  const eachUpdate = <T>(entry: (model: (typeof models)[number], update: number, place: number) => T): T[] =>
    agenda.flatMap((_, update) => models.map((model, number) => entry(model, update, update * count + number)));
  const entries = isShared ? 1 : count;
  const eachEntry = <T>(entry: (model: (typeof models)[number], update: number, place: number) => T): T[] =>
    agenda.flatMap((_, update) =>
      models.slice(0, entries).map((model, number) => entry(model, update, update * entries + number)),
    );
  const sizes = { ROWS: rows, STEPS: steps, INPUTS: features, UNITS: units, OUTPUTS: outputs };
  const result = await runKernel(
    residentUpdates,
    {
      run: frames(runStruct, { count: agenda.length, entries }),
      updates: updatesInStorage(
        eachEntry(({ agenda: batches, hyper }, update, place) => {
          const t = update + 1;
          const correction = Math.sqrt(1 - hyper.beta2 ** t) / (1 - hyper.beta1 ** t);
          return {
            first_row: place * rows,
            row_count: batches[update].length,
            first_slot: FIRST_SLOT,
            journal_row: update + 1,
            step_size: hyper.learningRate * correction,
            one_minus_beta1: 1 - hyper.beta1,
            one_minus_beta2: 1 - hyper.beta2,
            epsilon: hyper.epsilon,
          };
        }),
      ),
      rows: Uint32Array.from(
        eachEntry(({ agenda: batches }, update) =>
          Array.from({ length: rows }, (_, row) => rowOf(batches[update][row])),
        ).flat(),
      ),
      samples,
      targets,
      states: models.flatMap((model) => [...model.states]),
      parameters: models.flatMap((model) => model.parameters),
      moments: new Float32Array(2 * count * parameters.length),
      journal: new Float32Array((agenda.length + 2) * count * COLUMNS).fill(UNTOUCHED),
    },
    {
      ...sizes,
      TRAIN: Number(train),
      STATEFUL: Number(stateful),
      ...lossConstants(shape),
      COLUMNS,
      CELL_STATES: states.length / 2,
      STATES: states.length,
      HEAD: head,
      PARAMETERS: parameters.length,
      ...partitionAmong(threads, sizes),
      MODELS_PER_WORKGROUP: modelsPerWorkgroup,
      ACTIVATION: activationNumber('tanh'),
      RECURRENT_ACTIVATION: activationNumber(gate ?? 'sigmoid'),
      METRIC: 0,
      THRESHOLD: 0.5,
    },
    [count / modelsPerWorkgroup, 1, 1],
  );

  const figures = eachUpdate(({ agenda: batches, twin }, update) => {
    const batch = batches[update];
    twin.resetStates(batch.flatMap(({ reset }, row) => (reset ? [row] : [])));
    const pick = (data: Float32Array, size: number) =>
      batch.flatMap(({ sample }) => [...data.subarray(sample * size, (sample + 1) * size)]);
    const [x, y] = [pick(samples, steps * features), pick(targets, outputs)];
    const { loss: mean, accuracy } = train ? twin.trainOnBatch(x, y) : twin.testOnBatch(x, y);
    return [mean * batch.length, accuracy * batch.length, batch.length];
  }).flat();
  return { result, figures, models };
}

const close = { atol: 5e-6, rtol: 5e-6, reason: 'float32 against float64 over three updates' };

describe.each(cases.map((shape, n) => ({ ...shape, n })))(
  '$rows rows, $steps steps, $units units, $outputs outputs, $threads threads, $loss',
  ({ n, ...shape }) => {
    // Testing is a part of training: every second case tests too, among them each loss, states, and several models.
    test.each(n % 2 === 0 ? [true, false] : [true])('training: %s', async (train) => {
      const { result, figures, models } = await run(shape, train);

      const untouched = Array<number>(COLUMNS * models.length).fill(UNTOUCHED);
      const noted = [...untouched, ...figures, ...untouched];
      expectClose(result.journal, noted, { ...close, what: 'journal: losses and metrics' });

      const moved = { ...close, atol: 1e-5, what: 'weights' };
      expectClose(
        result.parameters,
        models.flatMap(({ twin }) => parametersOf(twin.weights).parameters),
        train ? moved : { ...moved, atol: 0, rtol: 6e-8 },
      );
      expect([...result.moments].some((moment) => moment !== 0)).toBe(train);

      // A stateless program leaves the slots as they are. A slot in front of those in use is touched by none.
      const states = models.flatMap(
        ({
          twin: {
            states: [{ h, c }],
          },
          states: before,
        }) => {
          const front = Array<number>(FIRST_SLOT * shape.units).fill(UNTOUCHED);
          return shape.stateful ? [...front, ...h, ...front, ...c] : [...before];
        },
      );
      expectClose(result.states, states, { ...close, atol: 2e-5, what: 'h and c in the slots' });
    });
  },
);
