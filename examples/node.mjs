// Trains in Node: npm install FOLDER_OF_LSTM_WEBGPU webgpu, then node node.mjs
import { adam, dense, lstm, requestGpu, sequential } from 'lstm-webgpu';

const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [20, 1], // 20 time steps of one feature
  layers: [lstm({ units: 10 }), dense({ units: 1, activation: 'sigmoid' })],
  seed: 1,
});
model.compile({ optimizer: adam({ learningRate: 0.01 }), loss: 'binaryCrossentropy', metrics: ['accuracy'] });

// Is the first of 20 numbers a one?
const x = Array.from({ length: 200 }, (_, n) => Array.from({ length: 20 }, (_, t) => (t === 0 ? n % 2 : 0)));
const y = x.map(([first]) => first);
const { history } = await model.fit(x, y, { epochs: 20 });
console.log(`accuracy ${history.accuracy.at(-1)} on ${gpu.adapterName}`);
console.log('predictions', (await model.predict(x.slice(0, 2))).toNested());
gpu.dispose();
