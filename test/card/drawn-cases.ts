import { sequential, type SequentialOptions } from '../../src/index.ts';
import { gpu } from '../gpu/gpu.ts';
import { layerOf, libraryBehaviour, optimizerOf } from '../gpu/models/builders/drawn-model.ts';
import { array, setWeights, weightsOf } from '../gpu/models/builders/make-model.ts';
import { rng } from '../harness/random.ts';
import { drawModel, type DrawnLayer, type DrawnModel } from '../reference/drawn-model.ts';
import { drawCase, type DrawnNumbers } from '../reference/drawn-numbers.ts';
import { behaviourOf, type Behaviour } from '../reference/drawn-twin.ts';
import { type Case, freshSeed } from './case.ts';
import type { Outputs } from './compare.ts';
import { onTestFinished } from './outside-vitest.ts';

/** Random models: each of them in every schedule. */
const MODELS = 48;
const STACKS = 12;
const SMALL = 24;

/** float32 against float64 was 9e-7 in 600 models on a processor; GPUs round activations some times more. */
const TOLERANCE = 2e-5;

const outputsOf = ({ prediction, loss, gradients, trained }: Behaviour): Outputs => ({
  prediction,
  loss: [loss],
  ...Object.fromEntries(gradients.map((gradient, n) => [`gradient ${n}`, gradient])),
  ...Object.fromEntries(trained.map((weight, n) => [`trained ${n}`, weight])),
});

/** Whole models with random layers, losses and optimizers: predictions, losses, gradients, weights after three steps. */
export function drawnCases(): Case[] {
  const models = Array.from({ length: MODELS }, freshSeed).flatMap((seed) =>
    (['auto', 'layered', 'fused', 'stepped'] as const).map((schedule) => caseOf('models', seed, schedule, drawModel)),
  );
  const stacks = Array.from({ length: STACKS }, freshSeed).flatMap((seed) =>
    (['wavefront', 'layered'] as const).map((schedule) => caseOf('stacks', seed, schedule, drawStack)),
  );
  const small = Array.from({ length: SMALL }, freshSeed).map((seed) => caseOf('models', seed, 'resident', drawSmall));
  return [...models, ...stacks, ...small];
}

function caseOf(
  kind: string,
  seed: number,
  schedule: NonNullable<SequentialOptions['schedule']>,
  draw: (random: ReturnType<typeof rng>) => DrawnModel,
): Case {
  return {
    group: `${kind}, ${schedule}`,
    name: `${kind}, ${schedule}`,
    seed,
    tolerance: TOLERANCE,
    prepare() {
      const { model, numbers } = drawCase(rng(seed), draw);
      return {
        expected: () => {
          const behaviour = outputsOf(behaviourOf(model, numbers, numbers.weights));
          return schedule === 'resident' ? withoutGradients(behaviour) : behaviour;
        },
        run: async () =>
          schedule === 'resident'
            ? residentOutputs(model, numbers)
            : outputsOf(await libraryBehaviour(model, numbers, schedule)),
      };
    },
  };
}

const withoutGradients = (outputs: Outputs): Outputs =>
  Object.fromEntries(Object.entries(outputs).filter(([name]) => !name.startsWith('gradient')));

/** The same of a model that trains within one workgroup, which knows no optimizer that would show gradients. */
async function residentOutputs({ layers, optimizer }: DrawnModel, numbers: DrawnNumbers): Promise<Outputs> {
  const model = await sequential(gpu, {
    inputShape: numbers.shape.slice(1),
    layers: layers.map(layerOf),
    schedule: 'resident',
  });
  onTestFinished(() => model.dispose());
  await setWeights(model, numbers.weights);
  const [x, y] = [array(numbers.x, numbers.shape), array(numbers.y, numbers.outputShape)];
  const { data: prediction } = await model.predict(x);
  model.compile({ optimizer: optimizerOf(optimizer), loss: 'binaryCrossentropy' });
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) losses.push((await model.trainOnBatch(x, y)).loss);
  const trained = await weightsOf(model);
  return {
    prediction,
    loss: losses.slice(0, 1),
    ...Object.fromEntries(trained.map((weight, n) => [`trained ${n}`, weight])),
  };
}

const lstmOf = (units: number, returnSequences: boolean): DrawnLayer => ({
  kind: 'lstm',
  options: {
    units,
    returnSequences,
    activation: 'tanh',
    recurrentActivation: 'sigmoid',
    useBias: true,
    goBackwards: false,
    zeroOutputForMask: false,
    unitForgetBias: true,
  },
});

/** LSTM layers behind one another, such as a wavefront goes through. */
function drawStack(random: ReturnType<typeof rng>): DrawnModel {
  const [count, units] = [random.integer(2, 4), random.integer(3, 21)];
  return {
    ...drawModel(random),
    rows: random.integer(1, 19),
    steps: random.integer(1, 6),
    features: random.integer(1, 9),
    lengths: undefined,
    layers: Array.from({ length: count }, (_, n) => lstmOf(units, n + 1 < count)),
    loss: 'meanSquaredError',
  };
}

/** An LSTM with a head, such as one workgroup trains on its own. */
function drawSmall(random: ReturnType<typeof rng>): DrawnModel {
  const head: DrawnLayer = { kind: 'dense', options: { units: 1, activation: 'sigmoid', useBias: true } };
  const rows = random.integer(1, 4);
  return {
    ...drawModel(random),
    rows,
    // The gates of all steps of all rows have to fit into the memory of a workgroup.
    steps: random.integer(1, Math.floor(24 / rows)),
    features: random.integer(1, 4),
    lengths: undefined,
    layers: [lstmOf(random.integer(1, 12), false), head],
    loss: 'binaryCrossentropy',
    optimizer: { kind: 'adam', options: { learningRate: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 0.01 } },
  };
}
