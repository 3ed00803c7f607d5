import type { Kind, Shapes } from './data.ts';

/** Steps of a piece of a sequence: gradients flow back through so many, and states go on beyond. */
export function pieceSteps({ steps }: Pick<Shapes, 'steps'>): number {
  return Math.min(20, Math.ceil(steps / 2));
}

/** A whole program for the reader's shapes, beside the built modules of the library. */
export function snippet(kind: Kind, shapes: Shapes): string {
  if (kind === 'stateless') return [imports, data(shapes, 'x', 'y'), stateless(shapes)].join('\n\n');
  const training = [
    `${imports}\nimport { statefulBatches } from './lstm-webgpu-data.js';`,
    data(shapes, 'sequences', 'answers'),
    stateful(shapes, kind),
  ];
  return [...training, ...(kind === 'stream' ? [stream] : [])].join('\n\n');
}

const imports = `import { adam, dense, lstm, requestGpu, sequential } from './lstm-webgpu.js';`;

const data = ({ sequences, steps, features }: Shapes, x: string, y: string): string =>
  `// Your data go here. Does a sequence begin with a one?
const ${x} = Array.from({ length: ${sequences} }, (_, n) =>
  Array.from({ length: ${steps} }, (_, step) => Array(${features}).fill(step === 0 ? n % 2 : 0)),
);
const ${y} = ${x}.map((sequence) => sequence[0][0]);`;

const compiling = `model.compile({
  optimizer: adam({ learningRate: 0.01 }),
  loss: 'binaryCrossentropy',
  metrics: ['accuracy'],
});`;

const stateless = ({ steps, features, batchSize }: Shapes): string => `const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [${steps}, ${features}],
  layers: [lstm({ units: 10 }), dense({ units: 1, activation: 'sigmoid' })],
});
${compiling}
const { history } = await model.fit(x, y, { batchSize: ${batchSize}, epochs: 20 });
console.log('accuracy', history.accuracy.at(-1));`;

/** A stream is read a step at a time, so its model leaves the number of steps open. */
const stateful = (shapes: Shapes, kind: Kind): string => {
  const { features, batchSize } = shapes;
  const timesteps = pieceSteps(shapes);
  const steps = kind === 'stream' ? 'null' : String(timesteps);
  return `const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [${steps}, ${features}],
  batchSize: ${batchSize}, // row i of a batch continues row i of the batch before
  layers: [
    lstm({ units: 10, stateful: true, returnSequences: true }),
    dense({ units: 1, activation: 'sigmoid' }),
  ],
});
${compiling}

// Pieces of ${timesteps} steps in the right order, with a reset wherever a sequence begins.
const { x, y, ...order } = statefulBatches(sequences, {
  batchSize: ${batchSize},
  timesteps: ${timesteps},
  targets: answers,
});
const { history } = await model.fit(x, y, { ...order, epochs: 20 });
console.log('accuracy', history.accuracy.at(-1));`;
};

const stream = `// Live: one step at a time. Reset where a sequence begins.
model.resetStates();
for (const step of sequences.at(-1)) {
  const { data } = await model.predictOnBatch([[step]]);
  console.log('now', data[0].toFixed(2));
}`;
