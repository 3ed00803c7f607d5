import { describe, expect, test } from 'vitest';
import { activationNumber } from '../../../src/models/layers/activations.ts';
import { unitByUnit } from '../../../src/models/parameters.ts';
import { residentUpdates } from '../../../src/shaders/resident-updates.ts';
import { expectClose } from '../../harness/expect-close.ts';
import { rng, SETTLED_SEED } from '../../harness/random.ts';
import { adam } from '../../reference/optimizers.ts';
import type { GateName } from '../../reference/activations.ts';
import { ReferenceModel } from '../../reference/reference-model.ts';
import { runKernel } from '../run-kernel.ts';
import { rowsOf, updatesInStorage } from './updates.ts';

interface Case {
  rows: number;
  steps: number;
  features: number;
  units: number;
  outputs: number;
  threads: number;
  loss: 'binaryCrossentropy' | 'meanSquaredError';
  gate?: GateName;
  stateful?: boolean;
}

const cases: Case[] = [
  { rows: 1, steps: 1, features: 1, units: 1, outputs: 1, threads: 4, loss: 'binaryCrossentropy' },
  { rows: 1, steps: 1, features: 1, units: 10, outputs: 1, threads: 12, loss: 'binaryCrossentropy', stateful: true },
  { rows: 3, steps: 7, features: 2, units: 3, outputs: 1, threads: 4, loss: 'binaryCrossentropy', stateful: true },
  { rows: 5, steps: 4, features: 3, units: 5, outputs: 2, threads: 28, loss: 'meanSquaredError' },
  { rows: 2, steps: 3, features: 1, units: 15, outputs: 3, threads: 1, loss: 'meanSquaredError', stateful: true },
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
];

const SAMPLES = 9;
/** Slots in front of those in use, as those of training stand in front of those of validation. */
const FIRST_SLOT = 2;
const UNTOUCHED = 7e7;
const COLUMNS = 3;
const HYPER = { learningRate: 0.02, beta1: 0.9, beta2: 0.999, epsilon: 1e-2 };

/** Three updates: a full one, one with rows to spare, one that starts some rows from zero. */
function agendaOf({ rows }: Case) {
  const fillings = [rows, Math.max(1, rows - 1), rows];
  return fillings.map((filled, update) =>
    Array.from({ length: filled }, (_, row) => ({
      sample: (3 * update + 2 * row) % SAMPLES,
      slot: FIRST_SLOT + row,
      fromZero: update === 2 && row % 2 === 0,
    })),
  );
}

function setUp(shape: Case) {
  const { rows, steps, features, units, outputs, loss, stateful = false, gate: recurrentActivation } = shape;
  // Right answers are counted.
  const random = rng(SETTLED_SEED);
  const twin = new ReferenceModel({
    inputShape: [steps, features],
    layers: [
      { kind: 'lstm', units, stateful, recurrentActivation },
      { kind: 'dense', units: outputs, activation: loss === 'binaryCrossentropy' ? 'sigmoid' : 'linear' },
    ],
    loss,
    optimizer: adam(HYPER),
    slots: rows,
  });
  const weights = twin.weights.map(({ length }) => random.array(length, 0.6));
  twin.setWeights(weights);
  const samples = random.array(SAMPLES * steps * features, 1);
  const targets = Float32Array.from({ length: SAMPLES * outputs }, () => random.integer(0, 1));
  const capacity = FIRST_SLOT + rows;
  const states = new Float32Array(2 * capacity * units).fill(UNTOUCHED);
  for (const [part, state] of [twin.states[0].h, twin.states[0].c].entries()) {
    state.set(random.array(rows * units, 0.5));
    states.set(Float32Array.from(state), (part * capacity + FIRST_SLOT) * units);
  }
  // The states as the kernel reads them, rounded to float32.
  const start = (part: number) => (part * capacity + FIRST_SLOT) * units;
  const statesOf = (all: Float32Array) => [0, 1].map((part) => all.slice(start(part), start(part) + rows * units));
  return { twin, weights, samples, targets, states, statesOf, capacity };
}

/** Kernel, bias row, recurrent kernel, then after a gap the head. */
function parametersOf(weights: readonly ArrayLike<number>[]) {
  const [kernel, recurrentKernel, bias, headKernel, headBias] = weights.map((weight) => Array.from(weight));
  const columns = { shape: [bias.length], kinds: 4 };
  const gates = unitByUnit(Float32Array.from([...kernel, ...bias, ...recurrentKernel]), columns);
  const lstm = [...gates, ...Array<number>(5).fill(UNTOUCHED)];
  return { parameters: [...lstm, ...headKernel, ...headBias], head: lstm.length };
}

