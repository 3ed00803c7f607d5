import { UNITS } from './plan.ts';

/** The program that lets a thousand streams run, and says how fast. Its network is not trained: streams need only weights. */
export function streamsProgram(): string {
  return `import { lstm, requestGpu, sequential } from './lstm-webgpu.js';

const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [null, 1],
  slots: 1024, // the most streams that are open at once
  layers: [lstm({ units: ${UNITS}, stateful: true, returnSequences: true })],
  seed: 1, // or the weights of a network that was trained
});

const streams = Array.from({ length: 1000 }, () => model.openStream());
const wave = (n, step) => Math.sin(step * (0.2 + n / 2000));
const push = (step) =>
  model.pushAll(streams.map((stream, n) => [stream, wave(n, step)]));
await push(0); // kernels compile

const begun = performance.now();
for (let step = 1; step <= 50; step++) await push(step);
const seconds = (performance.now() - begun) / 1000;
console.log(\`\${Math.round(50_000 / seconds)} pushes a second\`);

// A fork goes on from the same state, a reset stream from zero.
const fork = streams[0].fork();
streams[1].reset();
const [same, copy] = await model.pushAll([
  [streams[0], 0.5],
  [fork, 0.5],
]);
console.log(same.data.every((h, unit) => h === copy.data[unit])); // true

model.dispose();
gpu.dispose();
`;
}
