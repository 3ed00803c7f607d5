// Finds anomalies: an autoencoder learns to reconstruct normal windows, and reconstructs others badly.
import { adam, dense, lstm, repeatVector, requestGpu, sequential } from 'lstm-webgpu';
import { standardize, windows } from 'lstm-webgpu/data';

let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;

// A heartbeat with a period of 20 steps. From time to time in the second recording a beat is missing, or comes upside down.
const length = 20;
const reading = (step, factor) => factor * Math.exp(-(((step % length) - 10) ** 2) / 4) + 0.1 * random();
const record = (beats, factorOf) =>
  Float32Array.from({ length: beats * length }, (_, step) => reading(step, factorOf(Math.floor(step / length))));
const isOdd = (beatNumber) => beatNumber % 7 === 3;
const normal = record(60, () => 1);
const mixed = record(70, (index) => (!isOdd(index) ? 1 : index % 2 === 0 ? 0 : -1));

const scale = standardize(normal);
const cut = (series, stride) => windows(scale.apply(series), { length, stride, horizon: 0 }).x; // [windows, steps]

const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [length, 1],
  layers: [
    lstm({ units: 8 }), // the whole window in eight numbers
    repeatVector(length),
    lstm({ units: 16, returnSequences: true }),
    dense({ units: 1 }),
  ],
  seed: 1,
});
model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'meanSquaredError' });
const training = cut(normal, 3);
const { history } = await model.fit(training, training, { epochs: 20 });
console.log(`reconstruction: ${history.loss.at(-1).toFixed(2)} of a variance of 1`);

/** The mean squared error of each window, [windows]. */
async function errorsOf(x) {
  const prediction = await model.predict(x);
  return Array.from({ length: x.shape[0] }, (_, n) => {
    const given = x.data.subarray(n * length, (n + 1) * length);
    return prediction.row(n).reduce((sum, value, step) => sum + (value - given[step]) ** 2, 0) / length;
  });
}
// An anomaly is reconstructed worse than all that is normal. Beside it: what a watch on the range of readings would find.
const threshold = Math.max(...(await errorsOf(cut(normal, 1))));
const errors = await errorsOf(cut(mixed, length));
const [low, high] = [Math.min(...normal), Math.max(...normal)];
const beats = errors.map((error, index) => ({
  isOdd: isOdd(index),
  isFound: error > threshold,
  isBeyond: mixed.subarray(index * length, (index + 1) * length).some((value) => value < low || value > high),
}));
const [odd, others] = [beats.filter((beat) => beat.isOdd), beats.filter((beat) => !beat.isOdd)];
const count = (list, name) => list.filter((beat) => beat[name]).length;
console.log(`found ${count(odd, 'isFound')} of ${odd.length}, by their range alone ${count(odd, 'isBeyond')}`);
console.log(`false alarms ${count(others, 'isFound')} of ${others.length}`);
model.dispose();
gpu.dispose();
