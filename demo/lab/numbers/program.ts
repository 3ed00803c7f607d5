import { type ForecastPlan, type ForecastSettings, LEARNING_RATE, SEED } from './plan.ts';

/**
 * The program that does what the page does with these settings.
 *
 * @param seriesCode the lines that make `series`, the numbers
 */
export function forecastProgram(seriesCode: string, settings: ForecastSettings, plan: ForecastPlan): string {
  const { memory, season } = settings;
  const code = memory === 'stateful' ? statefulCode(settings, plan) : statelessCode(settings, plan);
  return `import { adam, dense, lstm, requestGpu, sequential } from './lstm-webgpu.js';
import { ${code.helpers} } from './lstm-webgpu-data.js';

${seriesCode}

const training = ${plan.training}; // values to learn from; those after them are forecast
const scale = standardize(series.slice(0, training)); // from the training part alone
const scaled = scale.apply(series).data;

const gpu = await requestGpu();
const model = await sequential(gpu, {
${code.model}
  seed: ${SEED},
});
model.compile({
  optimizer: adam({ learningRate: ${LEARNING_RATE} }),
  loss: 'meanSquaredError',
});
${code.training}

const actual = series.slice(training);
const naive = series.slice(training - ${season}, series.length - ${season});
const errorOf = (values) =>
  actual.reduce((sum, value, n) => sum + Math.abs(values[n] - value), 0) / actual.length;
console.log(\`the network is off by \${errorOf(forecast).toPrecision(4)}\`);
console.log(\`the naive forecast is off by \${errorOf(naive).toPrecision(4)}\`);
model.dispose();
gpu.dispose();
`;
}

/** The parts in which the programs differ. */
interface Parts {
  helpers: string;
  model: string;
  training: string;
}

function statelessCode({ window, units, epochs }: ForecastSettings, { batchSize }: ForecastPlan): Parts {
  return {
    helpers: 'standardize, windows',
    model: `  inputShape: [${window}, 1], // a window of one feature
  layers: [lstm({ units: ${units} }), dense({ units: 1 })],`,
    training: `const { x, y } = windows(scaled.slice(0, training), { length: ${window} });
await model.fit(x, y, { batchSize: ${batchSize}, epochs: ${epochs} });

// One step ahead: each forecast is made from the ${window} true values before it.
const tail = windows(scaled.slice(training - ${window}), { length: ${window} });
const forecast = scale.invert(await model.predict(tail.x)).data;`,
  };
}

function statefulCode({ window, units, epochs }: ForecastSettings, { batchSize, training }: ForecastPlan): Parts {
  return {
    helpers: 'standardize, statefulBatches, windows',
    model: `  inputShape: [${window}, 1], // a piece of the series, of one feature
  batchSize: ${batchSize}, // row i of a batch continues row i of the batch before
  layers: [
    lstm({ units: ${units}, stateful: true, returnSequences: true }),
    dense({ units: 1 }),
  ],`,
    training: `const { x, y, ...order } = statefulBatches([scaled.slice(0, training)], {
  batchSize: ${batchSize},
  timesteps: ${window},
});
await model.fit(x, y, { ...order, epochs: ${epochs} });

// It reads the series from its beginning and says the next value at each step: the last ones are forecasts.
model.resetStates();
const first = (series.length - 1) % ${window};
const pieces = windows(scaled.slice(first), { length: ${window}, stride: ${window} });
const next = await model.predict(pieces.x, { batchSize: 1 });
const forecast = scale.invert(next).data.slice(${training} - series.length);`,
  };
}

/** Lines of a program that hold these numbers. */
export function seriesLines(series: readonly number[]): string {
  const lines: string[] = [];
  for (let first = 0; first < series.length; first += 10)
    lines.push(`  ${series.slice(first, first + 10).join(', ')},`);
  return `const series = [\n${lines.join('\n')}\n];`;
}
