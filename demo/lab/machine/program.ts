/** The program that measures the post's update, and says how it is computed. */
export function machineProgram(): string {
  return `import { adam, dense, lstm, requestGpu, sequential } from './lstm-webgpu.js';

const gpu = await requestGpu();
const model = await sequential(gpu, {
  inputShape: [1, 1],
  batchSize: 1,
  layers: [
    lstm({ units: 10, stateful: true }),
    dense({ units: 1, activation: 'sigmoid' }),
  ],
  seed: 1,
});
model.compile({
  optimizer: adam(),
  loss: 'binaryCrossentropy',
  metrics: ['accuracy'],
});

// 100 sequences of 20 numbers. An epoch is 2000 updates.
const x = Array.from({ length: 2000 }, (_, n) => (n % 40 === 0 ? 1 : 0));
const y = Array.from({ length: 2000 }, (_, n) => (n % 40 < 20 ? 1 : 0));
await model.fit(x, y, { resetStates: 20 }); // kernels compile

const begun = performance.now();
let updates = 0;
while (performance.now() - begun < 1000) {
  await model.fit(x, y, { resetStates: 20 });
  updates += 2000;
}
const seconds = (performance.now() - begun) / 1000;
console.log(\`\${gpu.adapterName}: \${Math.round(updates / seconds)} updates a second\`);
console.table(model.explain());
model.dispose();
gpu.dispose();
`;
}
