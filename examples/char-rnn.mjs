// Learns to write: trained on 16 rows of 50 characters with carried states, it then writes in a stream, fed on the GPU with what it draws.
import { adam, dense, embedding, lstm, requestGpu, sequential } from 'lstm-webgpu';
import { statefulBatches, vocabulary } from 'lstm-webgpu/data';

let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;

// Sentences of a small language.
const pick = (list) => list[Math.floor(random() * list.length)];
const animal = () => `the ${pick(['old', 'small', 'happy', 'quiet'])} ${pick(['cat', 'dog', 'fox', 'horse', 'mouse'])}`;
const sentence = () => `${animal()} ${pick(['sees', 'follows', 'likes'])} ${animal()}. `;
const [text, unseen] = [400, 100].map((count) => Array.from({ length: count }, sentence).join(''));
const { tokens, encode, decode } = vocabulary(text);

const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [null], // any number of characters
  batchSize: 16,
  slots: 1, // a stream
  layers: [
    embedding({ inputDim: tokens.length, outputDim: 16 }),
    lstm({ units: 48, stateful: true, returnSequences: true }),
    dense({ units: tokens.length, activation: 'softmax' }),
  ],
  seed: 1,
});
model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'sparseCategoricalCrossentropy' });
const batchesOf = (string) => statefulBatches([encode(string)], { batchSize: 16, timesteps: 50 });
const { x, y, ...order } = batchesOf(text);
await model.fit(x, y, { ...order, epochs: 6 });

// The surprise at each character of an unseen text, in nats, beside that of one who looks at the character before alone.
model.resetStates();
const test = batchesOf(unseen);
const { loss } = await model.evaluate(test.x, test.y);
const count = (part) => text.split(part).length - 1;
const nats = Array.from(unseen.slice(1), (next, n) =>
  Math.log(count(unseen[n]) / Math.max(1, count(unseen[n] + next))),
);
const byPairs = nats.reduce((sum, surprise) => sum + surprise) / nats.length;
console.log(`surprise a character: ${loss.toFixed(2)}, by the character before alone ${byPairs.toFixed(2)}`);

// It reads a prompt, and goes on with characters drawn from what it predicts.
const prompt = 'the ';
const { classes } = await model.openStream().generate(200, { from: encode(prompt), sample: { seed: 1 } });
console.log(prompt + decode(classes));
model.dispose();
gpu.dispose();
