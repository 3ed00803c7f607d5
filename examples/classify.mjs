// Tells three waves from each other, in sequences of different lengths.
import { adam, dense, lstm, requestGpu, sequential } from 'lstm-webgpu';

let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;

// A sine, a square and a sawtooth wave: 10 to 40 steps, from anywhere in a period of 10 to 20 steps, with noise.
const waves = [(phase) => Math.sin(2 * Math.PI * phase), (phase) => (phase < 0.5 ? 1 : -1), (phase) => 2 * phase - 1];
function makeSequence(wave) {
  const [length, period, start] = [10 + Math.floor(31 * random()), 10 + 10 * random(), random()];
  return Array.from({ length }, (_, step) => [wave((start + step / period) % 1) + 0.4 * (random() - 0.5)]);
}
const makeSet = (count) => {
  const y = Array.from({ length: count }, (_, sample) => sample % waves.length);
  const sequences = y.map((label) => makeSequence(waves[label]));
  // Shorter ones are padded to 40 steps; their lengths tell what is padding.
  const x = sequences.map((sequence) => [...sequence, ...Array.from({ length: 40 - sequence.length }, () => [0])]);
  return { sequences, x, y, lengths: sequences.map(({ length }) => length) };
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

await model.fit(training.x, training.y, { lengths: training.lengths, epochs: 20 });
const { accuracy } = await model.evaluate(test.x, test.y, { lengths: test.lengths });
console.log(`accuracy ${accuracy.toFixed(2)} on unseen sequences, by guessing ${(1 / waves.length).toFixed(2)}`);

const [sample] = test.sequences; // one alone needs no padding
const { data } = await model.predict([sample]);
console.log(`${sample.length} steps of a sine: ${Array.from(data, (p) => p.toFixed(2)).join(' ')}`);
model.dispose();
gpu.dispose();
