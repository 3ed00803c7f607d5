import { EMBEDDED, LEARNING_RATE, SEED, STEPS, type WriterPlan, type WriterSettings } from './plan.ts';

/** The program that reads a text so many times and then writes, as the page does. */
export function writerProgram(
  text: string,
  { units, temperature }: WriterSettings,
  { rows }: WriterPlan,
  readings: number,
): string {
  return `import { adam, dense, embedding, lstm, requestGpu, sequential } from './lstm-webgpu.js';
import { statefulBatches, vocabulary } from './lstm-webgpu-data.js';

const text =
${stringLines(text)};
const { tokens, encode, decode } = vocabulary(text);

const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [null], // any number of characters
  batchSize: ${rows}, // parts of the text, which are read side by side
  layers: [
    embedding({ inputDim: tokens.length, outputDim: ${EMBEDDED} }),
    lstm({ units: ${units}, stateful: true, returnSequences: true }),
    dense({ units: tokens.length, activation: 'softmax' }),
  ],
  seed: ${SEED},
});
model.compile({
  optimizer: adam({ learningRate: ${LEARNING_RATE} }),
  loss: 'sparseCategoricalCrossentropy',
});
const { x, y, ...order } = statefulBatches([encode(text)], {
  batchSize: ${rows},
  timesteps: ${STEPS},
});
const { history } = await model.fit(x, y, { ...order, epochs: ${readings} });
console.log(\`surprise per character: \${history.loss.at(-1).toFixed(4)}\`);

// One character at a time, drawn from what the network expects. The first two tokens are no characters.
function draw(probabilities, temperature) {
  const weights = probabilities.map((p, n) => (n < 2 ? 0 : p ** (1 / temperature)));
  let rest = Math.random() * weights.reduce((sum, weight) => sum + weight);
  const drawn = weights.findIndex((weight) => (rest -= weight) < 0);
  return drawn < 0 ? tokens.length - 1 : drawn;
}
model.resetStates();
const written = [encode(text)[0]];
for (let n = 0; n < 300; n++) {
  const prediction = await model.predictOnBatch([[written.at(-1)]]);
  written.push(draw(prediction.row(0), ${temperature}));
}
console.log(decode(written));
model.dispose();
gpu.dispose();
`;
}

/** A text as a literal of a program, a line of the text in each of its lines. */
function stringLines(text: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+/g) ?? [];
  // Line ends other than \\n are legal in strings of JavaScript, but some editors take them for the end of a line.
  const literal = (line: string): string =>
    JSON.stringify(line).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`);
  return lines.map((line) => `  ${literal(line)}`).join(' +\n');
}
