// Forecasts a noisy curve an hour ahead, beside a naive forecast, and then runs freely on its own predictions.
import { adam, dense, lstm, requestGpu, sequential } from 'lstm-webgpu';
import { standardize, windows } from 'lstm-webgpu/data';

let seed = 1;
const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;

// 40 days of hourly temperatures: a daily wave, a weekly one, and noise of up to half a degree.
const wave = (hour, period) => Math.sin((2 * Math.PI * hour) / period);
const clean = (hour) => 15 + 5 * wave(hour, 24) + 2 * wave(hour, 168);
const series = Array.from({ length: 960 }, (_, hour) => clean(hour) + random() - 0.5);
const split = 720;
const length = 24; // hours that the model sees
const scale = standardize(series.slice(0, split)); // of the training data alone

const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [length, 1],
  layers: [lstm({ units: 16 }), dense({ units: 1 })],
  seed: 1,
});
model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'meanSquaredError' });
const { x, y } = windows(scale.apply(series.slice(0, split)), { length });
await model.fit(x, y, { epochs: 20 });

// An hour ahead. The naive forecast is that nothing changes.
const known = series.slice(split - length);
const actual = series.slice(split);
const { data: ahead } = scale.invert(await model.predict(windows(scale.apply(known), { length }).x));
const naive = series.slice(split - 1, -1);
const errorOf = (forecast) =>
  forecast.reduce((sum, value, hour) => sum + Math.abs(value - actual[hour]), 0) / forecast.length;
console.log(`an hour ahead: error ${errorOf(ahead).toFixed(2)}, naive ${errorOf(naive).toFixed(2)}`);

// Two days on: each prediction becomes the last hour of the next window.
const window = Array.from(scale.apply(series.slice(split - length, split)).data);
const free = [];
for (let hour = 0; hour < 48; hour++) {
  const [next] = (await model.predict(window)).row(0);
  free.push(next);
  window.shift();
  window.push(next);
}
const freeRun = scale.invert(free).data;
const repeated = free.map(() => series[split - 1]);
console.log(`two days on: error ${errorOf(freeRun).toFixed(2)}, naive ${errorOf(repeated).toFixed(2)}`);
model.dispose();
gpu.dispose();
