// Tells three waves from each other, in sequences of different lengths.
import { adam, dense, lstm, requestGpu, sequential } from 'lstm-webgpu';

let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;

// A sine, a square and a sawtooth wave: 10 to 40 steps, from anywhere in a period of 10 to 20 steps, with noise.
const names = ['sine', 'square', 'sawtooth'];
const waves = [(phase) => Math.sin(2 * Math.PI * phase), (phase) => (phase < 0.5 ? 1 : -1), (phase) => 2 * phase - 1];
function makeSequence(wave) {
  const [length, period, start] = [10 + Math.floor(31 * random()), 10 + 10 * random(), random()];
  return Array.from({ length }, (_, step) => wave((start + step / period) % 1) + 0.4 * (random() - 0.5));
}
const makeSet = (count) => {
  const y = Array.from({ length: count }, (_, sample) => sample % waves.length);
  return { x: y.map((label) => makeSequence(waves[label])), y };
};
const [training, test] = [makeSet(600), makeSet(150)];

const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [null, 1], // any number of steps of one feature
  layers: [lstm({ units: 24 }), dense({ units: waves.length, activation: 'softmax' })],
  seed: 1,
});
model.compile({
  optimizer: adam({ learningRate: 0.01 }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
});

// Shorter sequences are padded to the longest, and padding does not count.
await model.fit(training.x, training.y, { epochs: 10 });
const { accuracy } = await model.evaluate(test.x, test.y);
console.log(`accuracy ${accuracy.toFixed(2)} on unseen sequences, by guessing ${(1 / waves.length).toFixed(2)}`);

const samples = test.x.slice(0, 6);
const prediction = await model.predict(samples);
prediction.argmax().forEach((label, n) => {
  const probability = prediction.row(n)[label];
  console.log(
    `${names[test.y[n]]}, ${samples[n].length} steps: a ${names[label]}, probability ${probability.toFixed(2)}`,
  );
});
model.dispose();
gpu.dispose();
