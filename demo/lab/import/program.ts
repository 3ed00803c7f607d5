import type { Inputs } from './inputs.ts';

/** Where the network of a program comes from: files beside it. */
export interface ProgramFiles {
  model: string;
  /** A file whose weights were put into it afterwards. */
  weights?: string;
}

/** The program that opens the files and predicts from these numbers. */
export function importProgram({ model, weights }: ProgramFiles, isStateful: boolean, { data, shape }: Inputs): string {
  const helpers = weights === undefined ? 'loadModel' : 'loadModel, loadWeights';
  const put = weights === undefined ? '' : `\nawait loadWeights(model, ${JSON.stringify(weights)});`;
  return `import { requestGpu } from './lstm-webgpu.js';
import { ${helpers} } from './lstm-webgpu-formats.js';

const gpu = await requestGpu();
// A file beside this program.
const model = await loadModel(gpu, ${JSON.stringify(model)});${put}
console.log(model.summary());

const x = {
  data: [
${numberLines(data)}
  ],
  shape: [${shape.join(', ')}],
};
const y = await model.predict(x${isStateful ? ', { batchSize: 1 }' : ''});
console.log(\`\${y.data.length} outputs, the last of them \${y.data.at(-1)}\`);
model.dispose();
gpu.dispose();
`;
}

function numberLines(data: Float32Array): string {
  const texts = Array.from(data, shortest);
  const lines = Array.from({ length: Math.ceil(texts.length / 10) }, (_, line) =>
    texts.slice(line * 10, line * 10 + 10).join(', '),
  );
  return lines.map((line) => `    ${line},`).join('\n');
}

/** The shortest decimal that float32 rounds to this number. */
function shortest(value: number): string {
  const decimals = [6, 7, 8].map((digits) => Number(value.toPrecision(digits)));
  return String(decimals.find((decimal) => Math.fround(decimal) === value) ?? Number(value.toPrecision(9)));
}