async function run(shape: Case, train: boolean) {
  const { rows, steps, features, units, outputs, threads, loss, stateful = false, gate } = shape;
  const { twin, weights, samples, targets, states, statesOf, capacity } = setUp(shape);
  const agenda = agendaOf(shape);
  const { parameters, head } = parametersOf(weights);
  const updates = agenda.map(({ length }, index) => {
    const t = index + 1;
    const correction = Math.sqrt(1 - HYPER.beta2 ** t) / (1 - HYPER.beta1 ** t);
    return {
      firstRow: index * rows,
      rowCount: length,
      journalRow: index + 1,
      stepSize: HYPER.learningRate * correction,
    };
  });
  const padded = agenda.flatMap((batch) => [...batch, ...Array.from({ length: rows - batch.length }, () => ({}))]);
  const result = await runKernel(
    residentUpdates,
    {
      run: [{ wholes: [agenda.length] }],
      updates: updatesInStorage(updates),
      rows: rowsOf(padded),
      samples,
      targets,
      states,
      parameters,
      moments: new Float32Array(2 * parameters.length),
      journal: new Float32Array((agenda.length + 2) * COLUMNS).fill(UNTOUCHED),
    },
    {
      ROWS: rows,
      STEPS: steps,
      INPUTS: features,
      UNITS: units,
      OUTPUTS: outputs,
      TRAIN: Number(train),
      STATEFUL: Number(stateful),
      FROM_LOGITS: Number(loss === 'binaryCrossentropy'),
      COLUMNS,
      CELL_STATES: capacity * units,
      HEAD: head,
      SECOND_MOMENTS: parameters.length,
      ONE_MINUS_BETA1: 1 - HYPER.beta1,
      ONE_MINUS_BETA2: 1 - HYPER.beta2,
      EPSILON: HYPER.epsilon,
      THREADS: threads,
      ACTIVATION: activationNumber('tanh'),
      RECURRENT_ACTIVATION: activationNumber(gate ?? 'sigmoid'),
      METRIC: 0,
      THRESHOLD: 0.5,
    },
  );

  const figures = agenda.flatMap((batch) => {
    twin.resetStates(batch.flatMap(({ fromZero }, row) => (fromZero ? [row] : [])));
    const pick = (data: Float32Array, size: number) =>
      batch.flatMap(({ sample }) => [...data.subarray(sample * size, (sample + 1) * size)]);
    const [x, y] = [pick(samples, steps * features), pick(targets, outputs)];
    const { loss: mean, accuracy } = train ? twin.trainOnBatch(x, y) : twin.testOnBatch(x, y);
    return [mean * batch.length, accuracy * batch.length, batch.length];
  });
  return { result, figures, twin, states, statesOf, parameters };
}

const close = { atol: 5e-6, rtol: 5e-6, reason: 'float32 against float64 over three updates' };

describe.each(cases)('$rows rows, $steps steps, $units units, $outputs outputs, $threads threads, $loss', (shape) => {
  test.each([
    ['training', true],
    ['testing', false],
  ])('%s', async (_what, train) => {
    const { result, figures, twin, states, statesOf, parameters } = await run(shape, train);

    const untouched = Array<number>(COLUMNS).fill(UNTOUCHED);
    const noted = [...untouched, ...figures, ...untouched];
    expectClose(result.journal, noted, { ...close, what: 'journal: losses and metrics' });

    const moved = { ...close, atol: 1e-5, what: 'weights' };
    expectClose(
      result.parameters,
      parametersOf(twin.weights).parameters,
      train ? moved : { ...moved, atol: 0, rtol: 6e-8 },
    );
    expect([...result.moments].some((moment) => moment !== 0)).toBe(train);
    expect(result.moments).toHaveLength(2 * parameters.length);

    // A stateless program leaves the slots as they are.
    const [found, expected] = shape.stateful
      ? [statesOf(result.states).flatMap((state) => [...state]), [...twin.states[0].h, ...twin.states[0].c]]
      : [result.states, states];
    expectClose(found, expected, { ...close, atol: 2e-5, what: 'h and c in the slots' });
    const others = result.states.filter((value) => value === UNTOUCHED);
    expect(others).toHaveLength(2 * FIRST_SLOT * shape.units);
  });
});
