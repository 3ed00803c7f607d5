// Follows a machine from its sensors, reading by reading: trained on windows of recordings, it remembers across them.
import { adam, dense, lstm, requestGpu, sequential } from 'lstm-webgpu';
import { statefulBatches } from 'lstm-webgpu/data';

let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;

// Two buttons, start and stop, pressed every 30 readings or so, and a sensor of noise. Is the machine running?
function record(readings) {
  let running = 0;
  const steps = Array.from({ length: readings }, () => {
    const [start, stop] = [random() < 0.033 ? 1 : 0, random() < 0.033 ? 1 : 0];
    if (start !== stop) running = start;
    return { reading: [start, stop, random()], running };
  });
  return { readings: steps.map(({ reading }) => reading), running: steps.map((step) => step.running) };
}
const recordings = Array.from({ length: 16 }, () => record(500));

const batchSize = 8;
const timesteps = 10;
const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [null, 3],
  batchSize,
  layers: [lstm({ units: 12, stateful: true, returnSequences: true }), dense({ units: 1, activation: 'sigmoid' })],
  seed: 1,
});
model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });
const { x, y, ...order } = statefulBatches(
  recordings.map(({ readings }) => readings),
  { batchSize, timesteps, targets: recordings.map(({ running }) => running) },
);
await model.fit(x, y, { ...order, epochs: 6 });

// Live: one machine, one reading at a time. Nothing is kept but the state on the GPU.
model.resetStates();
const live = record(300);
let right = 0;
let rightByWindow = 0;
for (const [now, reading] of live.readings.entries()) {
  const { data } = await model.predictOnBatch([[reading]]);
  if (data[0] > 0.5 === (live.running[now] === 1)) right++;
  // The best that a window of ten readings can tell: the last button in it, or else a guess.
  const pressed = live.readings.slice(Math.max(0, now - 9), now + 1).findLast(([start, stop]) => start !== stop);
  rightByWindow += pressed ? 1 : 0.5;
}
const share = (count) => (count / live.readings.length).toFixed(2);
console.log(`right at ${share(right)} of the readings, by windows of ten alone ${share(rightByWindow)}`);
model.dispose();
gpu.dispose();
