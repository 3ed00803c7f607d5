// Follows many machines from lines such as "pump start", "pump" and "fan stop": npm install FOLDER_OF_LSTM_WEBGPU webgpu,
// then node stream-node.mjs < FILE
import { createInterface } from 'node:readline';
import { lstm, requestGpu, sequential } from 'lstm-webgpu';

const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [null, 2],
  slots: { max: 10_000 }, // one network for that many machines; memory grows with those that are there
  layers: [lstm({ units: 1, stateful: true, returnSequences: true })],
  // Written by hand, gates i, f, c, o: each button overwrites the state, start with 1 and stop with 0.
  weights: [
    { data: [20, -20, 0, 0, 0, -20, 0, 0], shape: [2, 4] },
    { data: [0, 0, 0, 0], shape: [1, 4] },
    [-10, 10, 10, 10],
  ],
});

const streams = new Map();
const answers = [];
for await (const line of createInterface(process.stdin)) {
  const [machine, button] = line.trim().split(/\s+/);
  if (!machine) continue;
  if (!streams.has(machine)) streams.set(machine, model.openStream());
  // Not awaited: lines that come together go to the GPU together, and those of a machine keep their order.
  answers.push({ line, output: streams.get(machine).push([Number(button === 'start'), Number(button === 'stop')]) });
}
for (const { line, output } of answers) console.log(`${line}: ${(await output).data[0] > 0.5 ? 'running' : 'still'}`);
gpu.dispose();
